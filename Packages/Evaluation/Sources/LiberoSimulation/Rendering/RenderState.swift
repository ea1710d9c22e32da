#if MuJoCo
    import CMuJoCo

    /// What decides an image: enough to draw it after the simulation has moved on.
    ///
    /// Positions of the joints, and of the model what resets and steps change: poses of bodies (fixtures are placed
    /// there), poses of cameras (LIBERO-Plus moves one) and colors of sites (a hot burner shows).
    struct RenderState: Hashable, Sendable {
        let qpos: [Double]
        let bodyPositions: [Double]
        let bodyQuaternions: [Double]
        let siteColors: [Float]
        /// Positions of all cameras, then their quaternions.
        let cameraPoses: [Double]

        /// The state with these joint positions in the model as it is now.
        ///
        /// Observations are sampled after 23 of a step's 25 substeps: the positions are those of then.
        init(positions: [Double], model: MuJoCoModel) {
            let m = model.pointer.pointee
            precondition(positions.count == Int(m.nq), "RenderState: \(positions.count) positions of \(m.nq)")
            qpos = positions
            bodyPositions = Array(UnsafeBufferPointer(start: m.body_pos, count: 3 * Int(m.nbody)))
            bodyQuaternions = Array(UnsafeBufferPointer(start: m.body_quat, count: 4 * Int(m.nbody)))
            siteColors = Array(UnsafeBufferPointer(start: m.site_rgba, count: 4 * Int(m.nsite)))
            cameraPoses = Self.cameraPoses(of: m)
        }

        /// The poses of a model's cameras: all positions, then all quaternions.
        static func cameraPoses(of m: mjModel) -> [Double] {
            Array(UnsafeBufferPointer(start: m.cam_pos, count: 3 * Int(m.ncam)))
                + Array(UnsafeBufferPointer(start: m.cam_quat, count: 4 * Int(m.ncam)))
        }

        /// The state as it is now.
        init(_ data: MuJoCoData) {
            let positions = UnsafeBufferPointer(start: data.pointer.pointee.qpos, count: data.model.positionCount)
            self.init(positions: Array(positions), model: data.model)
        }
    }
#endif
