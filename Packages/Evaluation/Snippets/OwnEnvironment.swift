// An environment of your own, in which a policy is evaluated.
//
//     swift run OwnEnvironment <output folder>

import Evaluation
import Foundation
import RobotInterface

/// A hand on a line that has to reach a mark.
struct Line: Environment {
    let description = EnvironmentDescription(
        suite: "line", tasks: ["reach"], actionSpace: .libero, cameras: [:], stateParts: [.endEffectorPosition],
        initialStateCounts: [0], provenance: [:])
    let instruction = "go to the mark"
    var x = 0.0
    var stateHash: UInt64 { x.bitPattern }
    var observation: Observation {
        Observation(
            cameras: [:],
            state: RobotState(
                endEffectorPosition: [x, 0, 0], endEffectorOrientation: .axisAngle(.zero), fingerPositions: []),
            instruction: instruction)
    }

    mutating func reset(to start: EpisodeStart) -> Observation {
        x = 0
        return observation
    }

    mutating func step(_ action: [Double]) -> EnvironmentStep {
        x += 0.05 * action[0]
        return EnvironmentStep(observation: observation, isSuccess: x > 0.3)
    }
}

let rules = EvaluationRules(episodesPerTask: 20, settlingStepCount: 0, stepLimit: 100, starts: .drawn)
let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "out")
print(try evaluate(RandomPolicy(), named: "random", rules: rules, folder: folder) { Line() }.text)
