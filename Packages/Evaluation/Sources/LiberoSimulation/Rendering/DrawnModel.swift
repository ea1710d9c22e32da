#if MuJoCo
    import CMuJoCo

    /// A model as a renderer needs it: its own poses, colors and triangles, everything else shared with the original.
    ///
    /// The original is not written to. Meshes that no visible geom uses have no triangles here, and none has a convex
    /// hull, so that they are not uploaded; a profile with a mesh grid simplifies the others.
    final class DrawnModel {
        let pointer: UnsafeMutablePointer<mjModel>
        private let original: MuJoCoModel

        init(_ model: MuJoCoModel, profile: RenderProfile) {
            original = model
            pointer = .allocate(capacity: 1)
            var m = model.pointer.pointee
            m.body_pos = copied(m.body_pos, 3 * Int(m.nbody))
            m.body_quat = copied(m.body_quat, 4 * Int(m.nbody))
            m.site_rgba = copied(m.site_rgba, 4 * Int(m.nsite))
            m.cam_pos = copied(m.cam_pos, 3 * Int(m.ncam))
            m.cam_quat = copied(m.cam_quat, 4 * Int(m.ncam))

            m.vis.quality.offsamples = profile.sampleCount > 1 ? Int32(profile.sampleCount) : 0
            m.vis.quality.shadowsize = profile.shadows ? min(m.vis.quality.shadowsize, Int32(profile.shadowMapSize)) : 0
            m.vis.global.offwidth = 128
            m.vis.global.offheight = 128

            let triangles = Triangles(of: m, gridSize: profile.meshGridSize)
            m.mesh_faceadr = copied(triangles.addresses)
            m.mesh_facenum = copied(triangles.counts)
            m.mesh_face = copied(triangles.vertices)
            m.mesh_facenormal = copied(triangles.normals)
            m.mesh_facetexcoord = copied(triangles.textureCoordinates)
            m.mesh_graphadr = copied([Int32](repeating: -1, count: Int(m.nmesh)))
            pointer.initialize(to: m)
        }

        deinit {
            let m = pointer.pointee
            m.body_pos.deallocate()
            m.body_quat.deallocate()
            m.site_rgba.deallocate()
            m.cam_pos.deallocate()
            m.cam_quat.deallocate()
            m.mesh_faceadr.deallocate()
            m.mesh_facenum.deallocate()
            m.mesh_face.deallocate()
            m.mesh_facenormal.deallocate()
            m.mesh_facetexcoord.deallocate()
            m.mesh_graphadr.deallocate()
            pointer.deallocate()
        }

        /// How many triangles the meshes of visible geoms have.
        var triangleCount: Int {
            (0..<Int(pointer.pointee.nmesh)).reduce(0) { $0 + Int(pointer.pointee.mesh_facenum[$1]) }
        }

        /// Takes over what a state changes of the model.
        ///
        /// - Throws: ``RenderingError/wrongState(found:expected:)``.
        func take(_ state: RenderState) throws(RenderingError) {
            let m = pointer.pointee
            guard
                state.qpos.count == Int(m.nq) && state.bodyPositions.count == 3 * Int(m.nbody)
                    && state.siteColors.count == 4 * Int(m.nsite) && state.cameraPoses.count == 7 * Int(m.ncam)
            else { throw .wrongState(found: state.qpos.count, expected: Int(m.nq)) }
            m.body_pos.update(from: state.bodyPositions, count: state.bodyPositions.count)
            m.body_quat.update(from: state.bodyQuaternions, count: state.bodyQuaternions.count)
            m.site_rgba.update(from: state.siteColors, count: state.siteColors.count)
            state.cameraPoses.withUnsafeBufferPointer { poses in
                guard let start = poses.baseAddress else { return }
                m.cam_pos.update(from: start, count: 3 * Int(m.ncam))
                m.cam_quat.update(from: start + 3 * Int(m.ncam), count: 4 * Int(m.ncam))
            }
        }
    }

    /// The triangles of all meshes one after another, as `mjModel` holds them.
    private struct Triangles {
        var addresses: [Int32] = []
        var counts: [Int32] = []
        var vertices: [Int32] = []
        var normals: [Int32] = []
        var textureCoordinates: [Int32] = []

        init(of m: mjModel, gridSize: Int?) {
            // group 0 holds the collision shapes, which are not drawn
            var isDrawn = [Bool](repeating: false, count: Int(m.nmesh))
            for g in 0..<Int(m.ngeom) where m.geom_group[g] != 0 {
                let type = m.geom_type[g]
                let isMesh = type == Int32(mjGEOM_MESH.rawValue) || type == Int32(mjGEOM_SDF.rawValue)
                if isMesh, m.geom_dataid[g] >= 0 { isDrawn[Int(m.geom_dataid[g])] = true }
            }
            for mesh in 0..<Int(m.nmesh) {
                addresses.append(Int32(vertices.count / 3))
                if isDrawn[mesh] { append(mesh, of: m, gridSize: gridSize) }
                counts.append(Int32(vertices.count / 3) - addresses[mesh])
            }
        }

        private mutating func append(_ mesh: Int, of m: mjModel, gridSize: Int?) {
            let (first, count) = (Int(m.mesh_faceadr[mesh]), Int(m.mesh_facenum[mesh]))
            let corners = UnsafeBufferPointer(start: m.mesh_face + 3 * first, count: 3 * count)
            guard let gridSize else {
                vertices.append(contentsOf: corners)
                normals.append(
                    contentsOf: UnsafeBufferPointer(start: m.mesh_facenormal + 3 * first, count: 3 * count))
                textureCoordinates.append(
                    contentsOf: UnsafeBufferPointer(start: m.mesh_facetexcoord + 3 * first, count: 3 * count))
                return
            }
            let positions = UnsafeBufferPointer(
                start: m.mesh_vert + 3 * Int(m.mesh_vertadr[mesh]), count: 3 * Int(m.mesh_vertnum[mesh]))
            let simple = MeshClustering(gridSize: gridSize).simplify(positions: positions, corners: corners)
            vertices.append(contentsOf: simple.vertices)
            for triangle in simple.triangles {
                for corner in 0..<3 {
                    normals.append(m.mesh_facenormal[3 * (first + Int(triangle)) + corner])
                    textureCoordinates.append(m.mesh_facetexcoord[3 * (first + Int(triangle)) + corner])
                }
            }
        }
    }

    private func copied<Element>(_ start: UnsafePointer<Element>?, _ count: Int) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(count, 1))
        if let start { copy.initialize(from: start, count: count) }
        return copy
    }

    private func copied<Element>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
        values.withUnsafeBufferPointer { copied($0.baseAddress, $0.count) }
    }
#endif
