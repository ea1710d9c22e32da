#if MuJoCo
    import CMuJoCo

    /// What decides a picture: enough to draw it after the simulation has moved on.
    ///
    /// Positions of the joints, and of the model what resets and steps change: poses of bodies (fixtures are placed
    /// there) and colors of sites (a hot burner shows).
    struct RenderState: Hashable, Sendable {
        let qpos: [Double]
        let bodyPositions: [Double]
        let bodyQuaternions: [Double]
        let siteColors: [Float]

        /// Takes the state as it is now.
        ///
        /// Observations are sampled after 23 of a step's 25 substeps: their state is taken there.
        init(_ model: MuJoCoModel, _ data: MuJoCoData) {
            let m = model.pointer.pointee
            qpos = Array(UnsafeBufferPointer(start: data.pointer.pointee.qpos, count: Int(m.nq)))
            bodyPositions = Array(UnsafeBufferPointer(start: m.body_pos, count: 3 * Int(m.nbody)))
            bodyQuaternions = Array(UnsafeBufferPointer(start: m.body_quat, count: 4 * Int(m.nbody)))
            siteColors = Array(UnsafeBufferPointer(start: m.site_rgba, count: 4 * Int(m.nsite)))
        }
    }
#endif
