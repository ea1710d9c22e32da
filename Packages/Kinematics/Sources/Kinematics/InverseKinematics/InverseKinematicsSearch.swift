import Foundation

/// The memory and the loops of one search; used by one thread at a time, for any number of targets of the same frames.
///
/// Nothing is allocated between the start of a run and its result.
final class InverseKinematicsSearch {
    /// What a frame is aimed at in the current run.
    struct Aim {
        var rotation: Matrix3
        var translation: Vector3
        var positionWeights: Vector3
        var rotationWeights: Vector3
        var isUniform: Bool
    }

    let solver: InverseKinematics
    let frames: [RobotModel.Frame]
    let n: Int
    let joints: UnsafeMutablePointer<ModelTree.Joint>
    let poses: UnsafeMutablePointer<Transform>
    /// The joints whose bodies are needed, parents first.
    let order: [Int]
    /// The joints that move each frame.
    let paths: [[Int]]
    let places: [ModelTree.Frame]
    let checker: CollisionChecker?
    let lower: UnsafeMutablePointer<Double>
    let upper: UnsafeMutablePointer<Double>
    let q: UnsafeMutablePointer<Double>
    let trial: UnsafeMutablePointer<Double>
    /// `[6 · frames]`
    let error: UnsafeMutablePointer<Double>
    /// `[n, 6 · frames]`, a joint's column in one piece.
    let jacobian: UnsafeMutablePointer<Double>
    let hessian: UnsafeMutablePointer<Double>
    let factor: UnsafeMutablePointer<Double>
    let gradient: UnsafeMutablePointer<Double>
    let step: UnsafeMutablePointer<Double>
    let held: UnsafeMutablePointer<Double>
    let rows: Int

    var aims: [Aim]
    var respectsLimits = true
    var avoidsCollision = true
    // of the last evaluation
    var positionError = Double.infinity
    var rotationError = Double.infinity
    var collisionDeficit = 0.0

    init(_ solver: InverseKinematics, frames: [RobotModel.Frame]) {
        self.solver = solver
        self.frames = frames
        let model = solver.model
        n = model.coordinateCount
        let jointCount = model.tree.joints.count
        joints = .allocate(capacity: max(jointCount, 1))
        joints.initialize(from: model.tree.joints, count: jointCount)
        poses = .allocate(capacity: max(jointCount, 1))
        poses.initialize(repeating: .identity, count: max(jointCount, 1))
        checker = solver.collision.map { CollisionChecker($0) }
        paths = frames.map { model.joints(moving: $0) }
        order = checker == nil ? Set(paths.flatMap { $0 }).sorted() : Array(0..<jointCount)
        places = frames.map { model.tree.frames[$0.index] }
        rows = 6 * frames.count
        func numbers(_ count: Int) -> UnsafeMutablePointer<Double> {
            let memory = UnsafeMutablePointer<Double>.allocate(capacity: max(count, 1))
            memory.initialize(repeating: 0, count: max(count, 1))
            return memory
        }
        (lower, upper, q, trial) = (numbers(n), numbers(n), numbers(n), numbers(n))
        (error, jacobian) = (numbers(rows), numbers(rows * n))
        (hessian, factor, gradient) = (numbers(n * n), numbers(n * n), numbers(n))
        (step, held) = (numbers(n), numbers(n))
        for i in 0..<n { (lower[i], upper[i]) = (model.coordinates[i].lower, model.coordinates[i].upper) }
        aims = Array(
            repeating: Aim(
                rotation: .identity, translation: .zero, positionWeights: .zero, rotationWeights: .zero,
                isUniform: true), count: frames.count)
    }

    deinit {
        for memory in [lower, upper, q, trial, error, jacobian, hessian, factor, gradient, step, held] {
            memory.deallocate()
        }
        joints.deallocate()
        poses.deallocate()
    }

    // MARK: evaluation

    /// Moves the bodies and measures the errors; the cost is half the sum of squares.
    func evaluate(_ q: UnsafeMutablePointer<Double>) -> Double {
        order.withUnsafeBufferPointer { order in
            for i in order {
                let joint = joints + i
                let value = joint.pointee.multiplier * q[joint.pointee.coordinate] + joint.pointee.offset
                let parent = joint.pointee.parent
                var pose = parent < 0 ? joint.pointee.placement : poses[parent] * joint.pointee.placement
                if joint.pointee.isPrismatic {
                    pose.translation += value * pose.rotation.columns.2
                } else {
                    let (sine, cosine) = sineCosine(value)
                    let (x, y) = (pose.rotation.columns.0, pose.rotation.columns.1)
                    pose.rotation.columns.0 = cosine * x + sine * y
                    pose.rotation.columns.1 = cosine * y - sine * x
                }
                poses[i] = pose
            }
        }
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

    // MARK: derivatives

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

    // MARK: the step

    /// Solves `(H + λI) δ = g` over the joints that no limit holds, by Cholesky. False when it is not definite.
    func solveStep(_ lambda: Double) -> Bool {
        for i in 0..<n {
            let g = gradient[i]
            let isHeld = respectsLimits && ((q[i] <= lower[i] && g < 0) || (q[i] >= upper[i] && g > 0))
            let row = factor + i * n
            if isHeld {
                for j in 0..<i { row[j] = 0 }
                row[i] = 1
                step[i] = 0
                // the columns below are cleared when their rows are copied
            } else {
                for j in 0...i { row[j] = hessian[i * n + j] }
                row[i] += lambda
                step[i] = g
            }
            held[i] = isHeld ? 1 : 0
        }
        for i in 0..<n where held[i] == 1 { for k in (i + 1)..<max(n, i + 1) { factor[k * n + i] = 0 } }

        for i in 0..<n {
            let a = factor + i * n
            for j in 0..<i {
                let b = factor + j * n
                var sum = a[j]
                for k in 0..<j { sum -= a[k] * b[k] }
                a[j] = sum * b[j]
            }
            var diagonal = a[i]
            for k in 0..<i { diagonal -= a[k] * a[k] }
            guard diagonal > 1e-300 else { return false }
            // the reciprocal, which is all that is needed
            a[i] = 1 / diagonal.squareRoot()
        }
        for i in 0..<n {
            let a = factor + i * n
            var sum = step[i]
            for k in 0..<i { sum -= a[k] * step[k] }
            step[i] = sum * a[i]
        }
        for i in stride(from: n - 1, through: 0, by: -1) {
            var sum = step[i]
            for k in (i + 1)..<max(n, i + 1) { sum -= factor[k * n + i] * step[k] }
            step[i] = sum * factor[i * n + i]
        }
        return true
    }

    /// `q + δ` within the limits; a step is no longer than half a radian.
    func applyStep(scale cap: Double = 0.5) {
        var largest = 0.0
        for i in 0..<n { largest = max(largest, abs(step[i])) }
        let scale = largest > cap ? cap / largest : 1
        for i in 0..<n {
            let value = q[i] + scale * step[i]
            trial[i] = respectsLimits ? min(max(value, lower[i]), upper[i]) : value
        }
    }
}
