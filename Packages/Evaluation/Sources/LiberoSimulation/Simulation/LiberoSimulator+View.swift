#if MuJoCo
    import CMuJoCo
    import Kinematics

    extension LiberoSimulator {
        /// Everything about the scene as it is now, for scripted experts.
        public var view: SceneView {
            let (m, d) = (model.pointer.pointee, data.pointer.pointee)
            let (p, R) = (d.site_xpos + 3 * ids.gripSite, d.site_xmat + 9 * ids.gripSite)
            return SceneView(
                geometry: geometry, gripPosition: Vector3(p[0], p[1], p[2]),
                gripRotation: Matrix3(
                    rows: Vector3(R[0], R[1], R[2]), Vector3(R[3], R[4], R[5]), Vector3(R[6], R[7], R[8])),
                fingerPositions: SIMD2(
                    d.qpos[ids.fingerPositions[0]], d.qpos[ids.fingerPositions[1]]),
                goalHolds: problem.goal.map(holds),
                jointPositions: geometry.joints.keys.reduce(into: [:]) { positions, name in
                    positions[name] = ids.jointPositions[name].map { d.qpos[$0] }
                },
                fingerContacts: fingerContacts,
                bodyPositions: Array(UnsafeBufferPointer(start: d.xpos, count: 3 * Int(m.nbody))),
                bodyRotations: Array(UnsafeBufferPointer(start: d.xmat, count: 9 * Int(m.nbody))))
        }

        /// Position and quaternion (w, x, y, z) of a fixture's root body, such as `stove_1_main`; nil when there is none.
        public func fixturePose(ofBody name: String) -> [Double]? {
            guard let body = scene.objects.first(where: { $0.isFixture && $0.rootBody == name }),
                let id = ids.rootBodies[body.name]
            else { return nil }
            let m = model.pointer
            return (0..<3).map { m.pointee.body_pos[3 * id + $0] } + (0..<4).map { m.pointee.body_quat[4 * id + $0] }
        }

        /// The names of the geoms that touch, at the last forward pass.
        public var contacts: [(String, String)] {
            let d = data.pointer.pointee
            return (0..<Int(d.ncon)).map { i in
                let geoms = d.contact[i].geom
                return (model.name(mjOBJ_GEOM, Int(geoms.0)) ?? "", model.name(mjOBJ_GEOM, Int(geoms.1)) ?? "")
            }
        }

        /// What the two fingers touch, at the last forward pass.
        private var fingerContacts: [Set<String>] {
            let d = data.pointer.pointee
            var result: [Set<String>] = [[], []]
            for i in 0..<Int(d.ncon) {
                let geoms = d.contact[i].geom
                for (own, other) in [(Int(geoms.0), Int(geoms.1)), (Int(geoms.1), Int(geoms.0))] {
                    guard own >= 0, other >= 0, ids.objectOfGeom[other] >= 0,
                        let finger = ids.fingerGeoms.firstIndex(where: { $0.contains(own) })
                    else { continue }
                    result[finger].insert(scene.objects[ids.objectOfGeom[other]].name)
                }
            }
            return result
        }

        /// The joints within fixtures.
        private static func joints(
            of scene: ComposedScene, model: MuJoCoModel
        ) -> [String: SceneJoint] {
            let m = model.pointer.pointee
            var joints: [String: SceneJoint] = [:]
            for object in scene.objects where object.isFixture {
                for name in object.joints {
                    guard let id = model.id(mjOBJ_JOINT, name) else { continue }
                    let (axis, anchor, range) = (m.jnt_axis + 3 * id, m.jnt_pos + 3 * id, m.jnt_range + 2 * id)
                    joints[name] = SceneJoint(
                        object: object.name,
                        kind: m.jnt_type[id] == Int32(mjJNT_SLIDE.rawValue) ? .slide : .hinge,
                        body: Int(m.jnt_bodyid[id]), axis: Vector3(axis[0], axis[1], axis[2]),
                        anchor: Vector3(anchor[0], anchor[1], anchor[2]),
                        range: range[0]...max(range[0], range[1]), mechanism: object.category.mechanism)
                }
            }
            return joints
        }

        /// The boxes around all collision shapes but the robot's.
        static func geometry(of scene: ComposedScene, model: MuJoCoModel, ids: SceneIDs) -> SceneGeometry {
            let m = model.pointer.pointee
            func rotation(_ quaternion: UnsafePointer<Double>) -> Matrix3 {
                var r = [Double](repeating: 0, count: 9)
                mju_quat2Mat(&r, quaternion)
                return Matrix3(
                    rows: Vector3(r[0], r[1], r[2]), Vector3(r[3], r[4], r[5]), Vector3(r[6], r[7], r[8]))
            }
            func vector(_ p: UnsafePointer<Double>) -> Vector3 { Vector3(p[0], p[1], p[2]) }

            var boxes: [ShapeBox] = []
            let robot = ["robot0_", "gripper0_", "mount0_"]
            for geom in 0..<Int(m.ngeom) where m.geom_group[geom] == 0 {
                let body = Int(m.geom_bodyid[geom])
                let name = model.name(mjOBJ_BODY, body) ?? ""
                guard !robot.contains(where: { name.hasPrefix($0) }), m.geom_type[geom] != Int32(mjGEOM_PLANE.rawValue)
                else { continue }
                let turn = rotation(m.geom_quat + 4 * geom)
                let object = ids.objectOfGeom[geom]
                boxes.append(
                    ShapeBox(
                        body: body, object: object < 0 ? nil : scene.objects[object].name,
                        center: vector(m.geom_pos + 3 * geom) + turn * vector(m.geom_aabb + 6 * geom), rotation: turn,
                        halfSize: vector(m.geom_aabb + 6 * geom + 3)))
            }
            var regions: [String: ShapeBox] = [:]
            for (key, site) in ids.sites {
                guard let region = scene.regions[key] else { continue }
                regions[key] = ShapeBox(
                    body: Int(m.site_bodyid[site]), object: region.parent, center: vector(m.site_pos + 3 * site),
                    rotation: rotation(m.site_quat + 4 * site), halfSize: region.halfSize)
            }
            return SceneGeometry(
                boxes: boxes, rootBodies: ids.rootBodies,
                movableObjects: scene.objects.filter { !$0.isFixture }.map(\.name), regions: regions,
                categories: Dictionary(
                    scene.objects.map { ($0.name, $0.categoryName) }, uniquingKeysWith: { first, _ in first }),
                joints: joints(of: scene, model: model),
                jointNames: Dictionary(
                    scene.objects.filter(\.isFixture).map { ($0.name, $0.joints) }
                        + scene.regions.values.map { ($0.key, $0.joints) }, uniquingKeysWith: { first, _ in first }),
                robotBase: scene.sceneClass.robotBase, goal: [])
        }
    }
#endif
