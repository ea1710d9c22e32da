public import Foundation

/// The obstacles around a robot, in its base frame.
public struct CollisionWorld: Sendable {
    public var obstacles: [Obstacle]

    public init(_ obstacles: [Obstacle] = []) { self.obstacles = obstacles }

    /// The signed distance of a point to the nearest enabled obstacle; infinite without one.
    public func signedDistance(to point: Vector3) -> Double {
        obstacles.reduce(.infinity) { $1.isEnabled ? min($0, $1.signedDistance(to: point)) : $0 }
    }

    /// Reads a scene in cuRobo's YAML, or the same as JSON.
    ///
    /// `cuboid{dims, pose}`, `sphere{position, radius}`, `capsule{radius, base, tip, pose}`,
    /// `cylinder{radius, height, pose}`, `mesh{file_path, pose, scale}`, and `plane{pose}` for all below z = 0; each a
    /// mapping by names. A pose is `[x, y, z, qw, qx, qy, qz]`. `enabled: false` switches an obstacle off.
    ///
    /// - Throws: ``RobotFileError`` with line and key.
    public static func read(_ url: URL, limits: RobotFileLimits = .default) throws -> CollisionWorld {
        try parse(
            try readBytes(url, limits: limits), name: url.path, folder: url.deletingLastPathComponent(), limits: limits)
    }

    /// Reads a text; `name` stands for the file in errors, mesh files are looked for in `folder`.
    ///
    /// - Throws: ``RobotFileError`` with line and key.
    public static func parse(
        _ data: Data, name: String, folder: URL? = nil, limits: RobotFileLimits = .default
    ) throws -> CollisionWorld {
        let root = try ConfigurationNode.parse(data, file: name, limits: limits)
        var obstacles: [Obstacle] = []
        for (kind, group) in try root.members() {
            for (name, value) in group.isNull ? [] : try group.members() {
                guard obstacles.count < limits.elementCount else {
                    throw value.error(.limitExceeded, "more than \(limits.elementCount) obstacles")
                }
                obstacles.append(try obstacle(kind, name, value, folder: folder, limits: limits))
            }
        }
        return CollisionWorld(obstacles)
    }

    private static func obstacle(
        _ kind: String, _ name: String, _ value: ConfigurationNode, folder: URL?, limits: RobotFileLimits
    ) throws -> Obstacle {
        func required(_ key: String) throws -> ConfigurationNode {
            guard let found = value[key] else { throw value.error(.missing, "a \(kind) needs '\(key)'") }
            return found
        }
        func size(_ key: String) throws -> Double {
            let node = try required(key)
            let number = try node.number()
            guard number >= 0 else { throw node.error(.invalidValue, "\(number) is negative") }
            return number
        }
        var pose = try value["pose"]?.pose() ?? .identity
        let shape: Obstacle.Shape
        switch kind {
        case "cuboid":
            let dimensions = try required("dims")
            let edges = try dimensions.vector()
            guard edges.min() >= 0 else { throw dimensions.error(.invalidValue, "an edge is negative") }
            shape = .cuboid(edges)
        case "sphere":
            shape = .sphere(radius: try size("radius"))
            if let position = value["position"] { pose.translation = try position.vector() }
        case "capsule":
            shape = .capsule(
                base: try required("base").vector(), tip: try required("tip").vector(), radius: try size("radius"))
        case "cylinder": shape = .cylinder(radius: try size("radius"), height: try size("height"))
        case "plane": shape = .halfSpace
        case "mesh":
            let path = try required("file_path").string()
            let url =
                path.hasPrefix("/") || folder == nil
                ? URL(fileURLWithPath: path) : folder!.appendingPathComponent(path)
            let scale = try value["scale"]?.vector() ?? Vector3(1, 1, 1)
            shape = .mesh(MeshDistance(try TriangleMesh.read(url, limits: limits).scaled(by: scale)))
        default:
            throw value.error(
                .unsupported, "obstacles of the kind '\(kind)'",
                advice: "There are cuboid, sphere, capsule, cylinder, plane and mesh.")
        }
        let extents = Self.extents(of: shape) + [pose.translation.x, pose.translation.y, pose.translation.z]
        guard extents.allSatisfy({ abs($0) <= lengthLimit }) else {
            throw value.error(.invalidValue, "a place or size beyond ±\(lengthLimit) m")
        }
        return Obstacle(name, shape, pose: pose, isEnabled: try value["enabled"]?.bool() ?? true)
    }

    private static func extents(of shape: Obstacle.Shape) -> [Double] {
        switch shape {
        case .cuboid(let edges): [edges.x, edges.y, edges.z]
        case .sphere(let radius): [radius]
        case .capsule(let base, let tip, let radius): [base.x, base.y, base.z, tip.x, tip.y, tip.z, radius]
        case .cylinder(let radius, let height): [radius, height]
        default: []
        }
    }
}
