#if MuJoCo
    import CMuJoCo

    extension MuJoCoData {
        /// Computes everything that follows from positions, velocities and controls, at the same time.
        func forward() { mj_forward(model.pointer, pointer) }

        /// Advances by one time step.
        func step() { mj_step(model.pointer, pointer) }

        /// What MuJoCo has warned of since the last reset; nil for nothing. Warnings about drawing are left out.
        var warning: String? {
            let names: [(mjtWarning, String)] = [
                (mjWARN_INERTIA, "an inertia matrix is singular"), (mjWARN_CONTACTFULL, "there are too many contacts"),
                (mjWARN_CNSTRFULL, "there are too many constraints"),
                (mjWARN_BADQPOS, "a position is NaN or infinite"), (mjWARN_BADQVEL, "a velocity is NaN or infinite"),
                (mjWARN_BADQACC, "an acceleration is NaN or infinite"),
                (mjWARN_BADCTRL, "a control is NaN or infinite"),
            ]
            return withUnsafePointer(to: &pointer.pointee.warning) { warnings in
                warnings.withMemoryRebound(to: mjWarningStat.self, capacity: Int(mjNWARNING.rawValue)) { warnings in
                    for (kind, text) in names where warnings[Int(kind.rawValue)].number > 0 {
                        return "MuJoCo warns that \(text) (\(warnings[Int(kind.rawValue)].lastinfo))"
                    }
                    return nil
                }
            }
        }
    }

    extension MuJoCoModel {
        func jointID(_ name: String) -> Int? { id(mjOBJ_JOINT, name) }
        func siteName(_ id: Int) -> String? { name(mjOBJ_SITE, id) }
    }
#endif
