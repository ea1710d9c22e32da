extension RobotState {
    /// The accelerations that these torques cause: `q̈ = M⁻¹ (τ − C q̇ − g)`.
    public func forwardDynamics(velocities: [Double], torques: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: model.coordinateCount)
        forwardDynamics(velocities: velocities, torques: torques, into: &result)
        return result
    }

    /// As above, into an array of the right length; without allocating unless joints follow others.
    ///
    /// The articulated-body algorithm in the axes and about the origin of the base, so that inertias and forces pass
    /// from body to body without being transformed. With joints that follow others, which it cannot have, the mass
    /// matrix is solved instead. Source: Featherstone 2008, chapter 7.
    public func forwardDynamics(velocities: [Double], torques: [Double], into accelerations: inout [Double]) {
        let n = model.coordinateCount
        precondition(
            velocities.count == n && torques.count == n && accelerations.count == n,
            "forwardDynamics: \(velocities.count) velocities, \(torques.count) torques for \(n) coordinates")
        guard model.tree.isPlain else {
            let bias = biasTorques(velocities: velocities)
            let right = Matrix(rowCount: n, columnCount: 1, elements: (0..<n).map { torques[$0] - bias[$0] })
            guard let solution = massMatrix().solution(of: right) else {
                preconditionFailure("forwardDynamics: the mass matrix is singular; a moving link has no mass")
            }
            accelerations = solution.elements
            return
        }
        velocities.withUnsafeBufferPointer { v in
            torques.withUnsafeBufferPointer { t in
                accelerations.withUnsafeMutableBufferPointer { out in
                    guard let v = v.baseAddress, let t = t.baseAddress, let out = out.baseAddress else { return }
                    articulatedBodies(v, t, out)
                }
            }
        }
    }

    @inline(__always)
    private func articulatedBodies(
        _ velocities: UnsafePointer<Double>, _ torques: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>
    ) {
        let s = scratch

        // velocities and velocity products, outwards
        for i in 0..<jointCount {
            let joint = joints + i
            let parent = joint.pointee.parent
            let z = axis(i)
            let moment = poses[i].translation.cross(z)
            s.axisMoment[i] = moment
            let speed = velocities[joint.pointee.coordinate]
            var (omega, v) = parent < 0 ? (.zero, .zero) : (s.angularVelocity[parent], s.linearVelocity[parent])

            if joint.pointee.isPrismatic {
                s.linearBias[i] = speed * omega.cross(z)
                s.angularBias[i] = .zero
                v += speed * z
            } else {
                s.linearBias[i] = speed * (v.cross(z) + omega.cross(moment))
                s.angularBias[i] = speed * omega.cross(z)
                omega += speed * z
                v += speed * moment
            }
            s.angularVelocity[i] = omega
            s.linearVelocity[i] = v

            let body = CompositeInertia(inertias[i], at: poses[i])
            let m = body.mass
            s.inertia[i] = ArticulatedInertia(
                linear: Matrix3(columns: Vector3(m, 0, 0), Vector3(0, m, 0), Vector3(0, 0, m)),
                coupling: Matrix3(skew: -body.moment), angular: body.inertia)
            let linearMomentum = m * v + omega.cross(body.moment)
            let angularMomentum = body.moment.cross(v) + body.inertia * omega
            s.force[i] = omega.cross(linearMomentum)
            s.moment[i] = omega.cross(angularMomentum) + v.cross(linearMomentum)
        }

        // articulated inertias, inwards
        for i in stride(from: jointCount - 1, through: 0, by: -1) {
            let joint = joints + i
            let inertia = s.inertia[i]
            let z = axis(i)
            let (f, n): (Vector3, Vector3)
            let effort: Double
            let pivot: Double
            if joint.pointee.isPrismatic {
                f = inertia.linear * z
                n = inertia.coupling.transposedTimes(z)
                pivot = z.dot(f)
                effort = torques[joint.pointee.coordinate] - z.dot(s.force[i])
            } else {
                let moment = s.axisMoment[i]
                f = inertia.linear * moment + inertia.coupling * z
                n = inertia.coupling.transposedTimes(moment) + inertia.angular * z
                pivot = z.dot(n) + moment.dot(f)
                effort = torques[joint.pointee.coordinate] - z.dot(s.moment[i]) - moment.dot(s.force[i])
            }
            s.linearAcceleration[i] = f
            s.angularAcceleration[i] = n
            s.pivot[i] = 1 / pivot
            s.effort[i] = effort

            let parent = joint.pointee.parent
            if parent >= 0 {
                let scale = 1 / pivot
                let rest = ArticulatedInertia(
                    linear: inertia.linear - Matrix3(outer: f * scale, f),
                    coupling: inertia.coupling - Matrix3(outer: f * scale, n),
                    angular: inertia.angular - Matrix3(outer: n * scale, n))
                s.inertia[parent].linear = s.inertia[parent].linear + rest.linear
                s.inertia[parent].coupling = s.inertia[parent].coupling + rest.coupling
                s.inertia[parent].angular = s.inertia[parent].angular + rest.angular
                let (lb, ab) = (s.linearBias[i], s.angularBias[i])
                let share = effort * scale
                s.force[parent] += s.force[i] + rest.linear * lb + rest.coupling * ab + share * f
                s.moment[parent] += s.moment[i] + rest.coupling.transposedTimes(lb) + rest.angular * ab + share * n
            }
        }

        // accelerations, outwards; the scratch of f and n is read before it is written
        for i in 0..<jointCount {
            let joint = joints + i
            let parent = joint.pointee.parent
            let (f, n) = (s.linearAcceleration[i], s.angularAcceleration[i])
            var a = (parent < 0 ? -model.gravity : s.linearAcceleration[parent]) + s.linearBias[i]
            var alpha = (parent < 0 ? .zero : s.angularAcceleration[parent]) + s.angularBias[i]
            let acceleration = (s.effort[i] - f.dot(a) - n.dot(alpha)) * s.pivot[i]
            if joint.pointee.isPrismatic {
                a += acceleration * axis(i)
            } else {
                a += acceleration * s.axisMoment[i]
                alpha += acceleration * axis(i)
            }
            s.linearAcceleration[i] = a
            s.angularAcceleration[i] = alpha
            out[joint.pointee.coordinate] = acceleration
        }
    }
}
