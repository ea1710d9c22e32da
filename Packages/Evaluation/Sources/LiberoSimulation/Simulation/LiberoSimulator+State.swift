#if MuJoCo
    import CMuJoCo
    import FileSupport
    import Kinematics
    import TensorCore

    /// Everything that decides what a simulator does next, and what it shows now.
    public struct SimulatorSnapshot: Equatable {
        /// MuJoCo's integration state: time, positions, velocities, controls, the solver's warm start.
        var integration: [Double]
        var forwardPositions: [Double]
        /// Positions and quaternions of all bodies in the model; fixtures are placed there.
        var bodies: [Double]
        var siteColors: [Float]
        var controller: ArmController.State
        var sample: Sample
        var counts: [Int]
        var isSuccess: Bool
        var generator: NumPyGenerator
    }

    extension LiberoSimulator {
        private static let signature = Int32(mjSTATE_INTEGRATION.rawValue)

        private var integration: [Double] {
            let count = Int(mj_stateSize(model.pointer, UInt32(Self.signature)))
            return [Double](unsafeUninitializedCapacity: count) { buffer, filled in
                mj_getState(model.pointer, data.pointer, buffer.baseAddress, UInt32(Self.signature))
                filled = count
            }
        }

        private var bodies: [Double] {
            let m = model.pointer.pointee
            return Array(UnsafeBufferPointer(start: m.body_pos, count: 3 * Int(m.nbody)))
                + Array(UnsafeBufferPointer(start: m.body_quat, count: 4 * Int(m.nbody)))
        }

        /// The state as it is now.
        public func snapshot() -> SimulatorSnapshot {
            let m = model.pointer.pointee
            return SimulatorSnapshot(
                integration: integration, forwardPositions: forwardPositions, bodies: bodies,
                siteColors: Array(UnsafeBufferPointer(start: m.site_rgba, count: 4 * Int(m.nsite))),
                controller: controller.state, sample: sample, counts: [resetCount, stepCount, appliedCount],
                isSuccess: isSuccess, generator: generator)
        }

        /// Goes back to a state; what follows is what followed then, to the bit.
        ///
        /// - Throws: ``LiberoSimulationError/wrongState(reason:)`` when it is of another task.
        public func restore(_ snapshot: SimulatorSnapshot) throws(LiberoSimulationError) {
            let (m, d) = (model.pointer, data.pointer)
            let (nbody, nsite) = (Int(m.pointee.nbody), Int(m.pointee.nsite))
            guard snapshot.integration.count == integration.count, snapshot.bodies.count == 7 * nbody,
                snapshot.siteColors.count == 4 * nsite, snapshot.forwardPositions.count == forwardPositions.count
            else {
                throw .wrongState(reason: "\(snapshot.bodies.count / 7) bodies where the model has \(nbody)")
            }
            for i in 0..<3 * nbody { m.pointee.body_pos[i] = snapshot.bodies[i] }
            for i in 0..<4 * nbody { m.pointee.body_quat[i] = snapshot.bodies[3 * nbody + i] }
            for i in 0..<4 * nsite { m.pointee.site_rgba[i] = snapshot.siteColors[i] }

            // poses and contacts are one substep behind the joints
            mj_setState(m, d, snapshot.integration, UInt32(Self.signature))
            forwardPositions = snapshot.forwardPositions
            for (i, value) in forwardPositions.enumerated() { d.pointee.qpos[i] = value }
            mj_forward(m, d)
            mj_setState(m, d, snapshot.integration, UInt32(Self.signature))

            controller.state = snapshot.controller
            sample = snapshot.sample
            (resetCount, stepCount, appliedCount) = (snapshot.counts[0], snapshot.counts[1], snapshot.counts[2])
            (isSuccess, generator) = (snapshot.isSuccess, snapshot.generator)
        }

        /// A hash (FNV-1a) of everything that decides what happens next.
        public var stateHash: UInt64 {
            var hash = FNVHash()
            hash.add(integration)
            hash.add(bodies)
            let state = controller.state
            hash.add(state.arm)
            let goal = state.goal
            let (r, p) = (goal.rotation.columns, goal.position)
            hash.add([p, r.0, r.1, r.2].flatMap { [$0.x, $0.y, $0.z] })
            hash.add([state.fingers.x, state.fingers.y, state.needsRefresh ? 1 : 0])
            return hash.value
        }
    }
#endif
