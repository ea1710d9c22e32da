import Evaluation
import Foundation
import LiberoData
import LiberoEvaluation
import LiberoSimulation
import Testing

/// Evaluating and collecting on the built-in suite, in this process.
@Suite(.serialized, .enabled(if: SimulationSupport.muJoCo != nil, "built without the trait MuJoCo"))
final class LiberoEvaluatorTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vla-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func request(_ agents: [AgentSetting], tasks: [Int] = [0]) -> EvaluationRequest {
        var request = EvaluationRequest(agents, folder: folder)
        (request.world.imageSize, request.world.renderProfile) = (16, "fast")
        (request.tasks, request.videosPerTask) = (tasks, 0)
        request.rules = { limit in
            var rules = EvaluationRules(.libero, suiteLimit: limit)
            (rules.episodesPerTask, rules.settlingStepCount, rules.stepLimit) = (2, 2, 6)
            return rules
        }
        return request
    }

    @Test func severalAgentsMeetTheSameStarts() throws {
        let evaluator = try LiberoEvaluator(request([.expert, .random]))
        #expect(try evaluator.run(workerCount: 2))
        let outcome = try evaluator.finish(program: ["test": "1"])
        #expect(outcome.results[0].episodes.map(\.start) == outcome.results[1].episodes.map(\.start))
        #expect(outcome.results.allSatisfy { $0.episodeCount == 2 && $0.provenance.program["test"] == "1" })
        #expect(outcome.comparison?.pairs.count == 1)
        for name in ["comparison.json", "expert/report.html", "random/result.json"] {
            #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path), "\(name)")
        }
        // a record replays
        let record = folder.appendingPathComponent("random/" + outcome.results[1].episodes[0].record)
        #expect(try RecordReplay(of: record.path).isIdentical)
    }

    @Test func requestsThatCannotBeMetAreErrors() throws {
        #expect(throws: LiberoRequestError.noSuchTask(99, suite: "builtin", taskCount: 8)) {
            try LiberoEvaluator(self.request([.random], tasks: [99]))
        }
        var stored = request([.random])
        stored.starts = .stored
        #expect(throws: LiberoRequestError.tooFewStarts(task: 0, storedCount: 0, episodeCount: 2)) {
            try LiberoEvaluator(stored)
        }
        var alone = request([.random])
        alone.stopsWhenDecided = true
        #expect(throws: LiberoRequestError.needsTwoAgents(1)) { try LiberoEvaluator(alone) }
        #expect(throws: RunFolderError.self) { try LiberoEvaluator(self.request([.random, .random])) }
    }

    /// A demonstration is collected, and collecting it again finds it there.
    @Test func demonstrationsAreCollectedOnce() throws {
        var request = CollectionRequest(in: WorldRequest(), folder: folder)
        (request.world.imageSize, request.world.renderProfile) = (16, "fast")
        (request.tasks, request.demonstrationCount, request.isExpertVaried) = ([0], 1, false)
        let collection = try DemonstrationCollection(request)
        #expect(try !collection.isComplete)
        try collection.collect { #expect($0.totalCount == 1 && $0.doneCount == 1) }
        #expect(try collection.isComplete)
        let summary = try collection.finish()
        #expect(summary.tasks.map(\.demonstrations) == [1])
        #expect(try LiberoDataset(at: folder).frameCount == summary.tasks[0].frames)
    }
}
