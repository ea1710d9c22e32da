import Foundation
import ImageProcessing
import Kinematics

/// Draws a robot's skeleton and spheres, the obstacles' spheres of influence left out, and the way of a frame.
struct RobotScene {
    let model: RobotModel
    let collision: CollisionModel?
    let frame: RobotModel.Frame
    let trajectory: JointTrajectory
    let poses: [Pose]
    /// Columns and rows of an image.
    let size = 360

    private let center: Vector3
    /// Pixels of a metre at twice the size.
    private let scale: Double
    /// The image's axes in the base: to the right, up, and towards the eye.
    private let right: Vector3
    private let up: Vector3
    private let toEye: Vector3

    init(
        model: RobotModel, collision: CollisionModel?, frame: RobotModel.Frame, trajectory: JointTrajectory,
        poses: [Pose]
    ) {
        self.model = model
        self.collision = collision
        self.frame = frame
        self.trajectory = trajectory
        self.poses = poses
        toEye = Vector3(0.75, -1, 0.55) / Vector3(0.75, -1, 0.55).length
        right = Vector3(0, 0, 1).cross(toEye) / Vector3(0, 0, 1).cross(toEye).length
        up = toEye.cross(right)

        // everything the arm touches at the start, in the middle and at the end fits in
        var (low, high) = (Vector3(0, 0, 0), Vector3(0.05, 0.05, 0.05))
        let state = model.makeState()
        for index in [0, trajectory.states.count / 2, trajectory.states.count - 1] {
            state.update(trajectory.states[index].positions)
            for name in model.frameNames {
                guard let frame = try? model.frame(name) else { continue }
                low = pointwiseMin(low, state.position(of: frame))
                high = pointwiseMax(high, state.position(of: frame))
            }
        }
        center = (low + high) / 2
        scale = 1.5 * Double(size) / max((high - low).length, 0.2)
    }

    /// The image at a share of the motion.
    func image(at share: Double) -> RGBImage {
        let index = min(Int((share * Double(trajectory.states.count - 1)).rounded()), trajectory.states.count - 1)
        var canvas = DepthCanvas(size: 2 * size)
        drawGround(&canvas)
        let state = model.makeState()
        state.update(trajectory.states[index].positions)

        // the way of the frame, gone and to come
        let step = max(poses.count / 150, 1)
        for k in stride(from: 0, to: poses.count - step, by: step) {
            let color: SIMD3<Double> = k < index ? [0.85, 0.2, 0.25] : [0.65, 0.65, 0.7]
            line(poses[k].translation, poses[k + step].translation, width: 0.004, color, &canvas)
        }
        drawSkeleton(state, &canvas)
        if let collision {
            let checker = collision.makeChecker()
            checker.update(state)
            for (i, sphere) in collision.spheres.enumerated() where sphere.radius > 0 {
                ball(checker.center(i), sphere.radius, [0.42, 0.6, 0.78], &canvas)
            }
        }
        let tip = state.position(of: frame)
        ball(tip + 0.05 * toEye, 0.008, [0.9, 0.25, 0.2], &canvas)
        return canvas.image
    }

    private func drawGround(_ canvas: inout DepthCanvas) {
        for k in -6...6 {
            let offset = 0.1 * Double(k)
            line(Vector3(offset, -0.6, 0), Vector3(offset, 0.6, 0), width: 0.0015, [0.8, 0.8, 0.82], &canvas)
            line(Vector3(-0.6, offset, 0), Vector3(0.6, offset, 0), width: 0.0015, [0.8, 0.8, 0.82], &canvas)
        }
    }

    /// From joint to joint, and on to the frame.
    private func drawSkeleton(_ state: RobotState, _ canvas: inout DepthCanvas) {
        var last = Vector3.zero
        let path = model.joints(moving: frame).compactMap { joint -> Vector3? in
            let name = model.jointNames[joint]
            guard let child = model.description.joint(name)?.child, let frame = try? model.frame(child) else {
                return nil
            }
            return state.position(of: frame)
        }
        for point in path + [state.position(of: frame)] {
            line(last, point, width: 0.014, [0.95, 0.6, 0.2], &canvas)
            ball(point, 0.018, [0.3, 0.3, 0.35], &canvas)
            last = point
        }
    }

    private func project(_ p: Vector3) -> (x: Double, y: Double, depth: Double) {
        let d = p - center
        return (Double(size) + scale * d.dot(right), Double(size) - scale * d.dot(up), scale * d.dot(toEye))
    }

    private func ball(_ p: Vector3, _ radius: Double, _ color: SIMD3<Double>, _ canvas: inout DepthCanvas) {
        let (x, y, depth) = project(p)
        canvas.ball(x, y, depth, radius: radius * scale, color)
    }

    private func line(
        _ a: Vector3, _ b: Vector3, width: Double, _ color: SIMD3<Double>, _ canvas: inout DepthCanvas
    ) {
        let (p, q) = (project(a), project(b))
        let count = max(Int(max(abs(q.x - p.x), abs(q.y - p.y)) / max(width * scale / 2, 1)), 1)
        for k in 0...count {
            let t = Double(k) / Double(count)
            canvas.ball(
                p.x + t * (q.x - p.x), p.y + t * (q.y - p.y), p.depth + t * (q.depth - p.depth),
                radius: max(width * scale, 1), color)
        }
    }
}

/// A square of pixels with depths: nearer balls hide those behind.
private struct DepthCanvas {
    private let size: Int
    private var depths: [Float]
    private var colors: [SIMD3<Float>]

    init(size: Int) {
        self.size = size
        depths = [Float](repeating: -.infinity, count: size * size)
        colors = [SIMD3<Float>](repeating: SIMD3(0.97, 0.97, 0.98), count: size * size)
    }

    /// A ball lit from the upper left.
    mutating func ball(_ x: Double, _ y: Double, _ depth: Double, radius: Double, _ color: SIMD3<Double>) {
        guard x.isFinite, y.isFinite, x > -1e4, x < 1e4, y > -1e4, y < 1e4 else { return }
        let base = SIMD3<Float>(Float(color.x), Float(color.y), Float(color.z))
        func span(_ middle: Double) -> Range<Int> {
            let low = min(max(Int(middle - radius), 0), size)
            return low..<max(min(Int(middle + radius) + 2, size), low)
        }
        for row in span(y) {
            for column in span(x) {
                let (dx, dy) = ((Double(column) + 0.5 - x) / radius, (Double(row) + 0.5 - y) / radius)
                let square = dx * dx + dy * dy
                guard square <= 1 else { continue }
                let height = (1 - square).squareRoot()
                let z = Float(depth + radius * height)
                let index = row * size + column
                guard z > depths[index] else { continue }
                depths[index] = z
                let light = Float(0.45 + 0.55 * max(-0.4 * dx - 0.55 * dy + 0.73 * height, 0))
                colors[index] = base * light
            }
        }
    }

    /// Half the size, four pixels to one.
    var image: RGBImage {
        var image = RGBImage(width: size / 2, height: size / 2)
        for y in 0..<size / 2 {
            for x in 0..<size / 2 {
                let i = 2 * y * size + 2 * x
                let sum = colors[i] + colors[i + 1] + colors[i + size] + colors[i + size + 1]
                let value = (sum * 63.75).clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 255))
                image[x, y] = SIMD3<UInt8>(UInt8(value.x), UInt8(value.y), UInt8(value.z))
            }
        }
        return image
    }
}
