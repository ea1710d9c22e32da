import FileSupport
public import Foundation
public import Kinematics

/// A robot by a name or a file, and what is around it.
///
/// Names are looked up as `NAME/NAME.robot.json` below the folder of the environment variable `VLA_ROBOTS`, then below
/// `robots` in that of `VLA_SHARED` or in `../shared`; where none of them has it, the built-in joints and limits are used.
public struct RobotSource: Sendable {
    /// `panda`, `piper`, a URDF or a robot file.
    public var name: String
    /// Folders in which URDF and mesh files are looked for, too.
    public var searchPaths: [URL]
    /// A scene of obstacles, cuRobo's YAML or JSON; `nil` for none.
    public var scene: URL?

    public init(_ name: String, searchPaths: [URL] = [], scene: URL? = nil) {
        self.name = name
        self.searchPaths = searchPaths
        self.scene = scene
    }

    /// The file of the name; `nil` where there is none.
    private var file: URL? {
        if name.contains("/") || name.contains(".") { return URL(fileURLWithPath: name) }
        let environment = ProcessInfo.processInfo.environment
        let folders = [
            environment["VLA_ROBOTS"], environment["VLA_SHARED"].map { $0 + "/robots" }, "../shared/robots",
        ]
        return folders.compactMap { $0 }.map { URL(fileURLWithPath: "\($0)/\(name)/\(name).robot.json") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// - Throws: `RequestError` for a name that is not known, `RobotFileError` for a file that cannot be used.
    public func model() throws -> RobotModel {
        if let file { return try RobotModel(at: file, searchPaths: searchPaths) }
        guard let description = RobotDescription.builtIn[name] else {
            throw RequestError(
                "There is no robot '\(name)'. Built in are \(RobotDescription.builtIn.keys.sorted()); others are given "
                    + "as a file.")
        }
        return try RobotModel(description, configuration: RobotConfiguration.builtIn[name])
    }

    /// Spheres and scene; `nil` when the robot has no spheres and no scene is given.
    public func collision(_ model: RobotModel) throws -> CollisionModel? {
        let world = try scene.map { try CollisionWorld.read($0) }
        if world == nil && model.configuration?.collisionSpheres.isEmpty ?? true { return nil }
        return try CollisionModel(model, world: world ?? CollisionWorld())
    }
}

extension RobotModel {
    /// The joint positions of a request, checked against the coordinates; the preferred posture for `nil`.
    ///
    /// - Parameter inDegrees: Whether angles are in degrees.
    /// - Throws: `RequestError` for another count.
    public func positions(_ values: [Double]?, inDegrees: Bool = false) throws -> [Double] {
        guard let values else { return preferredPositions }
        guard values.count == coordinateCount else {
            throw RequestError(
                "\(values.count) joint positions are given; the robot has \(coordinateCount): "
                    + coordinates.map(\.joint).joined(separator: ", "))
        }
        return zip(values, coordinates).map { inDegrees && !$1.isPrismatic ? $0 * .pi / 180 : $0 }
    }

    /// The frame of a name; the only tool frame for `nil`.
    ///
    /// - Throws: `RequestError` where there is not one tool frame.
    public func toolFrame(_ name: String?) throws -> Frame {
        if let name { return try frame(name) }
        guard let tool = configuration?.toolFrames.first, configuration?.toolFrames.count == 1 else {
            throw RequestError("Name a frame with --frame; there are \(frameNames.joined(separator: ", ")).")
        }
        return try frame(tool)
    }
}
