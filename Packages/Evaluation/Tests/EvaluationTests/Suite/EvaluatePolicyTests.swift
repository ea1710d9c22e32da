import Evaluation
import Foundation
import Testing

@Suite struct EvaluatePolicyTests {
    let rules = EvaluationRules(episodesPerTask: 3, settlingStepCount: 0, stepLimit: 40)

    @Test func aPolicyIsEvaluatedInOneCall() throws {
        try withTemporaryFolder { folder in
            let result = try evaluate(ReachingPolicy(), named: "reaching", rules: rules, folder: folder) {
                ReachingWorld()
            }
            #expect(result.episodeCount == 6 && result.tasks.map(\.rate.episodeCount) == [3, 3])
            #expect(result.successCount == result.episodes.count { $0.isSuccess })
            #expect(try EvaluationResult(at: folder) == result)
            for name in ["tasks.csv", "episodes.csv", "report.html"] {
                #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path), "\(name)")
            }
            #expect(
                result.text.contains("reaching on reaching")
                    && result.text.hasSuffix("\(result.successCount) of 6 episodes"))
        }
    }

    /// Stopped after the first episode, the same call goes on, with other workers, to the same bytes.
    @Test func aStoppedEvaluationGoesOn() throws {
        try withTemporaryFolder { folder in
            func result(_ name: String, workers: Int, stops: Bool) throws -> EvaluationResult {
                try evaluate(
                    ReachingPolicy(), named: "reaching", rules: rules, tasks: [1],
                    folder: folder.appendingPathComponent(name), workerCount: workers, shouldStop: { stops }
                ) { ReachingWorld() }
            }
            #expect(try result("stopped", workers: 1, stops: true).episodeCount == 1)
            let again = try result("stopped", workers: 3, stops: false)
            let whole = try result("whole", workers: 1, stops: false)
            #expect(try again.encoded() == whole.encoded())
        }
    }

    @Test func anotherWorldIsRefusedBeforeTheFirstStep() throws {
        try withTemporaryFolder { folder in
            #expect(throws: IncompatibleEnvironmentError.self) {
                try evaluate(RandomPolicy(), named: "random", rules: rules, folder: folder) { ReachingWorld() }
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.isEmpty)
        }
    }
}
