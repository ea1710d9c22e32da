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
