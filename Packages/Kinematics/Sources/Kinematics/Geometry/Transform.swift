/// A rigid motion as a matrix and a vector: what inner loops multiply. ``Pose`` is the value users hold.
struct Transform {
    var rotation: Matrix3
    var translation: Vector3

    @inline(__always) init(rotation: Matrix3, translation: Vector3) {
        self.rotation = rotation
        self.translation = translation
    }

    init(_ pose: Pose) { self.init(rotation: pose.rotation.matrix, translation: pose.translation) }

    static let identity = Transform(rotation: .identity, translation: .zero)

    @inline(__always) static func * (a: Transform, b: Transform) -> Transform {
        Transform(rotation: a.rotation * b.rotation, translation: a.rotation * b.translation + a.translation)
    }

    @inline(__always) static func * (a: Transform, point: Vector3) -> Vector3 { a.rotation * point + a.translation }

    var inverse: Transform {
        let transposed = rotation.transposed
        return Transform(rotation: transposed, translation: -(transposed * translation))
    }

    /// Orthonormal to rounding by construction, so the quaternion needs no check.
    var pose: Pose { Pose(rotation: Rotation(orthonormal: rotation), translation: translation) }
}

extension Rotation {
    /// The rotation of a matrix that is orthonormal to rounding. Source: Shepperd 1978.
    @inline(__always) init(orthonormal m: Matrix3) {
        let (c0, c1, c2) = m.columns
        let (xx, yy, zz) = (c0.x, c1.y, c2.z)
        let trace = xx + yy + zz
        let quaternion: Quaternion
        if trace >= max(xx, max(yy, zz)) {
            quaternion = Quaternion(w: 1 + trace, vector: Vector3(c1.z - c2.y, c2.x - c0.z, c0.y - c1.x))
        } else if xx >= yy && xx >= zz {
            quaternion = Quaternion(w: c1.z - c2.y, vector: Vector3(1 + xx - yy - zz, c1.x + c0.y, c2.x + c0.z))
        } else if yy >= zz {
            quaternion = Quaternion(w: c2.x - c0.z, vector: Vector3(c1.x + c0.y, 1 + yy - xx - zz, c2.y + c1.z))
        } else {
            quaternion = Quaternion(w: c0.y - c1.x, vector: Vector3(c2.x + c0.z, c2.y + c1.z, 1 + zz - xx - yy))
        }
        let square = quaternion.w * quaternion.w + quaternion.vector.dot(quaternion.vector)
        let scale = 1 / square.squareRoot()
        self.init(unit: Quaternion(w: quaternion.w * scale, vector: quaternion.vector * scale))
    }
}
