#if MuJoCo
    import CMuJoCo
    import LiberoTasks

    /// What one step led to.
    public struct StepResult: Equatable, Sendable {
        /// Whether every predicate of the goal holds.
        public var isSuccess: Bool
    }

    extension LiberoSimulator {
        /// Carries out an action of seven numbers for 1/20 s.
        ///
        /// The first six are the hand's motion in −1…1 (0.05 m and 0.5 rad at 1, world axes); the last closes the
        /// gripper where positive and opens it where negative.
        /// - Throws: ``LiberoSimulationError/horizonReached(steps:)`` after ``horizon`` steps;
        ///   ``LiberoSimulationError/unstable(reason:)`` when MuJoCo warns: it may have put the state back to the start.
        @discardableResult
        public func step(_ action: [Double]) throws(LiberoSimulationError) -> StepResult {
            precondition(action.count == 7, "step: an action of \(action.count) numbers instead of 7")
            guard stepCount < Self.horizon else { throw .horizonReached(steps: Self.horizon) }
            let sampled = Swift.max(Self.substepCount - 1 - appliedCount, 0)
            for substep in 0..<Self.substepCount {
                self.substep(action, isFirst: substep == 0, observe: nil)
                if substep == sampled { sample.take(data, ids, forwardPositions: forwardPositions) }
            }
            if let reason = data.warning ?? (controller.hasSingularMass ? "the arm's mass matrix is singular" : nil) {
                throw .unstable(reason: reason)
            }
            return finishStep()
        }

        /// One substep: forward pass, torques, integration. `observe` sees the commands before the integration.
        func substep(_ action: [Double], isFirst: Bool, observe: ((UnsafeMutablePointer<mjData>) -> Void)?) {
            let (m, d) = (model.pointer, data.pointer)
            noteForwardPositions()
            mj_step1(m, d)
            if isFirst { controller.setGoal(action) }
            controller.control(grip: action[6])
            observe?(d)
            mj_step2(m, d)
        }

        /// Judges the goal and lights the burners.
        func finishStep() -> StepResult {
            stepCount += 1
            isSuccess = holds(problem.goal)
            updateBurners()
            return StepResult(isSuccess: isSuccess)
        }

        /// Puts a stored initial state into the simulator: time, positions and velocities of all joints.
        ///
        /// Fixtures stay where the last ``reset()`` put them; rows do not hold them.
        /// - Throws: `InitialStatesError` when the row belongs to another task.
        public func apply(_ states: InitialStates, row: Int) throws {
            precondition(0..<states.count ~= row, "apply: row \(row) of \(states.count)")
            let state = try states.state(
                row: row, positionCount: model.positionCount, velocityCount: model.velocityCount)
            apply(time: state.time, positions: state.positions, velocities: state.velocities)
        }

        /// The flattened state: time, joint positions, joint velocities, as LIBERO's files hold it.
        public var flattenedState: [Double] {
            let d = data.pointer.pointee
            let positions = (0..<model.positionCount).map { d.qpos[$0] }
            return [d.time] + positions + (0..<model.velocityCount).map { d.qvel[$0] }
        }

        /// Puts a flattened state into the simulator: time, joint positions, joint velocities.
        ///
        /// - Throws: ``LiberoSimulationError/wrongState(reason:)`` when it is of another scene.
        func apply(state: [Double]) throws(LiberoSimulationError) {
            let (positions, velocities) = (model.positionCount, model.velocityCount)
            guard state.count == 1 + positions + velocities, state.allSatisfy(\.isFinite) else {
                throw .wrongState(reason: "\(state.count) numbers where the scene has \(1 + positions + velocities)")
            }
            apply(
                time: state[0], positions: Array(state[1..<1 + positions]),
                velocities: Array(state[(1 + positions)...]))
        }

        /// Goes on from a flattened state in the middle of an episode.
        ///
        /// Unlike ``apply(state:)``, after which the controller's first goal starts where the hand was before, as in the
        /// original, the controller knows the hand's place: the next action leads where it led in the episode.
        /// - Throws: ``LiberoSimulationError/wrongState(reason:)`` when it is of another scene.
        func resume(state: [Double]) throws(LiberoSimulationError) {
            try apply(state: state)
            let qpos = data.pointer.pointee.qpos!
            controller.takeOver(fingers: SIMD2(qpos[ids.fingerPositions[0]], qpos[ids.fingerPositions[1]]))
        }

        /// Puts joint positions and velocities into the simulator.
        func apply(time: Double, positions: [Double], velocities: [Double]) {
            let d = data.pointer
            d.pointee.time = time
            for (i, value) in positions.enumerated() { d.pointee.qpos[i] = value }
            for (i, value) in velocities.enumerated() { d.pointee.qvel[i] = value }
            forwardPositions = positions
            mj_forward(model.pointer, d)
            appliedCount += 1
            isSuccess = holds(problem.goal)
            updateBurners()
            sample.take(data, ids, forwardPositions: forwardPositions)
        }

        /// Computes poses and contacts of the present joint positions.
        func forward() {
            noteForwardPositions()
            mj_forward(model.pointer, data.pointer)
        }

        /// Keeps the joint positions that the next forward pass belongs to.
        private func noteForwardPositions() {
            let qpos = data.pointer.pointee.qpos!
            forwardPositions.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: qpos, count: $0.count) }
        }

        // MARK: - What is drawn

        /// Sites with a positive opacity are hidden by turning its sign.
        func hideSites() {
            let m = model.pointer.pointee
            for site in 0..<Int(m.nsite) where m.site_rgba[4 * site + 3] > 0 { m.site_rgba[4 * site + 3] *= -1 }
        }

        /// After a reset no burner is drawn, also where the stove stands turned on: the original looks at the knobs only
        /// after a step and after a stored state.
        func hideBurners() {
            for burner in ids.burners {
                let opacity = model.pointer.pointee.site_rgba + 4 * burner.site + 3
                opacity.pointee = -abs(opacity.pointee)
            }
        }

        /// A stove's burner is drawn while its knob is turned on.
        func updateBurners() {
            for burner in ids.burners {
                let opacity = model.pointer.pointee.site_rgba + 4 * burner.site + 3
                let isOn = burner.mechanism.isOn(data.pointer.pointee.qpos[burner.joint])
                if isOn != (opacity.pointee > 0) { opacity.pointee *= -1 }
            }
        }
    }
#endif
