import Evaluation
import RobotInterface

/// A hand on a line that has to come to rest at a mark at 0.3 m.
struct Line: Environment {
    static let instruction = "go to the mark"
    let description = EnvironmentDescription(
        suite: "line", tasks: ["reach"], actionSpace: .libero, cameras: [:], stateParts: [.endEffectorPosition],
        initialStateCounts: [0], provenance: [:])
    var instruction: String { Self.instruction }
    var x = 0.0
    var restingStepCount = 0
    var stateHash: UInt64 { x.bitPattern &+ UInt64(restingStepCount) }

    static func observation(at x: Double) -> Observation {
        Observation(
            cameras: [:],
            state: RobotState(
                endEffectorPosition: [x, 0, 0], endEffectorOrientation: .axisAngle(.zero), fingerPositions: []),
            instruction: instruction)
    }

    mutating func reset(to start: EpisodeStart) -> Observation {
        (x, restingStepCount) = (0, 0)
        return Self.observation(at: x)
    }

    mutating func step(_ action: [Double]) -> EnvironmentStep {
        x += 0.05 * action[0]
        restingStepCount = abs(x - 0.3) < 0.02 && abs(action[0]) < 0.1 ? restingStepCount + 1 : 0
        return EnvironmentStep(observation: Self.observation(at: x), isSuccess: restingStepCount == 4)
    }
}

extension Line {
    /// Demonstrations that slow down towards the mark, each from another place.
    static let demonstrations = InMemoryDemonstrationSet(
        name: "line", cameras: [:], stateLayout: StateLayout([.endEffectorPosition]), actionSpace: .libero,
        demonstrations: (0..<10).map { number in
            var x = -0.02 * Double(number)
            var states: [[Double]] = []
            var actions: [[Double]] = []
            for _ in 0..<25 {
                states.append([x, 0, 0])
                actions.append([2 * (0.3 - x), 0, 0, 0, 0, 0, -1])
                x += 0.05 * 2 * (0.3 - x)
            }
            return InMemoryDemonstration(instruction: instruction, actions: actions, states: states) { [states] in
                observation(at: states[$0][0])
            }
        })
}
