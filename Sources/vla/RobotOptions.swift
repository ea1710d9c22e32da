import ArgumentParser
import Foundation
import Kinematics
import RobotReports

/// Which robot, and what is around it.
struct RobotOptions: ParsableArguments {
    @Option(help: "panda, piper, a URDF or a robot file.", completion: .file())
    var robot: String

    @Option(help: "An additional folder to search for URDF and mesh files; may be repeated.")
    var search: [String] = []

    @Option(help: "A scene (cuRobo's YAML or JSON) of obstacles to avoid.", completion: .file())
    var scene: String?

    var source: RobotSource {
        RobotSource(
            robot, searchPaths: search.map { URL(fileURLWithPath: $0) }, scene: scene.map { URL(fileURLWithPath: $0) })
    }
}

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument {
    var values: [Double]

    init?(argument: String) {
        let words = argument.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) }
        guard !words.isEmpty, words.allSatisfy({ $0.map { abs($0) <= 1e6 } == true }) else { return nil }
        values = words.compactMap { $0 }
    }

    func vector(_ name: String) throws -> Vector3 {
        guard values.count == 3 else { throw ValidationError("--\(name) has \(values.count) numbers; it needs x,y,z.") }
        return Vector3(values[0], values[1], values[2])
    }
}
