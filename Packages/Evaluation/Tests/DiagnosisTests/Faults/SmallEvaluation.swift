import Evaluation
import Foundation
import LiberoSimulation

/// The result of two episodes that succeeded, as an evaluation writes it.
enum SmallEvaluation {
    static func write(to folder: URL) throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let rules = EvaluationRules(episodesPerTask: 2, stepLimit: 300, starts: .drawn)
        let plan = EvaluationPlan(
            agent: AgentIdentity(kind: "checkpoint", name: "policy", provenance: [:]),
            environment: try LiberoEnvironment(builtIn: .init(imageSize: 64)).description, tasks: [2], rules: rules)
        let outcomes = (0..<2).map { number in
            EpisodeOutcome(
                episode: PlannedEpisode(task: 2, number: number, rules: rules), isSuccess: true, end: .success,
                stepCount: 90, record: "records/task02_episode00\(number).jsonl", recordHash: "\(number)", seconds: 1)
        }
        let result = EvaluationResult(plan, outcomes: outcomes, decision: nil, instructions: [:], program: [:])
        try result.encoded().write(to: folder.appendingPathComponent("result.json"))
        return folder
    }
}
