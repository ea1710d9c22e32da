#if MuJoCo
    import CMuJoCo
    import Kinematics
    public import LiberoTasks

    extension LiberoSimulator {
        /// Whether all predicates hold: joints as they are now, poses and contacts as of the last forward pass.
        public func holds(_ predicates: [GoalPredicate]) -> Bool { predicates.allSatisfy(holds) }

        /// Whether a predicate holds; false when it names something that is not in the scene.
        public func holds(_ predicate: GoalPredicate) -> Bool {
            switch predicate {
            case .open(let name): any(name) { $0.isOpen($1) }
            case .close(let name): all(name) { $0.isClosed($1) }
            case .turnOn(let name): any(name) { $0.isOn($1) }
            case .turnOff(let name): all(name) { $0.isOff($1) }
            case .in(let object, let region): isIn(object, region)
            case .on(let object, let target):
                scene.regions[target] == nil ? isOn(object, object: target) : isOn(object, region: target)
            }
        }

        // MARK: - Joints

        private func any(_ name: String, _ test: (Mechanism, Double) -> Bool) -> Bool {
            guard let (mechanism, positions) = joints(of: name) else { return false }
            return positions.contains { test(mechanism, $0) }
        }

        private func all(_ name: String, _ test: (Mechanism, Double) -> Bool) -> Bool {
            guard let (mechanism, positions) = joints(of: name) else { return false }
            return positions.allSatisfy { test(mechanism, $0) }
        }

        /// The joints of a region or of an instance, and what their positions mean.
        private func joints(of name: String) -> (Mechanism, [Double])? {
            let region = scene.regions[name]
            guard let object = object(region?.parent ?? name), let mechanism = object.category.mechanism else {
                return nil
            }
            let joints = region?.joints ?? object.joints
            return (mechanism, joints.compactMap { ids.jointPositions[$0] }.map { data.pointer.pointee.qpos[$0] })
        }

        func object(_ name: String) -> SceneObject? { ids.objectIndices[name].map { scene.objects[$0] } }

        // MARK: - Places

        /// Centre, axes and half size of a region.
        private func box(_ key: String) -> (region: SceneRegion, center: Vector3, axes: Matrix3)? {
            guard let region = scene.regions[key], let site = ids.sites[key] else { return nil }
            let d = data.pointer.pointee
            let (p, R) = (d.site_xpos + 3 * site, d.site_xmat + 9 * site)
            return (
                region, Vector3(p[0], p[1], p[2]),
                Matrix3(rows: Vector3(R[0], R[1], R[2]), Vector3(R[3], R[4], R[5]), Vector3(R[6], R[7], R[8]))
            )
        }

        private func position(of name: String) -> Vector3? {
            guard let body = ids.rootBodies[name] else { return nil }
            let p = data.pointer.pointee.xpos + 3 * body
            return Vector3(p[0], p[1], p[2])
        }

        /// Strictly within the box that bounds the turned half size, and a centimetre below it.
        private func isIn(_ name: String, _ key: String) -> Bool {
            guard let (region, center, axes) = box(key), let x = position(of: name) else { return false }
            let turned = axes * region.halfSize
            let half = Vector3(abs(turned.x), abs(turned.y), abs(turned.z))
            let (low, high) = (center - half - Vector3(0, 0, 0.01), center + half)
            return all(low .< x) && all(x .< high)
        }

        /// Above the region, within its sides, and touching what the region is part of.
        private func isOn(_ name: String, region key: String) -> Bool {
            guard let (region, center, axes) = box(key), let x = position(of: name) else { return false }
            // the original applies the rotation, not its inverse
            let (d, h) = (axes * (x - center), region.halfSize)
            guard h.z - 0.005 < d.z, d.z < h.z + 0.10, abs(d.x) < h.x, abs(d.y) < h.y else { return false }
            return region.parent.map { touch($0, name) } ?? true
        }

        /// Higher than the other, touching it, less than 3 cm to the side.
        private func isOn(_ name: String, object other: String) -> Bool {
            guard let a = position(of: name), let b = position(of: other) else { return false }
            let (dx, dy) = (a.x - b.x, a.y - b.y)
            return b.z <= a.z && touch(other, name) && (dx * dx + dy * dy).squareRoot() < 0.03
        }

        private func all(_ mask: SIMDMask<SIMD3<Double.SIMDMaskScalar>>) -> Bool { mask[0] && mask[1] && mask[2] }

        /// Whether contact geoms of two objects touch; any distance within the margin counts.
        func touch(_ a: String, _ b: String) -> Bool {
            guard let first = ids.objectIndices[a], let second = ids.objectIndices[b] else { return false }
            let d = data.pointer.pointee
            for i in 0..<Int(d.ncon) {
                let geoms = d.contact[i].geom
                guard geoms.0 >= 0, geoms.1 >= 0 else { continue }
                let (p, q) = (ids.objectOfGeom[Int(geoms.0)], ids.objectOfGeom[Int(geoms.1)])
                if (p == first && q == second) || (p == second && q == first) { return true }
            }
            return false
        }
    }
#endif
