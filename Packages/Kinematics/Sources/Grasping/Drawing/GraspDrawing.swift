import Foundation
public import ImageProcessing
import Kinematics

/// An image of a cloud with grippers drawn into it, from the camera's side and from the right.
///
/// Points are shaded by depth, nearer ones brighter; grippers are lines, the best green, the worst red. Lines hide what is
/// behind them.
public struct GraspDrawing: Sendable {
    public var width = 640
    public var height = 480
    /// Side of the square that a point fills; pixels.
    public var pointSize = 2
    public var shape = GripperShape()
    /// Grippers drawn at most.
    public var graspCount = 20

    public init() {}

    /// Both views side by side.
    ///
    /// - Parameters:
    ///   - cloud: In the frame of `grasps`, z away from the viewer and y down as in a camera's frame.
    ///   - colors: One for each point; shades of grey if nil.
    ///   - grasps: The best first.
    public func image(of cloud: PointCloud, colors: [SIMD3<UInt8>]? = nil, grasps: GraspGroup) -> RGBImage {
        precondition(colors?.count ?? cloud.count == cloud.count, "GraspDrawing: colors of another count")
        var canvas = Canvas(width: 2 * width, height: height)
        let front = Matrix3.identity
        // looking along -x, then down by 30°
        let side = Matrix3(rows: Vector3(0, 0, 1), Vector3(0, 1, 0), Vector3(-1, 0, 0))
        let lower = Matrix3(
            rows: Vector3(1, 0, 0), Vector3(0, cos(0.5), sin(0.5)), Vector3(0, -sin(0.5), cos(0.5)))
        for (panel, view) in [front, lower * side].enumerated() {
            draw(cloud, colors, GraspGroup(grasps.prefix(graspCount)), view, panel, into: &canvas)
        }
        return canvas.image
    }

    private func draw(
        _ cloud: PointCloud, _ colors: [SIMD3<UInt8>]?, _ grasps: GraspGroup, _ view: Matrix3, _ panel: Int,
        into canvas: inout Canvas
    ) {
        let points = cloud.points.map { view * $0 }
        let segments = grasps.map { shape.segments(at: $0).map { (view * $0.0, view * $0.1) } }
        // outliers of the cloud do not shrink the rest
        let ends = segments.flatMap { $0 }.flatMap { [$0.0, $0.1] }
        func range(_ axis: Int) -> (Double, Double) {
            let sorted = points.map { $0[axis] }.sorted()
            guard !sorted.isEmpty else { return (-0.1, 0.1) }
            let cut = sorted.count / 200
            let (low, high) = (sorted[cut], sorted[sorted.count - 1 - cut])
            return (
                min(low, ends.map { $0[axis] }.min() ?? low), max(high, ends.map { $0[axis] }.max() ?? high)
            )
        }
        let (x, y, z) = (range(0), range(1), range(2))
        let scale = 0.94 * min(Double(width) / max(x.1 - x.0, 1e-6), Double(height) / max(y.1 - y.0, 1e-6))
        let center = SIMD2((x.0 + x.1) / 2, (y.0 + y.1) / 2)
        func pixel(_ p: Vector3) -> SIMD2<Double> {
            SIMD2(
                Double(panel * width + width / 2) + scale * (p.x - center.x),
                Double(height / 2) + scale * (p.y - center.y))
        }
        let columns = panel * width..<(panel + 1) * width
        for (index, p) in points.enumerated() {
            let shade = UInt8(min(max(215 - 150 * (p.z - z.0) / max(z.1 - z.0, 1e-6), 40), 235))
            canvas.square(
                pixel(p), depth: p.z, size: pointSize, color: colors?[index] ?? SIMD3(repeating: shade), in: columns)
        }
        for (index, lines) in segments.enumerated().reversed() {
            let share = segments.count > 1 ? Double(index) / Double(segments.count - 1) : 0
            let color = SIMD3<UInt8>(UInt8(40 + 190 * share), UInt8(190 - 140 * share), 60)
            for (a, b) in lines {
                let (from, to) = (pixel(a), pixel(b))
                let length = max(abs(to.x - from.x), abs(to.y - from.y))
                let count = max(2, min(Int(length) + 1, 4 * width))
                for k in 0...count {
                    let t = Double(k) / Double(count)
                    // over the points they touch
                    canvas.square(
                        from + t * (to - from), depth: a.z + t * (b.z - a.z) - 0.02, size: 2, color: color, in: columns)
                }
            }
        }
    }

    /// Pixels with the depth of what they show.
    private struct Canvas {
        var image: RGBImage
        var depths: [Double]

        init(width: Int, height: Int) {
            image = RGBImage(width: width, height: height, color: SIMD3(repeating: 255))
            depths = [Double](repeating: .infinity, count: width * height)
        }

        mutating func square(
            _ place: SIMD2<Double>, depth: Double, size: Int, color: SIMD3<UInt8>, in columns: Range<Int>
        ) {
            guard abs(place.x) < 1e6, abs(place.y) < 1e6 else { return }
            let (left, top) = (Int(place.x) - size / 2, Int(place.y) - size / 2)
            for y in max(0, top)..<max(max(0, top), min(image.height, top + size)) {
                let first = max(columns.lowerBound, left)
                for x in first..<max(first, min(columns.upperBound, left + size)) {
                    guard depth < depths[y * image.width + x] else { continue }
                    depths[y * image.width + x] = depth
                    image[x, y] = color
                }
            }
        }
    }
}
