// A policy of your own, served to clients of openpi until Ctrl-C.
//
//     swift run --traits MuJoCo ServePolicy <port>

import PolicyServing
import RobotInterface

/// Stands still with an open gripper: what is left is the time of the server.
struct Rest: Policy {
    let requirements: PolicyRequirements

    init() {
        let camera = CameraDescription(width: 224, height: 224, orientation: .rotated180, renderProfile: "camera")
        requirements = PolicyRequirements(
            actionSpace: .libero, cameras: [.agentView: camera, .wrist: camera], stateLayout: .libero)
    }

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        let rest: [Double] = [0, 0, 0, 0, 0, 0, -1]
        return observations.map { _ in ActionChunk([[Double]](repeating: rest, count: 10)) }
    }
}

var configuration = PolicyServerConfiguration(.openPI)
configuration.port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8000
configuration.limits.connectionCount = 64
try await PolicyServer(policy: Rest(), configuration: configuration).run { print("listening at port \($0)") }
