import Foundation

extension InverseKinematicsSearch {
    /// Moves the bodies and measures the errors; the cost is half the sum of squares.
    func evaluate(_ q: UnsafeMutablePointer<Double>) -> Double {
        for i in order { poses[i] = (joints + i).moved(by: q, among: poses) }
        var cost = 0.0
        (positionError, rotationError) = (0, 0)
        for t in aims.indices {
            let (e, r, p, angle) = poseError(t)
            positionError = max(positionError, p)
            rotationError = max(rotationError, angle)
            let o = error + 6 * t
            (o[0], o[1], o[2], o[3], o[4], o[5]) = (e.x, e.y, e.z, r.x, r.y, r.z)
            cost += e.dot(e) + r.dot(r)
        }
        collisionDeficit = 0
        if avoidsCollision, let checker {
            checker.update(poses)
            checker.findViolations()
            for violation in checker.violations {
                collisionDeficit = max(collisionDeficit, violation.depth)
                cost += Self.collisionWeight * violation.deficit * violation.deficit
            }
        }
        return cost / 2
    }

    static let collisionWeight = 4.0

    @inline(__always)
    func frameTransform(_ t: Int) -> Transform {
        let place = places[t]
        return place.body < 0 ? place.placement : poses[place.body] * place.placement
    }

    /// The weighted errors along and about the target's axes, and their sizes along directions that count.
    @inline(__always)
    private func poseError(_ t: Int) -> (position: Vector3, rotation: Vector3, distance: Double, angle: Double) {
        let transform = frameTransform(t)
        let aim = aims[t]
        var position = aim.translation - transform.translation
        var rotation = Self.rotationVector(transform.rotation, aim.rotation)
        if aim.isUniform { return (position, rotation, position.length, rotation.length) }
        position = aim.rotation.transposedTimes(position)
        let one = Vector3(1, 1, 1)
        let counts = (
            one.replacing(with: 0, where: aim.positionWeights .== 0),
            one.replacing(with: 0, where: aim.rotationWeights .== 0)
        )
        let sizes = ((counts.0 * position).length, (counts.1 * rotation).length)
        position *= aim.positionWeights
        rotation *= aim.rotationWeights
        return (position, rotation, sizes.0, sizes.1)
    }

    /// `log(Rᵀ G)`
    @inline(__always)
    static func rotationVector(_ r: Matrix3, _ g: Matrix3) -> Vector3 {
        let relative = Matrix3(
            columns: r.transposedTimes(g.columns.0), r.transposedTimes(g.columns.1), r.transposedTimes(g.columns.2))
        // near the identity the quaternion needs no case: w is the largest
        let trace = relative.columns.0.x + relative.columns.1.y + relative.columns.2.z
        guard trace > 0 else { return Rotation(orthonormal: relative).logarithm }
        let w2 = (1 + trace).squareRoot()
        let scale = 0.5 / w2
        let v =
            scale
            * Vector3(
                relative.columns.1.z - relative.columns.2.y, relative.columns.2.x - relative.columns.0.z,
                relative.columns.0.y - relative.columns.1.x)
        let length = v.length
        if length < 1e-8 { return 2 * v }
        return (2 * atan2(length, w2 / 2) / length) * v
    }

    /// The Jacobian of every frame's error at the evaluated posture, `JᵀJ` in the lower half, and `Jᵀe`.
    func linearize() {
        jacobian.update(repeating: 0, count: rows * n)
        for t in aims.indices {
            let aim = aims[t]
            let transform = frameTransform(t)
            let o = error + 6 * t
            // rows about the target's axes; of a uniform target, about the base's and the frame's
            let inverse =
                aim.isUniform
                ? Rotation.leftJacobianInverse(Vector3(o[3], o[4], o[5]))
                : Rotation.leftJacobianInverse(Self.rotationVector(transform.rotation, aim.rotation))
            let b = inverse * transform.rotation.transposed
            for i in paths[t] {
                let joint = joints + i
                let z = poses[i].rotation.columns.2
                var linear = z
                var angular = Vector3.zero
                if !joint.pointee.isPrismatic {
                    linear = z.cross(transform.translation - poses[i].translation)
                    angular = b * z
                }
                if !aim.isUniform {
                    linear = aim.positionWeights * aim.rotation.transposedTimes(linear)
                    angular *= aim.rotationWeights
                }
                let m = joint.pointee.multiplier
                let c = jacobian + joint.pointee.coordinate * rows + 6 * t
                c[0] += m * linear.x
                c[1] += m * linear.y
                c[2] += m * linear.z
                c[3] += m * angular.x
                c[4] += m * angular.y
                c[5] += m * angular.z
            }
        }

        for i in 0..<n {
            let a = jacobian + i * rows
            var sum = 0.0
            for k in 0..<rows { sum += a[k] * error[k] }
            gradient[i] = sum
            for j in 0...i {
                let b = jacobian + j * rows
                var product = 0.0
                for k in 0..<rows { product += a[k] * b[k] }
                hessian[i * n + j] = product
            }
        }
        if avoidsCollision, let checker { addCollisionRows(checker) }
    }

    /// A row for each pair that is too close: its distance shall grow by the deficit.
    private func addCollisionRows(_ checker: CollisionChecker) {
        let row = factor
        for violation in checker.violations {
            row.update(repeating: 0, count: n)
            addMotion(of: violation.bodyA, at: violation.pointA, along: violation.normal, to: row)
            addMotion(of: violation.bodyB, at: violation.pointB, along: -violation.normal, to: row)
            for i in 0..<n where row[i] != 0 {
                gradient[i] += Self.collisionWeight * row[i] * violation.deficit
                for j in 0...i { hessian[i * n + j] += Self.collisionWeight * row[i] * row[j] }
            }
        }
    }

    private func addMotion(of body: Int, at point: Vector3, along normal: Vector3, to row: UnsafeMutablePointer<Double>)
    {
        var i = body
        while i >= 0 {
            let joint = joints + i
            let z = poses[i].rotation.columns.2
            let motion = joint.pointee.isPrismatic ? z : z.cross(point - poses[i].translation)
            row[joint.pointee.coordinate] += joint.pointee.multiplier * normal.dot(motion)
            i = joint.pointee.parent
        }
    }
}
