#if MuJoCo
    import CMuJoCo
    import Kinematics

    /// The state at the moment of a step at which LIBERO's observations are taken.
    ///
    /// Joint values are those after a substep; poses those of the forward pass within it, one substep earlier.
    struct Sample: Equatable {
        /// `qpos` and `qvel` of the observation.
        var positions: [Double]
        var velocities: [Double]
        /// The joint positions that the poses, and images, belong to.
        var posePositions: [Double]
        var time = 0.0
        /// World positions and quaternions (w, x, y, z) of all bodies.
        var bodyPositions: [Double]
        var bodyQuaternions: [Double]
        var gripPosition = Vector3.zero
        /// Red, green, blue, alpha of all sites: a burner that is on shows.
        var siteColors: [Float]

        init(model: MuJoCoModel) {
            positions = [Double](repeating: 0, count: model.positionCount)
            velocities = [Double](repeating: 0, count: model.velocityCount)
            posePositions = positions
            bodyPositions = [Double](repeating: 0, count: 3 * Int(model.pointer.pointee.nbody))
            bodyQuaternions = [Double](repeating: 0, count: 4 * Int(model.pointer.pointee.nbody))
            siteColors = [Float](repeating: 0, count: 4 * Int(model.pointer.pointee.nsite))
        }

        /// Takes everything from MuJoCo; its poses belong to `forwardPositions`.
        mutating func take(_ data: MuJoCoData, _ ids: SceneIDs, forwardPositions: [Double]) {
            let d = data.pointer.pointee
            for i in positions.indices { positions[i] = d.qpos[i] }
            for i in velocities.indices { velocities[i] = d.qvel[i] }
            for i in posePositions.indices { posePositions[i] = forwardPositions[i] }
            for i in bodyPositions.indices { bodyPositions[i] = d.xpos[i] }
            for i in bodyQuaternions.indices { bodyQuaternions[i] = d.xquat[i] }
            let p = d.site_xpos + 3 * ids.gripSite
            gripPosition = Vector3(p[0], p[1], p[2])
            for i in siteColors.indices { siteColors[i] = data.model.pointer.pointee.site_rgba[i] }
            time = d.time
        }

        func pose(ofBody body: Int) -> ObjectPose {
            let (p, q) = (3 * body, 4 * body)
            return ObjectPose(
                position: Vector3(bodyPositions[p], bodyPositions[p + 1], bodyPositions[p + 2]),
                quaternion: SIMD4(
                    bodyQuaternions[q + 1], bodyQuaternions[q + 2], bodyQuaternions[q + 3], bodyQuaternions[q]))
        }

        func robot(_ ids: SceneIDs) -> RobotReading {
            RobotReading(
                endEffectorPosition: gripPosition, endEffectorQuaternion: pose(ofBody: ids.hand).quaternion,
                gripperPositions: SIMD2(positions[ids.fingerPositions[0]], positions[ids.fingerPositions[1]]),
                gripperVelocities: SIMD2(velocities[ids.fingerVelocities[0]], velocities[ids.fingerVelocities[1]]),
                jointPositions: ids.armPositions.map { positions[$0] },
                jointVelocities: ids.armVelocities.map { velocities[$0] })
        }
    }
#endif
