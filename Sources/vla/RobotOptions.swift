import ArgumentParser
import Foundation
import Kinematics

/// Which robot, and what is around it.
struct RobotOptions: ParsableArguments {
    @Option(help: "panda, piper, a URDF or a robot file.", completion: .file())
    var robot: String

    @Option(help: "A folder in which URDF and mesh files are looked for, too; may be given several times.")
    var search: [String] = []

    @Option(help: "A scene (cuRobo's YAML or JSON) of obstacles to avoid.", completion: .file())
    var scene: String?

    var searchPaths: [URL] { search.map { URL(fileURLWithPath: $0) } }

    /// The file of a name, where there is one.
    private var file: URL? {
        let manager = FileManager.default
        if robot.contains("/") || robot.contains(".") { return URL(fileURLWithPath: robot) }
        let environment = ProcessInfo.processInfo.environment
        let folders = [
            environment["VLA_ROBOTS"], environment["VLA_SHARED"].map { $0 + "/robots" }, "../shared/robots",
        ]
        return folders.compactMap { $0 }.map { URL(fileURLWithPath: "\($0)/\(robot)/\(robot).robot.json") }
            .first { manager.fileExists(atPath: $0.path) }
    }

    func model() throws -> RobotModel {
        if let file { return try RobotModel(at: file, searchPaths: searchPaths) }
        guard let description = RobotDescription.builtIn[robot] else {
            throw ValidationError(
                "There is no robot '\(robot)'. Built in are \(RobotDescription.builtIn.keys.sorted()); others are given "
                    + "as a file.")
        }
        return try RobotModel(description, configuration: RobotConfiguration.builtIn[robot])
    }

    /// Spheres and scene; nil when the robot has no spheres and no scene is given.
    func collision(_ model: RobotModel) throws -> CollisionModel? {
        let world = try scene.map { try CollisionWorld.read(URL(fileURLWithPath: $0)) }
        if world == nil && model.configuration?.collisionSpheres.isEmpty ?? true { return nil }
        return try CollisionModel(model, world: world ?? CollisionWorld())
    }
}

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument {
    var values: [Double]

    init?(argument: String) {
        let words = argument.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) }
        guard !words.isEmpty, words.allSatisfy({ $0?.isFinite == true }) else { return nil }
        values = words.compactMap { $0 }
    }

    func vector(_ name: String) throws -> Vector3 {
        guard values.count == 3 else { throw ValidationError("--\(name) has \(values.count) numbers; it needs x,y,z.") }
        return Vector3(values[0], values[1], values[2])
    }
}

/// A pose as the commands print it.
struct PoseReport: Codable {
    /// Metres.
    var xyz: [Double]
    /// Unit, w first.
    var quaternionWXYZ: [Double]
    /// Roll, pitch, yaw about fixed axes, in degrees.
    var rpyDegrees: [Double]

    init(_ pose: Pose) {
        let (p, q, angles) = (pose.translation, pose.rotation.quaternion, pose.rotation.rollPitchYaw)
        xyz = [p.x, p.y, p.z]
        quaternionWXYZ = [q.w, q.vector.x, q.vector.y, q.vector.z]
        rpyDegrees = [angles.roll, angles.pitch, angles.yaw].map { $0 * 180 / .pi }
    }

    var text: String {
        "xyz \(numbers(xyz, "%.6f")) m   rpy \(numbers(rpyDegrees, "%.4f"))°   wxyz \(numbers(quaternionWXYZ, "%.6f"))"
    }
}

/// Numbers in one format, without a minus before zero.
func numbers(_ values: [Double], _ format: String) -> String {
    values.map { value in
        let text = String(format: format, value)
        return text.hasPrefix("-") && Double(text) == 0 ? String(text.dropFirst()) : text
    }.joined(separator: " ")
}

extension RobotModel {
    /// The joint positions of an option, checked against the coordinates; nil for the preferred posture.
    func positions(_ list: NumberList?, degrees: Bool) throws -> [Double] {
        guard let list else { return preferredPositions }
        guard list.values.count == coordinateCount else {
            throw ValidationError(
                "\(list.values.count) joint positions are given; the robot has \(coordinateCount): "
                    + coordinates.map(\.joint).joined(separator: ", "))
        }
        return zip(list.values, coordinates).map { degrees && !$1.isPrismatic ? $0 * .pi / 180 : $0 }
    }

    /// The frame of a name, or the only tool frame.
    func toolFrame(_ name: String?) throws -> Frame {
        if let name { return try frame(name) }
        guard let tool = configuration?.toolFrames.first, configuration?.toolFrames.count == 1 else {
            throw ValidationError("Name a frame with --frame; there are \(frameNames.joined(separator: ", ")).")
        }
        return try frame(tool)
    }
}
