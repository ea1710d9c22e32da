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
    }

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
            if values.contains(where: { $0 <= 0 }) { throw space[key]!.error(.invalidValue, "a limit of 0 or less") }
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
        let candidates = [name, "spheres/\(name)", (name as NSString).lastPathComponent].map {
            $0.hasPrefix("/")
                ? URL(fileURLWithPath: $0) : (folder ?? URL(fileURLWithPath: ".")).appendingPathComponent($0)
        }
        guard let url = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
            throw node.error(
                .cannotRead, "the file of spheres '\(name)' is not there",
                advice: "Looked for \(candidates.map(\.path)).")
        }
        let data = try readBytes(url, limits: limits)
        let root = try ConfigurationNode.parse(data, file: url.path, limits: limits)
        return root["collision_spheres"] ?? root
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
                return .init(center: try center.vector(), radius: try radius.number())
            }
        }
        return result
    }
}
