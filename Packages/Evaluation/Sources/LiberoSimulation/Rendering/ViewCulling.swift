#if MuJoCo
    import CMuJoCo

    /// Removes from a scene what cannot be seen in it, so that the driver does not work on it. No pixel changes.
    ///
    /// A geom counts as seen when its bounding box reaches into the camera's view, or its mirror image into the part of the
    /// view that the mirror covers. Scenes in which shadows fall are to be left alone: a geom outside the view may darken
    /// what is inside.
    struct ViewCulling {
        let frustum: ViewFrustum
        let drawsReflections: Bool
        /// Bounding boxes of the model's geoms in their frames: center and half size.
        let boxes: UnsafePointer<mjtNum>

        private typealias Mirror = (plane: MirrorPlane, frustum: ViewFrustum)

        /// Removes the geoms that are not seen, keeping the order of the others.
        func cull(_ scene: inout mjvScene) {
            guard let geoms = scene.geoms else { return }
            let mirrors = drawsReflections ? mirrors(geoms, count: Int(scene.ngeom)) : []
            var kept = 0
            for i in 0..<Int(scene.ngeom) {
                let isSeen =
                    box(of: geoms[i]).map { box in
                        frustum.sees(box) || mirrors.contains { $0.frustum.sees($0.plane.image(of: box)) }
                    } ?? true
                guard isSeen else { continue }
                if kept != i { geoms[kept] = geoms[i] }
                kept += 1
            }
            scene.ngeom = Int32(kept)
        }

        /// The mirrors that may be in view: reflective planes and the upper sides of reflective boxes.
        private func mirrors(_ geoms: UnsafeMutablePointer<mjvGeom>, count: Int) -> [Mirror] {
            (0..<count).compactMap { i in
                let geom = geoms[i]
                guard geom.reflectance > 0 else { return nil }
                let (center, axes) = (SIMD3(geom.pos), axes(of: geom))
                if geom.type == Int32(mjGEOM_PLANE.rawValue) {
                    return (MirrorPlane(point: center, normal: axes.2), frustum)
                }
                guard geom.type == Int32(mjGEOM_BOX.rawValue), box(of: geom).map(frustum.sees) ?? true else {
                    return nil
                }
                let (a, b) = (geom.size.0 * axes.0, geom.size.1 * axes.1)
                let top = center + geom.size.2 * axes.2
                return (
                    MirrorPlane(point: top, normal: axes.2),
                    frustum.narrowed(to: [top + a + b, top - a + b, top - a - b, top + a - b])
                )
            }
        }

        /// The bounding box of a geom of the model; nil for planes, which have none, and for decoration.
        private func box(of geom: mjvGeom) -> OrientedBox? {
            guard geom.objtype == Int32(mjOBJ_GEOM.rawValue), geom.objid >= 0,
                geom.type != Int32(mjGEOM_PLANE.rawValue), geom.type != Int32(mjGEOM_HFIELD.rawValue)
            else { return nil }
            let box = boxes + 6 * Int(geom.objid)
            let axes = axes(of: geom)
            let center = Float(box[0]) * axes.0 + Float(box[1]) * axes.1 + Float(box[2]) * axes.2
            return OrientedBox(
                center: SIMD3(geom.pos) + center,
                halfAxes: (Float(box[3]) * axes.0, Float(box[4]) * axes.1, Float(box[5]) * axes.2))
        }

        private func axes(of geom: mjvGeom) -> (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>) {
            let m = geom.mat
            return (SIMD3(m.0, m.3, m.6), SIMD3(m.1, m.4, m.7), SIMD3(m.2, m.5, m.8))
        }
    }

    extension mjvScene {
        /// Whether a light casts shadows.
        var hasShadows: Bool {
            withUnsafePointer(to: lights) {
                $0.withMemoryRebound(to: mjvLight.self, capacity: Int(nlight)) { lights in
                    (0..<Int(nlight)).contains { lights[$0].castshadow != 0 }
                }
            }
        }

        /// What the scene's camera sees in an image of this width over height.
        func frustum(aspect: Float) -> ViewFrustum {
            var (leftEye, rightEye) = self.camera
            let camera = mjv_averageCamera(&leftEye, &rightEye)
            let halfWidth = aspect * (camera.frustum_top - camera.frustum_bottom) / 2
            return ViewFrustum(
                position: SIMD3(camera.pos), forward: SIMD3(camera.forward), up: SIMD3(camera.up),
                left: camera.frustum_center - halfWidth, right: camera.frustum_center + halfWidth,
                bottom: camera.frustum_bottom, top: camera.frustum_top, near: camera.frustum_near)
        }
    }

    extension SIMD3<Float> {
        fileprivate init(_ values: (Float, Float, Float)) { self.init(values.0, values.1, values.2) }
    }
#endif
