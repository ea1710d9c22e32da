import Foundation

/// Orientations between the forms that are mixed up.
enum Rotations {
    /// x, y, z, w of robosuite's axis times angle, whose angle lies in 0…2π: the quaternion it was made from, to the sign.
    static func quaternion(axisAngle v: SIMD3<Double>) -> SIMD4<Double> {
        let angle = (v * v).sum().squareRoot()
        guard angle > 1e-12 else { return SIMD4(0, 0, 0, 1) }
        let s = sin(angle / 2) / angle
        return SIMD4(v.x * s, v.y * s, v.z * s, cos(angle / 2))
    }

    /// robosuite's axis times angle, of x, y, z, w as they are.
    static func axisAngle(_ q: SIMD4<Double>) -> SIMD3<Double> {
        let w = min(max(q.w, -1), 1)
        let d = (1 - w * w).squareRoot()
        return d == 0 ? .zero : SIMD3(q.x, q.y, q.z) * (2 * acos(w)) / d
    }

    /// Roll, pitch and yaw about fixed axes.
    static func rollPitchYaw(_ q: SIMD4<Double>) -> SIMD3<Double> {
        let roll = atan2(2 * (q.w * q.x + q.y * q.z), 1 - 2 * (q.x * q.x + q.y * q.y))
        let pitch = asin(min(max(2 * (q.w * q.y - q.z * q.x), -1), 1))
        let yaw = atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))
        return SIMD3(roll, pitch, yaw)
    }

    /// The quaternion x, y, z, w of angles about fixed axes.
    static func quaternion(rollPitchYaw a: SIMD3<Double>) -> SIMD4<Double> {
        let (cr, sr) = (cos(a.x / 2), sin(a.x / 2))
        let (cp, sp) = (cos(a.y / 2), sin(a.y / 2))
        let (cy, sy) = (cos(a.z / 2), sin(a.z / 2))
        return SIMD4(
            sr * cp * cy - cr * sp * sy, cr * sp * cy + sr * cp * sy, cr * cp * sy - sr * sp * cy,
            cr * cp * cy + sr * sp * sy)
    }

    /// w, x, y, z taken for x, y, z, w.
    static func wFirst(_ q: SIMD4<Double>) -> SIMD4<Double> { SIMD4(q.w, q.x, q.y, q.z) }
    /// The reverse: what stood first is w.
    static func wLast(_ q: SIMD4<Double>) -> SIMD4<Double> { SIMD4(q.y, q.z, q.w, q.x) }

    /// Of q and −q, which are the same orientation and other axis-angles, the one nearer to a usual axis-angle.
    static func axisAngle(_ q: SIMD4<Double>, near usual: SIMD3<Double>) -> SIMD3<Double> {
        let (a, b) = (axisAngle(q), axisAngle(-q))
        let (x, y) = (a - usual, b - usual)
        return (x * x).sum() <= (y * y).sum() ? a : b
    }
}
