#if MuJoCo
    import CMuJoCo

    /// A compiled model; owns the `mjModel`.
    ///
    /// Not to be shared between threads: reset writes the poses of fixtures into it.
    final class MuJoCoModel {
        let pointer: UnsafeMutablePointer<mjModel>

        /// Compiles MJCF; files in it are named by absolute paths.
        ///
        /// - Throws: ``LiberoSimulationError/modelNotCompiled(model:reason:)`` with MuJoCo's own words.
        init(xml: String, name: String) throws(LiberoSimulationError) {
            try MuJoCoLibrary.check()
            var message = [CChar](repeating: 0, count: 1024)
            let vfs = UnsafeMutablePointer<mjVFS>.allocate(capacity: 1)
            mj_defaultVFS(vfs)
            defer {
                mj_deleteVFS(vfs)
                vfs.deallocate()
            }
            let file = "model.xml"
            let added = Array(xml.utf8).withUnsafeBytes { mj_addBufferVFS(vfs, file, $0.baseAddress, Int32($0.count)) }
            guard added == 0, let model = mj_loadXML(file, vfs, &message, Int32(message.count)) else {
                let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                throw .modelNotCompiled(model: name, reason: String(decoding: text, as: UTF8.self))
            }
            pointer = model
        }

        deinit { mj_deleteModel(pointer) }

        var positionCount: Int { Int(pointer.pointee.nq) }
        var velocityCount: Int { Int(pointer.pointee.nv) }
        var actuatorCount: Int { Int(pointer.pointee.nu) }

        /// The number of an element; nil when there is none of this name.
        func id(_ kind: mjtObj, _ name: String) -> Int? {
            let id = mj_name2id(pointer, Int32(kind.rawValue), name)
            return id < 0 ? nil : Int(id)
        }

        /// The name of an element; nil for those without one.
        func name(_ kind: mjtObj, _ id: Int) -> String? {
            mj_id2name(pointer, Int32(kind.rawValue), Int32(id)).map { String(cString: $0) }
        }

        /// The kinds of elements that scenes have.
        static let namedKinds = [
            mjOBJ_BODY, mjOBJ_JOINT, mjOBJ_GEOM, mjOBJ_SITE, mjOBJ_CAMERA, mjOBJ_LIGHT, mjOBJ_MESH, mjOBJ_TEXTURE,
            mjOBJ_MATERIAL, mjOBJ_ACTUATOR, mjOBJ_SENSOR,
        ]

        /// All names of a kind, by number; empty for elements without.
        func names(_ kind: mjtObj) -> [String] {
            let m = pointer.pointee
            let count =
                switch kind {
                case mjOBJ_BODY: m.nbody
                case mjOBJ_JOINT: m.njnt
                case mjOBJ_GEOM: m.ngeom
                case mjOBJ_SITE: m.nsite
                case mjOBJ_CAMERA: m.ncam
                case mjOBJ_LIGHT: m.nlight
                case mjOBJ_MESH: m.nmesh
                case mjOBJ_TEXTURE: m.ntex
                case mjOBJ_MATERIAL: m.nmat
                case mjOBJ_ACTUATOR: m.nu
                case mjOBJ_SENSOR: m.nsensor
                default: preconditionFailure("names: kind \(kind.rawValue)")
                }
            return (0..<Int(count)).map { name(kind, $0) ?? "" }
        }

        /// The model in MuJoCo's own binary form (`.mjb`).
        func serialized() -> [UInt8] {
            let size = Int(mj_sizeModel(pointer))
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                mj_saveModel(pointer, nil, buffer.baseAddress, Int32(size))
                count = size
            }
        }
    }

    /// The state of a model and everything computed from it; owns the `mjData`.
    final class MuJoCoData {
        let pointer: UnsafeMutablePointer<mjData>
        /// Kept alive as long as the data.
        let model: MuJoCoModel

        init(_ model: MuJoCoModel) {
            guard let data = mj_makeData(model.pointer) else { fatalError("MuJoCoData: out of memory") }
            self.model = model
            pointer = data
        }

        deinit { mj_deleteData(pointer) }
    }
#endif
