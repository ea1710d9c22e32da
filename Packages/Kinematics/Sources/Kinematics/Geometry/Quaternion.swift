import Foundation

/// In which order four numbers hold a quaternion.
///
/// MuJoCo and cuRobo write w, x, y, z; ROS, SciPy and robosuite's observations x, y, z, w. Nothing in the numbers
/// tells which, so every place that takes or gives them says it.
public enum QuaternionOrder: String, CaseIterable, Sendable {
    case wxyz, xyzw
}

/// Four numbers as they are recorded, of any length and sign; a ``Rotation`` is made from one.
public struct Quaternion: Equatable, Sendable {
    public var w: Double
    /// The vector part: x, y, z.
    public var vector: Vector3

    public init(w: Double, vector: Vector3) {
        self.w = w
        self.vector = vector
    }

    /// Reads four numbers in the order their source has them.
    public init(_ values: SIMD4<Double>, order: QuaternionOrder) {
        switch order {
        case .wxyz: self.init(w: values[0], vector: Vector3(values[1], values[2], values[3]))
        case .xyzw: self.init(w: values[3], vector: Vector3(values[0], values[1], values[2]))
        }
    }

    /// The four numbers in the order asked for.
    public func values(order: QuaternionOrder) -> SIMD4<Double> {
        switch order {
        case .wxyz: SIMD4(w, vector.x, vector.y, vector.z)
        case .xyzw: SIMD4(vector.x, vector.y, vector.z, w)
        }
    }

    public static prefix func - (q: Quaternion) -> Quaternion { Quaternion(w: -q.w, vector: -q.vector) }

    /// The rotation vector in LIBERO's states: neither normalized nor brought to the shorter way round.
    ///
    ///     w = clip(w, −1, 1);  d = √(1 − w²);  0 where d = 0, else (x, y, z) · 2 acos(w) / d
    ///
    /// The angle runs over [0, 2π), so states near "gripper down" are continuous around π. A state built another way
    /// (``Rotation/logarithm``, Euler angles) is out of the distribution a policy was trained on.
    /// Source: robosuite 1.4, `transform_utils.quat2axisangle`.
    public var robosuiteAxisAngle: Vector3 {
        let w = min(max(w, -1), 1)
        let d = (1 - w * w).squareRoot()
        return d == 0 ? .zero : vector * (2 * acos(w)) / d
    }
}
