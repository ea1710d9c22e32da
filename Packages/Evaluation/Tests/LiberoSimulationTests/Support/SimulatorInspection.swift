#if MuJoCo
    import Foundation
    import Kinematics
    import LiberoTasks
    import TensorCore
    import Testing

    @testable import LiberoSimulation

    extension LiberoGolden {
        var expertFile: URL { folder.appendingPathComponent("expert.npz") }

        func simulator() throws -> LiberoSimulator {
            try LiberoSimulator(problem: Self.problem(of: task), assets: Self.assets())
        }

        func initialStates() throws -> InitialStates {
            try LiberoFolder(at: #require(Self.liberoFolder)).initialStates(of: task)
        }
    }

    extension NumPyArchive {
        /// An array cut along its first axis.
        func rows(_ name: String) throws -> [[Double]] {
            let values = try doubles(name)
            let count = try tensor(name).shape[0]
            let width = count == 0 ? 0 : values.count / count
            return (0..<count).map { Array(values[$0 * width..<($0 + 1) * width]) }
        }
    }

    extension LiberoSimulator {
        var qpos: [Double] { (0..<model.positionCount).map { data.pointer.pointee.qpos[$0] } }
        var qvel: [Double] { (0..<model.velocityCount).map { data.pointer.pointee.qvel[$0] } }
        var contactCount: Int { Int(data.pointer.pointee.ncon) }
        var contactGeoms: [Int] {
            (0..<contactCount).flatMap { i in
                let geoms = data.pointer.pointee.contact[i].geom
                return [Int(geoms.0), Int(geoms.1)]
            }
        }

        /// A step that notes the commands of every substep.
        func stepRecordingCommands(_ action: [Double]) -> (StepResult, [Double]) {
            var commands: [Double] = []
            for substep in 0..<Self.substepCount {
                self.substep(action, isFirst: substep == 0) { [count = model.actuatorCount] d in
                    commands += (0..<count).map { d.pointee.ctrl[$0] }
                }
                if substep == Self.substepCount - 1 - appliedCount {
                    sample.take(data, ids, forwardPositions: forwardPositions)
                }
            }
            return (finishStep(), commands)
        }

        /// Sets joint positions, at rest.
        func probe(positions: [Double]) {
            for (i, value) in positions.enumerated() { data.pointer.pointee.qpos[i] = value }
            for i in 0..<model.velocityCount { data.pointer.pointee.qvel[i] = 0 }
            forward()
        }

        /// An array of `mjData`.
        func dataArray(_ name: String) -> [Double]? {
            let (m, d) = (model.pointer.pointee, data.pointer.pointee)
            let arrays: [String: (UnsafeMutablePointer<Double>, Int)] = [
                "xpos": (d.xpos, 3 * Int(m.nbody)), "xquat": (d.xquat, 4 * Int(m.nbody)),
                "site_xpos": (d.site_xpos, 3 * Int(m.nsite)), "site_xmat": (d.site_xmat, 9 * Int(m.nsite)),
                "sensordata": (d.sensordata, Int(m.nsensordata)),
            ]
            return arrays[name].map { pointer, count in (0..<count).map { pointer[$0] } }
        }

        /// An array of `mjModel`.
        func modelArray(_ name: String) -> [Double]? {
            let m = model.pointer.pointee
            let doubles: [String: (UnsafeMutablePointer<Double>, Int)] = [
                "body_mass": (m.body_mass, Int(m.nbody)), "body_inertia": (m.body_inertia, 3 * Int(m.nbody)),
                "body_ipos": (m.body_ipos, 3 * Int(m.nbody)), "body_pos": (m.body_pos, 3 * Int(m.nbody)),
                "body_quat": (m.body_quat, 4 * Int(m.nbody)), "dof_damping": (m.dof_damping, Int(m.nv)),
                "dof_armature": (m.dof_armature, Int(m.nv)), "cam_pos": (m.cam_pos, 3 * Int(m.ncam)),
                "cam_quat": (m.cam_quat, 4 * Int(m.ncam)), "cam_fovy": (m.cam_fovy, Int(m.ncam)),
                "geom_size": (m.geom_size, 3 * Int(m.ngeom)), "geom_friction": (m.geom_friction, 3 * Int(m.ngeom)),
                "light_pos": (m.light_pos, 3 * Int(m.nlight)),
            ]
            let floats: [String: (UnsafeMutablePointer<Float>, Int)] = [
                "geom_rgba": (m.geom_rgba, 4 * Int(m.ngeom)), "site_rgba": (m.site_rgba, 4 * Int(m.nsite)),
            ]
            let integers: [String: (UnsafeMutablePointer<Int32>, Int)] = [
                "geom_contype": (m.geom_contype, Int(m.ngeom)), "geom_group": (m.geom_group, Int(m.ngeom)),
                "geom_conaffinity": (m.geom_conaffinity, Int(m.ngeom)),
            ]
            if let (pointer, count) = doubles[name] { return (0..<count).map { pointer[$0] } }
            if let (pointer, count) = floats[name] { return (0..<count).map { Double(pointer[$0]) } }
            if let (pointer, count) = integers[name] { return (0..<count).map { Double(pointer[$0]) } }
            return nil
        }
    }

    extension Vector3 {
        var numbers: [Double] { [x, y, z] }
    }

    extension SIMD4<Double> {
        var numbers: [Double] { [x, y, z, w] }
    }

    extension Matrix3 {
        /// Row after row.
        var numbers: [Double] { (0..<9).map { self[$0 / 3, $0 % 3] } }
    }
#endif
