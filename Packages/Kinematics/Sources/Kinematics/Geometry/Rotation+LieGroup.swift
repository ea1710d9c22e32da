import Foundation

extension Rotation {
    /// The rotation by `|ω|` about `ω`: `exp(ω) = I + sin θ/θ · K + (1 − cos θ)/θ² · K²` with `K = skew(ω)`.
    public init(exponential omega: Vector3) {
        let angle = omega.length
        self.init(unit: Quaternion(w: cos(angle / 2), vector: omega * (LieSeries.sinc(angle / 2) / 2)))
    }

    /// The rotation vector of the shorter way round, `|ω| ≤ π`: the inverse of ``init(exponential:)``.
    ///
    ///     ω = 2 atan2(|v|, w) / |v| · v        v, w: the quaternion with w ≥ 0
    ///
    /// Accurate near 0 and near π, where `acos` of the trace loses half the digits. At π either sign of the axis
    /// is a logarithm; one is returned.
    public var logarithm: Vector3 {
        let q = quaternion
        let square = q.vector.dot(q.vector)
        let length = square.squareRoot()
        let factor = length < 1e-10 ? 2 / q.w * (1 - square / (3 * q.w * q.w)) : 2 * atan2(length, q.w) / length
        return factor * q.vector
    }

    /// The left Jacobian: `exp(ω + δ) ≈ exp(J δ) exp(ω)`.
    ///
    ///     J = I + (1 − cos θ)/θ² · K + (θ − sin θ)/θ³ · K²        θ = |ω|, K = skew(ω)
    public static func leftJacobian(_ omega: Vector3) -> Matrix3 {
        let (angle, k) = (omega.length, Matrix3(skew: omega))
        return .identity + LieSeries.versine(angle) * k + LieSeries.cubic(angle) * (k * k)
    }

    /// The right Jacobian: `exp(ω + δ) ≈ exp(ω) exp(J δ)`; the left one of `−ω`.
    public static func rightJacobian(_ omega: Vector3) -> Matrix3 { leftJacobian(-omega) }

    /// The inverse of ``leftJacobian(_:)``: `I − K/2 + (1/θ² − (1 + cos θ)/(2θ sin θ)) · K²`.
    ///
    /// Defined for `|ω| < 2π`.
    public static func leftJacobianInverse(_ omega: Vector3) -> Matrix3 {
        let (angle, k) = (omega.length, Matrix3(skew: omega))
        precondition(angle < 2 * .pi, "leftJacobianInverse: no inverse from an angle of 2π on, here \(angle)")
        return .identity - 0.5 * k + LieSeries.inverseJacobian(angle) * (k * k)
    }

    /// The inverse of ``rightJacobian(_:)``; the left one of `−ω`.
    public static func rightJacobianInverse(_ omega: Vector3) -> Matrix3 { leftJacobianInverse(-omega) }
}
