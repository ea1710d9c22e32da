import Evaluation
import Foundation
import LiberoData
import LiberoSimulation
import Testing

@testable import LiberoEvaluation

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

    /// Scenes and sentences are drawn for each demonstration, kept with it, and the same every time.
    @Test func scenesAndSentencesAreDrawn() throws {
        var request = CollectionRequest(in: WorldRequest(), folder: folder)
        (request.world.imageSize, request.world.renderProfile) = (16, "fast")
        (request.tasks, request.demonstrationCount, request.isExpertVaried) = ([0], 4, false)
        (request.drawsScenes, request.paraphrases) = (true, true)
        let collection = try DemonstrationCollection(request)
        try collection.collect()
        _ = try collection.finish()

        let dataset = try LiberoDataset(at: folder)
        let suite = try WorldRequest().setting().liberoSuite()
        #expect(dataset.episodes.count == 4)
        #expect(Set(dataset.episodes.map(\.instruction)).count > 1)
        #expect(dataset.episodes.contains { $0.instruction != suite.tasks[0].instruction })
        // the color and the place stay, whatever the words around them
        #expect(dataset.episodes.allSatisfy { $0.instruction.contains("red block") })

        let setting = CollectionSetting(
            world: WorldRequest().setting(), rules: EvaluationRules(.libero, suiteLimit: 300),
            expert: .init(isVaried: false, drawsScenes: true, paraphrases: true), attemptLimit: 1, folder: "/",
            format: nil)
        let scenes = try setting.scenes(of: suite)
        #expect(scenes[0].contains(0) && scenes[0].count > 1)
        let drawn = (0..<20).map { setting.episode(.init(task: 0, number: $0), attempt: 0, scenes: scenes[0]).episode }
        #expect(Set(drawn.map(\.start.task)).count > 1)
        #expect(drawn.allSatisfy { scenes[0].contains($0.start.task) })
        #expect(drawn.allSatisfy { $0.start.task == 0 ? $0.start.goalTask == nil : $0.start.goalTask == 0 })
    }

    /// What a policy without skill brings about is labelled by the expert, which then finishes.
    @Test func policiesAreLabelled() throws {
        var request = CollectionRequest(in: WorldRequest(), folder: folder)
        (request.world.imageSize, request.world.renderProfile) = (16, "fast")
        (request.tasks, request.demonstrationCount) = ([0], 1)
        request.labelled = .init(.random, mixture: 0.5, takeover: 5...9)
        let collection = try DemonstrationCollection(request)
        try collection.collect()
        let summary = try collection.finish()
        #expect(summary.tasks.map(\.demonstrations) == [1])
        let episode = try LiberoDataset(at: folder).episode(0)
        let (labels, executed) = (try episode.column("action"), try episode.column("executed_action"))
        #expect(labels.values != executed.values)

        request.labelled = .init(.expert, mixture: 0, takeover: 0...0)
        request.folder = folder.appendingPathComponent("expert")
        #expect(throws: LiberoRequestError.notAPolicy) { try DemonstrationCollection(request) }
    }
}
