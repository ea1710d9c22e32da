/// A force and a moment that the world puts on a frame: N and N m, at the frame's origin, in the axes of the base.
public struct ExternalForce: Sendable {
    public var frame: RobotModel.Frame
    public var force: Vector3
    public var moment: Vector3

    public init(on frame: RobotModel.Frame, force: Vector3, moment: Vector3 = .zero) {
        self.frame = frame
        self.force = force
        self.moment = moment
    }
}

extension RobotState {
    /// The torques that give the joints these accelerations: `τ = M q̈ + C q̇ + g − Jᵀ f`, N m or N.
    ///
    /// The recursive Newton–Euler algorithm in the axes of the base, about the bodies' centers of mass; joint damping
    /// and friction do not enter. Source: Luh, Walker & Paul 1980; Featherstone 2008, chapter 5.
    public func inverseDynamics(
        velocities: [Double], accelerations: [Double], externalForces: [ExternalForce] = []
    ) -> [Double] {
        var result = [Double](repeating: 0, count: model.coordinateCount)
        inverseDynamics(
            velocities: velocities, accelerations: accelerations, externalForces: externalForces, into: &result)
        return result
    }

    /// As above, into an array of the right length, without allocating.
    public func inverseDynamics(
        velocities: [Double], accelerations: [Double], externalForces: [ExternalForce] = [],
        into torques: inout [Double]
    ) {
        let n = model.coordinateCount
        precondition(
            velocities.count == n && accelerations.count == n && torques.count == n,
            "inverseDynamics: \(velocities.count) velocities, \(accelerations.count) accelerations for \(n) coordinates"
        )
        velocities.withUnsafeBufferPointer { v in
            accelerations.withUnsafeBufferPointer { a in
                torques.withUnsafeMutableBufferPointer { out in
                    guard let v = v.baseAddress, let a = a.baseAddress, let out = out.baseAddress else { return }
                    newtonEulerForward(v, a)
                    for external in externalForces { subtract(external) }
                    newtonEulerBackward(out)
                }
            }
        }
    }

    /// `g(q)`: what holds the arm still.
    public func gravityTorques() -> [Double] {
        let zeros = [Double](repeating: 0, count: model.coordinateCount)
        return inverseDynamics(velocities: zeros, accelerations: zeros)
    }

    /// `C(q, q̇) q̇ + g(q)`: gravity, Coriolis and centrifugal torques.
    public func biasTorques(velocities: [Double]) -> [Double] {
        inverseDynamics(
            velocities: velocities, accelerations: [Double](repeating: 0, count: model.coordinateCount))
    }

    /// Velocities and accelerations from the base outwards, and what each body needs for them.
    @inline(__always)
    private func newtonEulerForward(_ velocities: UnsafePointer<Double>, _ accelerations: UnsafePointer<Double>) {
        let s = scratch
        let base = -model.gravity
        for i in 0..<jointCount {
            let joint = joints + i
            let parent = joint.pointee.parent
            let coordinate = joint.pointee.coordinate
            let multiplier = joint.pointee.multiplier
            let speed = multiplier * velocities[coordinate]
            let gain = multiplier * accelerations[coordinate]
            let pose = poses[i]
            let z = pose.rotation.columns.2

            var (omega, alpha, a) = (Vector3.zero, Vector3.zero, base)
            if parent >= 0 {
                let r = pose.translation - poses[parent].translation
                (omega, alpha) = (s.angularVelocity[parent], s.angularAcceleration[parent])
                a = s.linearAcceleration[parent] + alpha.cross(r) + omega.cross(omega.cross(r))
            }
            if joint.pointee.isPrismatic {
                a += gain * z + 2 * speed * omega.cross(z)
            } else {
                alpha += gain * z + speed * omega.cross(z)
                omega += speed * z
            }
            s.angularVelocity[i] = omega
            s.angularAcceleration[i] = alpha
            s.linearAcceleration[i] = a

            // force through the center of mass, moment about it
            let body = inertias + i
            let c = pose.rotation * body.pointee.center
            let f = body.pointee.mass * (a + alpha.cross(c) + omega.cross(omega.cross(c)))
            let localOmega = pose.rotation.transposedTimes(omega)
            let spin = body.pointee.inertia * localOmega
            let n = body.pointee.inertia * pose.rotation.transposedTimes(alpha) + localOmega.cross(spin)
            s.force[i] = f
            s.moment[i] = pose.rotation * n + c.cross(f)
        }
    }

    private func subtract(_ external: ExternalForce) {
        let body = model.tree.frames[external.frame.index].body
        guard body >= 0 else { return }
        let arm = transform(of: external.frame).translation - poses[body].translation
        scratch.force[body] -= external.force
        scratch.moment[body] -= external.moment + arm.cross(external.force)
    }

    /// Forces from the tips to the base; the joint's share is along its axis.
    @inline(__always)
    private func newtonEulerBackward(_ torques: UnsafeMutablePointer<Double>) {
        let s = scratch
        torques.update(repeating: 0, count: model.coordinateCount)
        for i in stride(from: jointCount - 1, through: 0, by: -1) {
            let joint = joints + i
            let pose = poses + i
            let z = pose.pointee.rotation.columns.2
            let (f, n) = (s.force[i], s.moment[i])
            torques[joint.pointee.coordinate] +=
                joint.pointee.multiplier * z.dot(joint.pointee.isPrismatic ? f : n)
            let parent = joint.pointee.parent
            if parent >= 0 {
                s.force[parent] += f
                s.moment[parent] += n + (pose.pointee.translation - poses[parent].translation).cross(f)
            }
        }
    }
}
