public import RobotInterface
import Foundation

/// Where a fixed camera sees a point of the world.
public struct CameraProjection: Hashable, Codable, Sendable {
    /// In the frame of the state's positions, metres.
    public var position: SIMD3<Double>
    /// From the camera's frame to that frame, w first; the camera looks along −z with y up, as in MuJoCo and OpenGL.
    public var quaternionWXYZ: SIMD4<Double>
    /// Degrees, of the height; images are square.
    public var fieldOfView: Double
    /// How the policy's images lie.
    public var orientation: ImageOrientation

    public init(
        position: SIMD3<Double>, quaternionWXYZ: SIMD4<Double>, fieldOfView: Double, orientation: ImageOrientation
    ) {
        self.position = position
        self.quaternionWXYZ = quaternionWXYZ
        self.fieldOfView = fieldOfView
        self.orientation = orientation
    }

    /// The place of a point in the image, −1…1 along columns and rows in the order they are stored; nil behind the camera
    /// or outside of the image.
    public func place(of point: SIMD3<Double>) -> SIMD2<Double>? {
        // Rᵀ (p − c), by the conjugate of the quaternion
        let q = quaternionWXYZ / (quaternionWXYZ * quaternionWXYZ).sum().squareRoot()
        let (w, u, v) = (q[0], -SIMD3(q[1], q[2], q[3]), point - position)
        let t = 2 * Self.cross(u, v)
        let p = v + w * t + Self.cross(u, t)
        guard p.z < -1e-6 else { return nil }
        let scale = 1 / (-p.z * tan(fieldOfView * .pi / 360))
        let (right, up) = (p.x * scale, p.y * scale)
        guard abs(right) < 1, abs(up) < 1 else { return nil }
        switch orientation {
        case .raw: return SIMD2(right, up)
        case .rotated180: return SIMD2(-right, -up)
        case .upright: return SIMD2(right, -up)
        }
    }

    private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
}
