// Fuzzes the records of episodes: what is read writes the same record again, and nothing in it can stop the program.
// modules: Evaluation
import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import TensorCore
import VLAPolicy

/// Takes every start and action; nothing moves.
private struct StillWorld: Environment {
    var description = EnvironmentDescription(
        suite: "still", tasks: ["stay"], actionSpace: .libero, cameras: [:], stateParts: [], initialStateCounts: [0],
        provenance: [:])
    let instruction = "stay"
    let stateHash: UInt64 = 0

    func reset(to start: EpisodeStart) throws -> Observation {
        if let perturbation = start.perturbation {
            _ = Double.random(in: -perturbation.targetRange...perturbation.targetRange)
        }
        return Observation(cameras: [:], state: nil, instruction: instruction)
    }
    func step(_ action: [Double]) throws -> EnvironmentStep {
        EnvironmentStep(observation: try reset(to: EpisodeStart(task: 0, placement: .drawn(seed: 0))), isSuccess: false)
    }
}

private struct StillAgent: Agent {
    func begin(_ episode: PlannedEpisode, in world: StillWorld) {}
    func decide(
        for observation: Observation, in world: StillWorld, using generator: inout PhiloxGenerator
    ) -> Decision {
        let action = [0.5, -0.0, 1e-300, 0, 0, 0, -1]
        return Decision(action: action, label: action, chunk: ActionChunk([action, action]))
    }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        var rules = EvaluationRules(settlingStepCount: 1, stepLimit: 2, starts: .drawn)
        rules.perturbation = EvaluationRules.Perturbation(targetRange: 0.04)
        var (world, agent) = (StillWorld(), StillAgent())
        let record = try rollOut(
            PlannedEpisode(task: 0, number: 0, rules: rules), rules: rules, with: &agent, named: "still", in: &world)
        return [("record", Array(try record.encoded()))]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecord(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Data(UnsafeBufferPointer(start: data, count: count))
    guard let record = try? RolloutRecord(decoding: bytes, path: "fuzz"), let written = try? record.encoded(),
        let again = try? RolloutRecord(decoding: written, path: "fuzz")
    else { return 0 }
    precondition(again.steps.count == record.steps.count && (try? again.encoded()) == written)
    precondition(record.agentStepCount >= 0)
    var world = StillWorld()
    _ = try? record.replay(in: &world, stopsAtDifference: false)
    return 0
}
