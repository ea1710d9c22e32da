/// The Panda of robosuite on its mount, with its gripper.
struct RobotComposer {
    let assets: any SceneAssets
    let sceneClass: SceneClass

    /// Armature of the first joint; the i-th has this over i.
    private static let armature = 5.0
    private static let damping = [0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01]

    /// The robot's document with mount and gripper in it.
    func compose() throws(LiberoSimulationError) -> MJCFElement {
        let files = assets.robotFiles
        let robot = try part(files.robot, prefix: "robot0_", color: "0 0.5 0 1")
        let mount = try part(sceneClass.mount, prefix: "mount0_", color: "0.5 0.5 0 1")
        let gripper = try part(files.gripper, prefix: "gripper0_", color: "0 0 0.5 1")
        guard let base = robot.first("body", named: "robot0_base"),
            let hand = robot.first("body", named: "robot0_right_hand")
        else { throw damaged(files.robot, "no body 'base' or 'right_hand'") }
        guard let foot = mount.first("worldbody")?.first("body") else { throw damaged(sceneClass.mount, "no body") }
        guard let grip = gripper.first("worldbody")?.first("body") else { throw damaged(files.gripper, "no body") }

        base["pos"] = text(sceneClass.robotBase)
        for (index, damping) in Self.damping.enumerated() {
            guard let joint = robot.first("joint", named: "robot0_joint\(index + 1)") else {
                throw damaged(files.robot, "no joint\(index + 1)")
            }
            joint["damping"] = "\(damping)"
            joint["frictionloss"] = "0.1"
            joint["armature"] = "\(Self.armature / Double(index + 1))"
        }

        // the mount's bodies come after the whole arm
        foot["pos"] = text(sceneClass.mountPosition)
        base.append(foot)
        hand.append(grip)
        for part in [mount, gripper] {
            for section in part.children where section.name != "worldbody" {
                if let target = robot.first(section.name) {
                    section.children.forEach(target.append)
                } else {
                    robot.append(section)
                }
            }
        }
        return robot
    }

    /// A document with names for all geoms, collision geoms painted, and a prefix before all names.
    private func part(_ path: String, prefix: String, color: String) throws(LiberoSimulationError) -> MJCFElement {
        let document = try assets.document(path)
        var counts = [0, 0]
        for geom in document.first("worldbody")?.descendants("geom") ?? [] {
            let isVisual = geom["group"] == "1"
            if geom["name"] == nil {
                geom["name"] = isVisual ? "g\(counts[1])_vis" : "g\(counts[0])_col"
                counts[isVisual ? 1 : 0] += 1
            }
            if !isVisual { paint(geom, color) }
        }
        for section in document.children { addPrefix(prefix, to: section) }
        return document
    }

    private func damaged(_ path: String, _ reason: String) -> LiberoSimulationError {
        .damagedAsset(path: "\(assets.name)/\(path)", line: nil, reason: reason)
    }
}

/// The attributes that hold the name of an element.
private let nameAttributes = [
    "class", "childclass", "name", "material", "texture", "joint", "joint1", "joint2", "jointinparent", "geom", "geom1",
    "geom2", "mesh", "actuator", "objname", "tendon", "tendonname", "slidersite", "cranksite", "body", "body1", "body2",
    "hfield", "target", "site", "site1", "site2",
]

/// Puts a prefix before all names in an element and below it, but for those that begin with it.
func addPrefix(_ prefix: String, to element: MJCFElement) {
    for part in element.descendants {
        for attribute in nameAttributes {
            if let value = part[attribute], !value.hasPrefix(prefix) { part[attribute] = prefix + value }
        }
    }
}
