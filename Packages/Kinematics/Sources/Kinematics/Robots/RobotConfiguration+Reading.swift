public import Foundation

extension RobotConfiguration {
    /// Reads a robot file: this project's JSON (`*.robot.json`) or cuRobo's YAML, told apart by their keys.
    ///
    /// - Throws: ``RobotFileError`` with line and key.
    public static func read(_ url: URL, limits: RobotFileLimits = .default) throws -> RobotConfiguration {
        try parse(
            try readBytes(url, limits: limits), name: url.path, folder: url.deletingLastPathComponent(), limits: limits)
    }

    /// Reads a text; `name` stands for the file in errors, spheres in a file of their own are looked for in `folder`.
    ///
    /// - Throws: ``RobotFileError`` with line and key.
    public static func parse(
        _ data: Data, name: String, folder: URL? = nil, limits: RobotFileLimits = .default
    ) throws -> RobotConfiguration {
        let root = try ConfigurationNode.parse(data, file: name, limits: limits)
        guard root.isMapping else { throw root.error(.wrongRoot, "the file holds no mapping") }
        let robot = root["robot_cfg"] ?? root
        var reader = RobotConfigurationReader(robot["kinematics"] ?? robot, folder: folder, limits: limits)
        try reader.read()
        return reader.configuration
    }
}

private struct RobotConfigurationReader {
    var configuration: RobotConfiguration
    private let root: ConfigurationNode
    private let folder: URL?
    private let limits: RobotFileLimits
    private var sphereCount = 0

    init(_ root: ConfigurationNode, folder: URL?, limits: RobotFileLimits) {
        self.root = root
        self.folder = folder
        self.limits = limits
        configuration = RobotConfiguration(file: root.file)
    }

    mutating func read() throws {
        configuration.name = try root["name"]?.string()
        configuration.urdf = try (root["urdf_path"] ?? root["urdf"])?.string()
        configuration.baseLink = try root["base_link"]?.string()
        if let frames = root["tool_frames"] {
            configuration.toolFrames = try frames.strings()
        } else if let frame = root["ee_link"] {
            configuration.toolFrames = [try frame.string()]
        }
        try readCoordinates(root["cspace"] ?? root)
        if let locked = root["lock_joints"] {
            for (name, value) in try locked.members() { configuration.lockedJoints[name] = try value.number() }
        }
        try readExtraFrames()
        try readCollision()
        for (name, value) in try root.members() where !Self.knownKeys.contains(name) {
            configuration.warnings.append(
                .init(line: value.line, element: "key '\(name)'", message: "unknown key, passed over"))
        }
    }

    /// Keys that are read, and those of cuRobo that say nothing about what is computed here.
    private static let knownKeys: Set<String> = [
        "name", "urdf_path", "urdf", "base_link", "tool_frames", "ee_link", "cspace", "lock_joints", "extra_frames",
        "extra_links", "collision_link_names", "collision_spheres", "extra_collision_spheres",
        "collision_sphere_buffer", "self_collision_ignore", "self_collision_buffer", "joint_names",
        "default_joint_position", "retract_config", "null_space_weight", "cspace_distance_weight", "max_acceleration",
        "max_jerk", "position_limit_clip",
        // files of other programs, meshes, and what is computed on the GPU
        "usd_path", "usd_robot_root", "isaac_usd_path", "usd_flip_joints", "usd_flip_joint_limits", "asset_root_path",
        "external_asset_path", "external_robot_configs_path", "use_external_assets", "use_usd_kinematics",
        "use_global_cumul", "use_robot_segmentation", "mesh_link_names", "link_names", "load_meshes",
        "load_link_names_with_mesh", "load_tool_frames_with_mesh", "add_object_link", "grasp_contact_link_names",
        "debug", "num_envs", "load_dynamics", "dynamics", "format_version", "payload_mass_range", "payload_joint",
        "neural_inverse_dynamics_state_dict", "comment", "license", "source", "notes",
    ]

    private mutating func readCoordinates(_ space: ConfigurationNode) throws {
        configuration.jointNames = try space["joint_names"]?.strings()
        if let names = configuration.jointNames, let double = names.first(where: { n in names.count { $0 == n } > 1 }) {
            throw space["joint_names"]!.error(.duplicateName, "'\(double)' occurs twice")
        }
        let count = configuration.jointNames?.count
        func list(_ keys: String..., broadcast: Bool = false) throws -> [Double] {
            guard let node = keys.lazy.compactMap({ space[$0] }).first else { return [] }
            if broadcast, node.isScalar { return [try node.number()] }
            return try node.numbers(count: count)
        }
        configuration.defaultPositions = try list("default_joint_position", "retract_config")
        configuration.nullSpaceWeights = try list("null_space_weight")
        configuration.distanceWeights = try list("cspace_distance_weight")
        configuration.maximumAcceleration = try list("max_acceleration", broadcast: true)
        configuration.maximumJerk = try list("max_jerk", broadcast: true)
        for key in ["max_acceleration", "max_jerk"] {
            let values = key == "max_jerk" ? configuration.maximumJerk : configuration.maximumAcceleration
            if let value = values.first(where: { !(1e-6...1e9 ~= $0) }) {
                throw space[key]!.error(.invalidValue, "a limit of \(value); 1e-6 to 1e9 are possible")
            }
        }
        configuration.positionLimitClip = try space["position_limit_clip"]?.number() ?? 0
        if configuration.positionLimitClip < 0 {
            throw space["position_limit_clip"]!.error(.invalidValue, "is negative: limits are only ever drawn in")
        }
    }

    private mutating func readExtraFrames() throws {
        // our own: name → parent, xyz, quat_wxyz
        for (name, value) in try root["extra_frames"]?.members() ?? [] {
            guard let parent = value["parent"] else { throw value.error(.missing, "no parent") }
            let quaternion = try value["quat_wxyz"]?.numbers(count: 4) ?? [1, 0, 0, 0]
            let pose = try value.pose(try value["xyz"]?.vector() ?? .zero, wxyz: quaternion)
            configuration.extraFrames.append(.init(name: name, parent: try parent.string(), pose: pose))
        }
        // cuRobo's: name → parent_link_name, fixed_transform
        for (name, value) in try root["extra_links"]?.members() ?? [] {
            guard let parent = value["parent_link_name"] else { throw value.error(.missing, "no parent_link_name") }
            let type = try value["joint_type"]?.string() ?? "FIXED"
            guard type.uppercased() == "FIXED" else {
                throw value.error(.unsupported, "an extra link with a joint of type '\(type)'")
            }
            let link = try value["link_name"]?.string() ?? name
            let pose = try value["fixed_transform"]?.pose() ?? .identity
            configuration.extraFrames.append(.init(name: link, parent: try parent.string(), pose: pose))
        }
    }

    private mutating func readCollision() throws {
        configuration.collisionLinks = try root["collision_link_names"]?.strings() ?? []
        if let node = root["collision_spheres"] {
            configuration.collisionSpheres = try spheres(node.isScalar ? try sphereFile(node) : node)
        }
        if root["collision_link_names"] == nil {
            configuration.collisionLinks = configuration.collisionSpheres.keys.sorted()
        }
        for (link, value) in try root["extra_collision_spheres"]?.members() ?? [] {
            let count = try value.number()
            guard 0...10_000 ~= count else { throw value.error(.limitExceeded, "\(count) extra spheres") }
            // places for an attached object: inactive until it has one
            let place = RobotConfiguration.Sphere(center: .zero, radius: -10)
            configuration.collisionSpheres[link, default: []] += Array(repeating: place, count: Int(count))
        }
        if let buffer = root["collision_sphere_buffer"] {
            if buffer.isScalar {
                configuration.sphereBuffer = try buffer.number()
            } else {
                for (link, value) in try buffer.members() { configuration.linkSphereBuffers[link] = try value.number() }
            }
        }
        for (link, others) in try root["self_collision_ignore"]?.members() ?? [] {
            configuration.selfCollisionIgnore[link] = try others.strings()
        }
        for (link, value) in try root["self_collision_buffer"]?.members() ?? [] {
            configuration.selfCollisionBuffers[link] = try value.number()
        }
    }

    /// The spheres of a file of their own, found by its path or its last component in the robot file's folder.
    private func sphereFile(_ node: ConfigurationNode) throws -> ConfigurationNode {
        let name = try node.string()
        // never the robot file itself, which may have the same name in another folder
        let own = URL(fileURLWithPath: node.file).standardizedFileURL.path
        let candidates = [name, "spheres/\(name)", (name as NSString).lastPathComponent].map {
            $0.hasPrefix("/")
                ? URL(fileURLWithPath: $0) : (folder ?? URL(fileURLWithPath: ".")).appendingPathComponent($0)
        }.filter { $0.standardizedFileURL.path != own }
        guard let url = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
            throw node.error(
                .cannotRead, "the file of spheres '\(name)' is not there",
                advice: "Looked for \(candidates.map(\.path)).")
        }
        let data = try readBytes(url, limits: limits)
        let root = try ConfigurationNode.parse(data, file: url.path, limits: limits)
        guard let spheres = root["collision_spheres"] else {
            guard root["robot_cfg"] == nil, root["kinematics"] == nil else {
                throw root.error(.missing, "a robot file without collision_spheres where a file of spheres is named")
            }
            return root
        }
        return spheres
    }

    private mutating func spheres(_ node: ConfigurationNode) throws -> [String: [RobotConfiguration.Sphere]] {
        var result: [String: [RobotConfiguration.Sphere]] = [:]
        for (link, list) in try node.members() {
            result[link] = try list.items().map { item in
                sphereCount += 1
                guard sphereCount <= limits.elementCount else {
                    throw item.error(.limitExceeded, "more than \(limits.elementCount) spheres")
                }
                guard let center = item["center"], let radius = item["radius"] else {
                    throw item.error(.missing, "a sphere needs center and radius")
                }
                return .init(center: try center.vector(), radius: try radius.length())
            }
        }
        return result
    }
}
