import Foundation

/// Numbers that are no rotation.
public enum RotationError: Error, Equatable, CustomStringConvertible {
    /// The length is zero or not finite.
    case quaternionLength(Double)
    /// `RᵀR` differs from the identity by `deviation`, or the determinant is negative.
    case notOrthonormal(deviation: Double, determinant: Double)
    /// The axis has no direction.
    case axisLength(Double)

    public var description: String {
        switch self {
        case .quaternionLength(let length):
            "A quaternion of length \(length) has no direction; check which columns it was read from."
        case .notOrthonormal(let deviation, let determinant):
            "The matrix is no rotation: RᵀR is off by \(deviation), the determinant is \(determinant). "
                + "Check for scaling, a mirrored axis or a transposed block."
        case .axisLength(let length):
            "A rotation axis of length \(length) has no direction."
        }
    }
}

/// A rotation in space, an element of SO(3).
///
/// `worldFromHand * vector` takes the coordinates of a vector in the hand's frame to those in the world's.
/// Held as a unit quaternion; products are brought back to unit length to first order, so that errors do not add up.
public struct Rotation: Sendable {
    /// Of unit length; both signs occur.
    let unit: Quaternion

    /// For numbers that are a unit quaternion up to rounding.
    init(unit: Quaternion) { self.unit = unit }

    public static let identity = Rotation(unit: Quaternion(w: 1, vector: .zero))

    /// The rotation of a quaternion of any length but zero.
    ///
    /// - Throws: ``RotationError/quaternionLength(_:)`` when the length is zero or not finite.
    public init(_ quaternion: Quaternion) throws {
        let square = quaternion.w * quaternion.w + quaternion.vector.dot(quaternion.vector)
        guard square.isFinite, square >= .leastNormalMagnitude else {
            throw RotationError.quaternionLength(square.squareRoot())
        }
        let scale = 1 / square.squareRoot()
        unit = Quaternion(w: quaternion.w * scale, vector: quaternion.vector * scale)
    }

    /// The unit quaternion with w ≥ 0.
    public var quaternion: Quaternion { unit.w < 0 ? -unit : unit }

    public static func * (first: Rotation, second: Rotation) -> Rotation {
        let (a, b) = (first.unit, second.unit)
        let w = a.w * b.w - a.vector.dot(b.vector)
        let vector = a.w * b.vector + b.w * a.vector + a.vector.cross(b.vector)

        // back to unit length: one Newton step of 1/√n at n = 1
        let scale = (3 - (w * w + vector.dot(vector))) / 2
        return Rotation(unit: Quaternion(w: w * scale, vector: vector * scale))
    }

    public static func * (rotation: Rotation, v: Vector3) -> Vector3 {
        // v + 2w (u × v) + 2 u × (u × v)
        let u = rotation.unit.vector
        let t = 2 * u.cross(v)
        return v + rotation.unit.w * t + u.cross(t)
    }

    public var inverse: Rotation { Rotation(unit: Quaternion(w: unit.w, vector: -unit.vector)) }

    /// The angle of the rotation that takes one to the other, 0…π.
    public func angle(to other: Rotation) -> Double {
        let difference = inverse * other
        return 2 * atan2(difference.unit.vector.length, abs(difference.unit.w))
    }

    /// The rotation at `fraction` of the shortest way to `other`, at constant speed: `self · exp(f · log(self⁻¹ other))`.
    ///
    /// Fractions outside 0…1 go on along the same circle. At an angle of π both ways are shortest; one is taken.
    public func interpolated(to other: Rotation, fraction: Double) -> Rotation {
        self * Rotation(exponential: fraction * (inverse * other).logarithm)
    }
}
