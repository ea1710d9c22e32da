#if MuJoCo
    import CMuJoCo

    /// The numbers of a scene's parts in its model.
    struct SceneIDs {
        /// By object.
        var rootBodies: [String: Int] = [:]
        /// The first of seven positions of a free joint, by movable object.
        var freeJoints: [String: Int] = [:]
        /// The positions of joints, by joint.
        var jointPositions: [String: Int] = [:]
        /// By region, for those that are in the scene.
        var sites: [String: Int] = [:]
        /// The object a geom belongs to where it touches things, else −1; by geom.
        var objectOfGeom: [Int]
        /// By object, its place in `ComposedScene.objects`.
        var objectIndices: [String: Int] = [:]
        /// The geoms of the left and the right finger.
        let fingerGeoms: [Set<Int>]
        let gripSite: Int
        let hand: Int
        /// The first positions and velocities of arm and fingers.
        let armPositions: [Int]
        let armVelocities: [Int]
        let fingerPositions: [Int]
        let fingerVelocities: [Int]
        /// The poses of fixtures in the file, by object.
        var fixturePoses: [String: [Double]] = [:]
        /// Which sites are drawn while which knob is turned on.
        var burners: [(site: Int, joint: Int, mechanism: Mechanism)] = []

        init(_ scene: ComposedScene, model: MuJoCoModel) throws(LiberoSimulationError) {
            func required(_ kind: mjtObj, _ name: String) throws(LiberoSimulationError) -> Int {
                guard let id = model.id(kind, name) else {
                    throw .damagedAsset(path: "the composed scene", line: nil, reason: "the model has no '\(name)'")
                }
                return id
            }
            let m = model.pointer.pointee
            objectOfGeom = [Int](repeating: -1, count: Int(m.ngeom))
            for (index, object) in scene.objects.enumerated() {
                let body = try required(mjOBJ_BODY, object.rootBody)
                rootBodies[object.name] = body
                objectIndices[object.name] = index
                for joint in object.joints {
                    jointPositions[joint] = Int(m.jnt_qposadr[try required(mjOBJ_JOINT, joint)])
                }
                for geom in object.contactGeoms { objectOfGeom[try required(mjOBJ_GEOM, geom)] = index }
                if object.isFixture {
                    fixturePoses[object.name] =
                        (0..<3).map { m.body_pos[3 * body + $0] } + (0..<4).map { m.body_quat[4 * body + $0] }
                } else {
                    freeJoints[object.name] = Int(m.jnt_qposadr[try required(mjOBJ_JOINT, object.freeJoint)])
                }
                if let mechanism = object.category.mechanism, mechanism.kind == .stove,
                    let site = model.id(mjOBJ_SITE, "\(object.name)_burner"), let joint = object.joints.first
                {
                    burners.append((site, Int(m.jnt_qposadr[try required(mjOBJ_JOINT, joint)]), mechanism))
                }
            }
            for key in scene.regions.keys { sites[key] = try required(mjOBJ_SITE, key) }

            let geomNames = (0..<Int(m.ngeom)).map { model.name(mjOBJ_GEOM, $0) ?? "" }
            fingerGeoms = ["gripper0_finger1", "gripper0_finger2"].map { prefix in
                Set(geomNames.indices.filter { geomNames[$0].hasPrefix(prefix) })
            }
            gripSite = try required(mjOBJ_SITE, "gripper0_grip_site")
            hand = try required(mjOBJ_BODY, "robot0_right_hand")
            var (positions, velocities): ([Int], [Int]) = ([], [])
            let names = (1...7).map { "robot0_joint\($0)" } + (1...2).map { "gripper0_finger_joint\($0)" }
            for name in names {
                let id = try required(mjOBJ_JOINT, name)
                positions.append(Int(m.jnt_qposadr[id]))
                velocities.append(Int(m.jnt_dofadr[id]))
            }
            (armPositions, fingerPositions) = (Array(positions[..<7]), Array(positions[7...]))
            (armVelocities, fingerVelocities) = (Array(velocities[..<7]), Array(velocities[7...]))
        }
    }
#endif
