#if MuJoCo
    import CMuJoCo
    import Foundation
    import Kinematics
    import LiberoTasks
    import TensorCore

    extension LiberoSimulator {
        /// Resets the scene: arm in its nominal configuration, everything else where ``generator`` places it.
        ///
        /// Draws exactly as LIBERO's reset does, also what has no effect.
        /// - Throws: ``LiberoSimulationError/placementFailed(problem:object:tries:)`` when things find no place.
        public func reset() throws(LiberoSimulationError) {
            series = nil
            try resetUntilPlaced()
        }

        private func resetUntilPlaced() throws(LiberoSimulationError) {
            // the original begins again from the start when something finds no place
            for attempt in 1... {
                do throws(LiberoSimulationError) {
                    try resetOnce()
                    return
                } catch {
                    guard case .placementFailed = error, attempt < 10 else { throw error }
                }
            }
        }

        /// Resets as the `number`-th episode (from 0) after seeding does: fixtures stand where they stand there.
        ///
        /// - Throws: ``LiberoSimulationError/placementFailed(problem:object:tries:)`` when things find no place.
        public func reset(series seed: UInt32, number: Int) throws(LiberoSimulationError) {
            precondition(number >= 0, "reset: episode \(number)")
            if let series, series.seed == seed, series.next <= number {
                // the draws go on from where they are
            } else {
                self.seed(seed)
                resetCount = 0
                series = (seed, 0)
            }
            for _ in (series?.next ?? 0)...number { try resetUntilPlaced() }
            series = (seed, number + 1)
        }

        /// Resets to a fresh draw of where things stand; the same seed draws the same.
        ///
        /// - Throws: ``LiberoSimulationError/placementFailed(problem:object:tries:)`` when things find no place.
        public func reset(drawing seed: UInt64) throws(LiberoSimulationError) {
            var mixer = PhiloxGenerator(seed: seed, stream: 0x4452_4157)
            self.seed(UInt32(truncatingIfNeeded: mixer.next()))
            resetCount = 0
            try reset()
        }

        private func resetOnce() throws(LiberoSimulationError) {
            resetCount += 1
            (stepCount, appliedCount, isSuccess) = (0, 0, false)
            restoreFile()
            let (m, d) = (model.pointer, data.pointer)

            // noise of the arm, multiplied by zero
            for _ in 0..<ArmController.jointCount { _ = generator.normal() }
            for (place, angle) in zip(ids.armPositions, controller.posture) {
                d.pointee.qpos[place] = angle
            }
            mj_forward(m, d)
            controller.reset()
            d.pointee.qpos[ids.fingerPositions[0]] = 0.020833
            d.pointee.qpos[ids.fingerPositions[1]] = -0.020833

            drawMechanisms()
            mj_step1(m, d)
            let sampler = PlacementSampler(problem: problem, scene: scene) { [self] in sitePosition($0) }
            let placements = try sampler.sample(using: &generator)
            for (name, placement) in placements { place(name, placement) }
            for i in forwardPositions.indices { forwardPositions[i] = d.pointee.qpos[i] }
            mj_forward(m, d)
            hideBurners()
            sample.take(data, ids, forwardPositions: forwardPositions)
        }

        /// The model and the state as compiled.
        private func restoreFile() {
            for (name, pose) in ids.fixturePoses {
                guard let body = ids.rootBodies[name] else { continue }
                setFixture(body, position: Array(pose[..<3]), quaternion: Array(pose[3...]))
            }
            mj_resetData(model.pointer, data.pointer)
        }

        /// Opens, closes and switches what the problem's start says.
        ///
        /// The original's list of draws grows with every reset, its constructor's among them; the last draw counts.
        private func drawMechanisms() {
            let atoms = problem.initialState.filter {
                switch $0 {
                case .open, .close, .turnOn, .turnOff: true
                case .on, .in: false
                }
            }
            for _ in 0...resetCount {
                for atom in atoms {
                    let name = atom.arguments[0]
                    let region = scene.regions[name]
                    guard let object = object(region?.parent ?? name),
                        let range = object.category.mechanism?.startRange(atom.name)
                    else { continue }
                    let position = generator.uniform(range.lower, range.upper)
                    for joint in region?.joints ?? object.joints {
                        if let place = ids.jointPositions[joint] { data.pointer.pointee.qpos[place] = position }
                    }
                }
            }
        }

        private func sitePosition(_ key: String) -> Vector3? {
            guard let site = ids.sites[key] else { return nil }
            let p = data.pointer.pointee.site_xpos + 3 * site
            return Vector3(p[0], p[1], p[2])
        }

        private func place(_ name: String, _ placement: PlacementSampler.Placement) {
            let (p, q) = (placement.position, placement.quaternion)
            if let start = ids.freeJoints[name] {
                for (i, value) in [p.x, p.y, p.z, q[0], q[1], q[2], q[3]].enumerated() {
                    data.pointer.pointee.qpos[start + i] = value
                }
            } else if let body = ids.rootBodies[name] {
                setFixture(body, position: [p.x, p.y, p.z], quaternion: [q[0], q[1], q[2], q[3]])
            }
        }

        func setFixture(_ body: Int, position: [Double], quaternion: [Double]) {
            let m = model.pointer.pointee
            for i in 0..<3 { m.body_pos[3 * body + i] = position[i] }
            for i in 0..<4 { m.body_quat[4 * body + i] = quaternion[i] }
        }
    }
#endif
