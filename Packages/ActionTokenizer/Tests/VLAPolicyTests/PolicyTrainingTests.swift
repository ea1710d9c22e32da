import Foundation
import RobotInterface
import TensorCore
import TensorTraining
import Testing

@testable import VLAPolicy

/// A recipe and demonstrations become a checkpoint.
@Suite(.serialized) struct PolicyTrainingTests {
    private let folder = PolicyTrainerTests.temporaryFolder()

    private func training(
        _ name: String, _ change: (inout PolicyRecipe) -> Void = { _ in }, demonstrations: (any DemonstrationSet)? = nil
    ) -> PolicyTraining {
        let recipe = SmallWorld.recipe {
            ($0.training.stepCount, $0.training.stepsPerState, $0.training.stepsPerValidation) = (12, 4, 6)
            change(&$0)
        }
        return PolicyTraining(
            recipe, on: demonstrations ?? SmallWorld.demonstrations(10),
            output: folder.appendingPathComponent(name))
    }

    @Test func aRunEndsInACheckpointWhateverTheMemory() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var events: [PolicyTrainingEvent] = []
        let result = try training("whole").run { events.append($0) }
        #expect(result.lastStep == 12 && !result.wasInterrupted && result.metrics["loss"] != nil)
        let checkpoint = try PolicyCheckpoint(at: result.checkpoint)
        #expect(checkpoint.contentHash == result.contentHash)
        #expect(checkpoint.training.images?.count == 2 && checkpoint.training.check != nil)
        for name in ["run.jsonl", "training.json", "report.html"] {
            let file = folder.appendingPathComponent("whole.run/\(name)")
            #expect(FileManager.default.fileExists(atPath: file.path), "\(name)")
        }
        guard case .read(let training, let examples, let validation, _) = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(training == 8 && validation == 2 && examples == 80)
        #expect(events.count { if case .finished = $0 { true } else { false } } == 1)
        #expect(events.contains { if case .validation(step: 6, _, _) = $0 { true } else { false } })

        for memory in [0, 20_000] {
            var small = self.training("memory \(memory)")
            small.imageMemory = memory
            #expect(try small.run().contentHash == result.contentHash)
        }
    }

    @Test func aStoppedRunContinuesToTheSameBytes() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = try training("whole").run()
        var asked = 0
        let stopped = try training("stopped").run(shouldStop: {
            asked += 1
            return asked > 5
        })
        #expect(stopped.wasInterrupted && stopped.lastStep == 5)
        let resumed = try training("stopped").run()
        #expect(!resumed.wasInterrupted && resumed.contentHash == whole.contentHash)

        // as a sequence, left in the middle and continued
        let long = training("events", { $0.training.stepCount = 60 })
        for try await event in long.events() {
            if case .validation = event { break }
        }
        var last: PolicyTrainingResult?
        while last == nil {
            do {
                for try await event in long.events() {
                    if case .finished(let result) = event { last = result }
                }
            } catch RunPlanError.inUse {
                // the first one is still at its last update
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        #expect(last?.lastStep == 60)
        #expect(last?.contentHash == (try training("long", { $0.training.stepCount = 60 }).run().contentHash))
    }

    @Test func anotherTrainingDoesNotContinueARun() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try training("policy").run()
        #expect {
            try training("policy", { $0.training.learningRate = 1e-4 }).run()
        } throws: {
            "\($0)".contains("recipe.training.learningRate") && $0 is RunPlanError
        }
        #expect(throws: RunPlanError.self) {
            try training("policy", demonstrations: SmallWorld.demonstrations(10, seed: 4)).run()
        }
        var anew = training("policy", { $0.training.learningRate = 1e-4 })
        anew.restarts = true
        #expect(try anew.run().contentHash != first.contentHash)
        try Data("{".utf8).write(to: folder.appendingPathComponent("policy.run/training.json"))
        #expect { try anew.copy { $0.restarts = false }.run() } throws: { "\($0)".contains("damaged") }
    }

    /// Demonstrations of which one cannot be read.
    private struct Damaged: DemonstrationSet {
        var base = SmallWorld.demonstrations(10)
        var name: String { base.name }
        var cameras: [CameraName: CameraDescription] { base.cameras }
        var stateLayout: StateLayout { base.stateLayout }
        var actionSpace: ActionSpace { base.actionSpace }
        var demonstrationCount: Int { 10 }
        struct Broken: Error {}

        func demonstration(_ index: Int, actionColumn: String?) throws -> any Demonstration {
            if index == 4 { throw Broken() }
            return try base.demonstration(index, actionColumn: actionColumn)
        }
    }

    @Test func damagedDemonstrationsAreLeftOutWhenAsked() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: Damaged.Broken.self) { try training("failing", demonstrations: Damaged()).run() }
        var messages: [String] = []
        let skipping = training("skipping", demonstrations: Damaged()).copy { $0.skipsDamaged = true }
        let result = try skipping.run { messages.append("\($0)") }
        #expect(messages[0].contains("demonstration 4") && messages[1].hasPrefix("7 demonstrations"))
        var rest = SmallWorld.demonstrations(10)
        rest.demonstrations.remove(at: 4)
        #expect(try training("rest", demonstrations: rest).run().contentHash == result.contentHash)
    }

    @Test func demonstrationsThatContradictTheirSetAreRefused() throws {
        var set = SmallWorld.demonstrations(3)
        set.demonstrations[1].actions[2].append(0)
        #expect(
            throws: DemonstrationError.wrongWidth("action", demonstration: 1, frame: 2, found: 8, expected: 7)
        ) { try training("wide", demonstrations: set).run() }
        set = SmallWorld.demonstrations(3)
        set.demonstrations[0].actions = []
        set.demonstrations[0].states = []
        #expect(throws: DemonstrationError.noFrames(demonstration: 0)) {
            try training("empty", demonstrations: set).run()
        }
        #expect(throws: DemonstrationError.noActionColumn("expert", demonstration: 0)) {
            try training("column", { $0.data.actionColumn = "expert" }).run()
        }
        set.demonstrations = []
        #expect(throws: PolicyDataError.noDemonstrations("small world")) {
            try training("nothing", demonstrations: set).run()
        }
    }
}

extension PolicyTraining {
    fileprivate func copy(_ change: (inout PolicyTraining) -> Void) -> PolicyTraining {
        var result = self
        change(&result)
        return result
    }
}
