// A policy of your own, evaluated in LIBERO's simulation.
//
//     swift run --traits MuJoCo OwnPolicy <output folder>

import Evaluation
import Foundation
import LiberoEvaluation
import RobotInterface

/// Moves the hand to a place above the table and closes the gripper there.
struct Reach: Policy {
    let requirements = PolicyRequirements(
        actionSpace: .libero, stateLayout: StateLayout([.endEffectorPosition]))

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        try observations.map { observation in
            guard let hand = observation.state?.endEffectorPosition else { throw ObservationError.missingState("hand") }
            let gap = (SIMD3(0, 0, 1.1) - hand) / 0.05  // metres, of 5 cm per step
            return ActionChunk([[gap.x, gap.y, gap.z].map { min(max($0, -1), 1) } + [0, 0, 0, 1]])
        }
    }
}

let rules = EvaluationRules(episodesPerTask: 1, stepLimit: 20, starts: .drawn)
let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "out")
let result = try evaluate(Reach(), named: "reach", rules: rules, tasks: [0, 1], folder: folder) {
    try WorldRequest(suite: "builtin").setting().environment()
}
print(result.text)
