#if MuJoCo
    import CMuJoCo
    import LiberoTasks

    extension LiberoSimulator {
        /// The posture of the arm at resets, to which the null space pulls as well: seven joints in radians.
        ///
        /// As LIBERO-Plus published it, a row of initial states applied afterwards overwrites the arm's angles; the goal of
        /// the first action and the pull remain those of this posture. ``moveArm(to:)`` after the row is what was intended.
        public var resetPosture: [Double] {
            get { controller.posture }
            set { controller.posture = newValue }
        }

        /// Puts the arm into a posture, everything else staying where it is: seven joints in radians.
        public func moveArm(to joints: [Double]) {
            precondition(joints.count == ids.armPositions.count, "moveArm: \(joints.count) joints")
            for (place, angle) in zip(ids.armPositions, joints) { data.pointer.pointee.qpos[place] = angle }
            forward()
            isSuccess = holds(problem.goal)
            updateBurners()
            sample.take(data, ids, forwardPositions: forwardPositions)
        }

        /// The pose of `agentview` in the model; the change holds until it is set again.
        ///
        /// - Throws: ``LiberoSimulationError/unknownName(_:kind:known:)`` for a scene without that camera.
        public func setAgentView(_ pose: CameraPose) throws(LiberoSimulationError) {
            guard let camera = model.id(mjOBJ_CAMERA, "agentview") else {
                throw .unknownName("agentview", kind: "camera of the scene", known: [])
            }
            let m = model.pointer.pointee
            let length = (pose.quaternion * pose.quaternion).sum().squareRoot()
            for i in 0..<3 { m.cam_pos[3 * camera + i] = pose.position[i] }
            for i in 0..<4 { m.cam_quat[4 * camera + i] = pose.quaternion[i] / length }
        }
    }
#endif
