#if MuJoCo
    import CMuJoCo

    extension MuJoCoData {
        /// Computes everything that follows from positions, velocities and controls, at the same time.
        func forward() { mj_forward(model.pointer, pointer) }

        /// Advances by one time step.
        func step() { mj_step(model.pointer, pointer) }
    }

    extension MuJoCoModel {
        func jointID(_ name: String) -> Int? { id(mjOBJ_JOINT, name) }
        func siteName(_ id: Int) -> String? { name(mjOBJ_SITE, id) }
    }
#endif
