#if MuJoCo
    import CMuJoCo

    /// Removes from a scene what cannot be seen in it, so that the driver does not work on it. No pixel changes.
    ///
    /// A geom counts as seen when its bounding sphere reaches into the camera's view, directly or as a mirror image.
    /// Scenes in which shadows fall are left alone: a geom outside the view may darken what is inside.
    struct ViewCulling {
        let frustum: ViewFrustum
        let drawsReflections: Bool

        /// Removes the geoms that are not seen, keeping the order of the others.
        func cull(_ scene: inout mjvScene) {
            guard let geoms = scene.geoms else { return }
            let mirrors = drawsReflections ? mirrors(geoms, count: Int(scene.ngeom)) : []
            var kept = 0
            for i in 0..<Int(scene.ngeom) {
                let (center, radius) = (SIMD3(geoms[i].pos), geoms[i].modelrbound)
                // planes have no bound, decorations no model
                let isSeen =
                    radius <= 0 || frustum.sees(center, radius: radius)
                    || mirrors.contains { frustum.sees($0.image(of: center), radius: radius) }
                guard isSeen else { continue }
                if kept != i { geoms[kept] = geoms[i] }
                kept += 1
            }
            scene.ngeom = Int32(kept)
        }

        /// The mirrors that may be in view: reflective planes and the upper sides of reflective boxes.
        private func mirrors(_ geoms: UnsafeMutablePointer<mjvGeom>, count: Int) -> [MirrorPlane] {
            (0..<count).compactMap { i in
                let geom = geoms[i]
                let isPlane = geom.type == Int32(mjGEOM_PLANE.rawValue)
                guard geom.reflectance > 0, isPlane || geom.type == Int32(mjGEOM_BOX.rawValue) else { return nil }
                let center = SIMD3(geom.pos)
                guard geom.modelrbound <= 0 || frustum.sees(center, radius: geom.modelrbound) else { return nil }
                let normal = SIMD3(geom.mat.2, geom.mat.5, geom.mat.8)
                return MirrorPlane(point: isPlane ? center : center + geom.size.2 * normal, normal: normal)
            }
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

        /// What the scene's camera sees in a picture of this width over height.
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
