public import Kinematics

/// Distances along the camera's axis, row by row from the top; metres, 0 where there is none.
public struct DepthImage: Equatable, Sendable {
    public let width: Int
    public let height: Int
    public var values: [Double]

    /// Traps unless there are `width · height` values.
    public init(width: Int, height: Int, values: [Double]) {
        precondition(values.count == width * height, "DepthImage: \(values.count) values for \(width) × \(height)")
        (self.width, self.height, self.values) = (width, height, values)
    }

    /// Distances from a depth buffer of OpenGL, values 0…1: `z = near / (1 - d (1 - near/far))`; 1 is nothing.
    ///
    /// `near` and `far` in metres: MuJoCo's `vis.map.znear` and `zfar` times `stat.extent`.
    public init(width: Int, height: Int, buffer: [Float], near: Double, far: Double) {
        self.init(
            width: width, height: height,
            values: buffer.map { $0 >= 1 ? 0 : near / (1 - Double($0) * (1 - near / far)) })
    }

    public subscript(column u: Int, row v: Int) -> Double {
        get { values[v * width + u] }
        set { values[v * width + u] = newValue }
    }

    /// The points of the pixels that have a depth, row by row.
    ///
    /// - Parameters:
    ///   - camera: Must have the image's size; traps otherwise.
    ///   - mask: Which pixels to take, row by row; all of them if nil.
    public func pointCloud(_ camera: PinholeCamera, mask: [Bool]? = nil) -> PointCloud {
        PointCloud(pixelsAndPoints(camera, mask: mask).map(\.point))
    }

    /// The index of each pixel that has a depth, with its point.
    public func pixelsAndPoints(
        _ camera: PinholeCamera, mask: [Bool]? = nil
    ) -> [(pixel: Int, point: Vector3)] {
        precondition(
            camera.width == width && camera.height == height,
            "DepthImage: \(width) × \(height) pixels, the camera has \(camera.width) × \(camera.height)")
        precondition(
            mask?.count ?? values.count == values.count, "DepthImage: a mask of another size than \(width) × \(height)")
        var result: [(Int, Vector3)] = []
        result.reserveCapacity(values.count)
        for v in 0..<height {
            for u in 0..<width {
                let z = values[v * width + u]
                guard z > 0, z.isFinite, mask?[v * width + u] ?? true else { continue }
                result.append((v * width + u, camera.point(column: Double(u), row: Double(v), depth: z)))
            }
        }
        return result
    }

    /// The median of the depths that are there; nil without any.
    public var median: Double? {
        let valid = values.filter { $0 > 0 && $0.isFinite }.sorted()
        return valid.isEmpty ? nil : valid[valid.count / 2]
    }
}
