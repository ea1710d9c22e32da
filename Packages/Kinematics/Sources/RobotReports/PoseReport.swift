import FileSupport
public import Kinematics

/// A pose as reports have it.
public struct PoseReport: Codable, Hashable, Sendable {
    /// Metres.
    public var xyz: [Double]
    /// Unit, w first.
    public var quaternionWXYZ: [Double]
    /// Roll, pitch, yaw about fixed axes, in degrees.
    public var rpyDegrees: [Double]

    public init(_ pose: Pose) {
        let (p, q, angles) = (pose.translation, pose.rotation.quaternion, pose.rotation.rollPitchYaw)
        xyz = [p.x, p.y, p.z]
        quaternionWXYZ = [q.w, q.vector.x, q.vector.y, q.vector.z]
        rpyDegrees = [angles.roll, angles.pitch, angles.yaw].map { $0 * 180 / .pi }
    }

    /// `[x, y, z, qw, qx, qy, qz]`.
    public var values: [Double] { xyz + quaternionWXYZ }

    public var text: String {
        "xyz \(numbers(xyz, "%.6f")) m   rpy \(numbers(rpyDegrees, "%.4f"))°   wxyz \(numbers(quaternionWXYZ, "%.6f"))"
    }
}

/// Numbers in one format.
func numbers(_ values: [Double], _ format: String) -> String { NumberText.joined(values, format) }
