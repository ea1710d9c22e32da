import Foundation

extension Rotation {
    /// The rotation by `angle` about `axis`, right-handed; the axis may have any length but zero.
    ///
    /// - Throws: ``RotationError/axisLength(_:)`` when the axis has no direction.
    public init(axis: Vector3, angle: Double) throws {
        let length = axis.length
        guard length.isFinite, length >= .leastNormalMagnitude else { throw RotationError.axisLength(length) }
        self.init(unit: Quaternion(w: cos(angle / 2), vector: axis / length * sin(angle / 2)))
    }

    /// The unit axis and the angle 0…π; the identity has the axis x.
    public var axisAngle: (axis: Vector3, angle: Double) {
        let q = quaternion
        let length = q.vector.length
        return length == 0 ? (Vector3(1, 0, 0), 0) : (q.vector / length, 2 * atan2(length, q.w))
    }

    /// Fixed-axis angles as in a URDF: `R = Rz(yaw) · Ry(pitch) · Rx(roll)`.
    public init(roll: Double, pitch: Double, yaw: Double) {
        let (sr, cr) = (sin(roll / 2), cos(roll / 2))
        let (sp, cp) = (sin(pitch / 2), cos(pitch / 2))
        let (sy, cy) = (sin(yaw / 2), cos(yaw / 2))
        self.init(
            unit: Quaternion(
                w: cy * cp * cr + sy * sp * sr,
                vector: Vector3(
                    cy * cp * sr - sy * sp * cr, cy * sp * cr + sy * cp * sr, sy * cp * cr - cy * sp * sr)))
    }

    /// Fixed-axis angles with the pitch in −π/2…π/2.
    ///
    /// At a pitch of ±π/2 only yaw ∓ roll is determined; there the roll is 0.
    public var rollPitchYaw: (roll: Double, pitch: Double, yaw: Double) {
        let m = matrix
        let cosine = hypot(m[0, 0], m[1, 0])
        let pitch = atan2(-m[2, 0], cosine)
        guard cosine > 1e-12 else { return (0, pitch, atan2(-m[0, 1], m[1, 1])) }
        return (atan2(m[2, 1], m[2, 2]), pitch, atan2(m[1, 0], m[0, 0]))
    }

    /// The matrix whose columns are the axes of the inner frame in the outer one.
    public var matrix: Matrix3 {
        let (w, x, y, z) = (unit.w, unit.vector.x, unit.vector.y, unit.vector.z)
        return Matrix3(
            rows: Vector3(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
            Vector3(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
            Vector3(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)))
    }

    /// The rotation of an orthonormal matrix, by the largest of the four quaternion components.
    ///
    /// - Throws: ``RotationError/notOrthonormal(deviation:determinant:)`` when an entry of `RᵀR − I` exceeds `tolerance`
    ///   or the matrix mirrors. Within it, the result is the matrix's rotation up to the deviation.
    /// - Source: Shepperd 1978, Journal of Guidance and Control 1(3).
    public init(matrix m: Matrix3, tolerance: Double = 1e-6) throws {
        let gram = m.transposed * m - .identity
        let deviation = [gram.columns.0, gram.columns.1, gram.columns.2].map { column in
            (0..<3).map { abs(column[$0]) }.reduce(0) { $0 >= $1 ? $0 : $1 }
        }.reduce(0) { $0 >= $1 ? $0 : $1 }
        guard deviation <= tolerance, m.determinant > 0 else {
            throw RotationError.notOrthonormal(deviation: deviation, determinant: m.determinant)
        }

        let (xx, yy, zz) = (m[0, 0], m[1, 1], m[2, 2])
        let candidates = [m.trace, xx - yy - zz, yy - xx - zz, zz - xx - yy]
        let quaternion =
            switch candidates.indices.max(by: { candidates[$0] < candidates[$1] }) {
            case 1:
                Quaternion(
                    w: m[2, 1] - m[1, 2], vector: Vector3(1 + candidates[1], m[0, 1] + m[1, 0], m[0, 2] + m[2, 0]))
            case 2:
                Quaternion(
                    w: m[0, 2] - m[2, 0], vector: Vector3(m[0, 1] + m[1, 0], 1 + candidates[2], m[1, 2] + m[2, 1]))
            case 3:
                Quaternion(
                    w: m[1, 0] - m[0, 1], vector: Vector3(m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], 1 + candidates[3]))
            default:
                Quaternion(
                    w: 1 + candidates[0],
                    vector: Vector3(m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]))
            }
        try self.init(quaternion)
    }
}
