import RobotInterface
import Parallel
import ActionTokenizer
import Foundation
import TensorCore
import TensorTestSupport
import Testing
@testable import VLAPolicy

@Suite(.serialized) struct PolicyTrainerTests {
    static func trainer(
        _ recipe: PolicyRecipe, _ assembly: PolicyAssembly, folder: URL? = nil
    ) throws -> PolicyTrainer<RegressionModel> {
        try PolicyTrainer(
            recipe.training, training: SmallWorld.prepared(assembly.trainingExamples, assembly),
            validation: SmallWorld.prepared(assembly.validationExamples, assembly), runFolder: folder)
    }

    static func model(_ recipe: PolicyRecipe, _ assembly: PolicyAssembly) throws -> RegressionModel {
        var generator = PhiloxGenerator(seed: 7)
        return RegressionModel(
            .init(sizes: try assembly.sizes(), settings: recipe.regression!), using: &generator)
    }

    static func temporaryFolder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("policy-\(UUID().uuidString)")
    }

    /// Stopped after any update and continued, a run ends in the same bytes; the state of the average is in it.
    @Test func resumedRunEndsInTheSameBytes() throws {
        let recipe = SmallWorld.recipe()
        let assembly = try SmallWorld.assembly(recipe)
        let start = try Self.model(recipe, assembly)
        let whole = try Self.trainer(recipe, assembly).run(start)

        let folder = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var part = try Self.trainer(recipe, assembly, folder: folder)
        part.settings.stepsPerState = 7
        part.diesAfterStep = 16
        #expect(throws: (any Error).self) { try part.run(start) }
        part.diesAfterStep = nil
        let resumed = try part.run(start)
        #expect(resumed.lastStep == whole.lastStep && resumed.step == whole.step)
        #expect(
            resumed.model.parameters.mapValues { $0.elements() } == whole.model.parameters.mapValues { $0.elements() })
        #expect(resumed.metrics == whole.metrics)

        // what has ended is as it was
        let again = try part.run(start)
        #expect(again.lastStep == whole.lastStep && again.step == whole.step)
        #expect(again.exampleCount == whole.exampleCount)
    }

    /// Two ranks share the shards of each batch, are interrupted and go on: the bytes of one process throughout.
    @Test func twoProcessesInterruptedEndInTheBytesOfOne() throws {
        let recipe = SmallWorld.recipe {
            $0.training.stepCount = 12
            $0.training.shardCount = 2
            $0.training.stepsPerState = 4
        }
        let assembly = try SmallWorld.assembly(recipe)
        let start = try Self.model(recipe, assembly)
        let whole = try Self.trainer(recipe, assembly).run(start)

        let folder = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        func weights(diesAfter: Int?) throws -> [String: [Float]] {
            try ThreadCollective.run(2) { collective in
                var trainer = try Self.trainer(recipe, assembly, folder: folder)
                trainer.endsAfterStep = diesAfter
                return try trainer.run(start, over: &collective).model.parameters.mapValues { $0.elements() }
            }
        }
        _ = try weights(diesAfter: 6)
        #expect(try weights(diesAfter: nil) == whole.model.parameters.mapValues { $0.elements() })
    }

    @Test func threadCountDoesNotChangeABit() throws {
        let recipe = SmallWorld.recipe { $0.training.stepCount = 6 }
        let assembly = try SmallWorld.assembly(recipe)
        let start = try Self.model(recipe, assembly)
        let threads = KernelThreads.count
        defer { KernelThreads.count = threads }
        KernelThreads.count = 1
        let one = try Self.trainer(recipe, assembly).run(start)
        KernelThreads.count = 2
        let two = try Self.trainer(recipe, assembly).run(start)
        #expect(one.model.parameters.mapValues { $0.elements() } == two.model.parameters.mapValues { $0.elements() })
    }

    /// What is written is read back, acts the same, and a changed byte is found.
    @Test func checkpointActsAsTheModelDid() throws {
        let recipe = SmallWorld.recipe { $0.training.stepCount = 3 }
        let assembly = try SmallWorld.assembly(recipe)
        let result = try Self.trainer(recipe, assembly).run(Self.model(recipe, assembly))
        let policy = try RegressionPolicy(
            model: result.model, observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        let folder = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let record = TrainingRecord(recipe: recipe, data: "small world", dataHash: "3")
        let written = try PolicyCheckpoint(policy, training: record).write(to: folder)
        let read = try PolicyCheckpoint(at: folder)
        #expect(read.contentHash == written.contentHash)

        let observation = SmallWorld.observation([0.2, 0.7], at: [0, 0.1, 0.2])
        var generator = PhiloxGenerator(seed: 1)
        let chunk = try policy.actionChunk(for: observation, using: &generator)
        #expect(try read.policy().actionChunk(for: observation, using: &generator) == chunk)
        #expect(chunk.horizon == 3 && chunk.actions.allSatisfy { abs($0[6]) == 1 })

        // one that has learnt nothing: asks for the same and does something else, decided by its seed
        func untrained(_ seed: UInt64) throws -> ActionChunk {
            let policy = try read.untrainedPolicy(seed: seed)
            #expect(try policy.requirements == read.policy().requirements)
            return try policy.actionChunk(for: observation, using: &generator)
        }
        let (drawn, again, other) = (try untrained(0), try untrained(0), try untrained(1))
        #expect(drawn != chunk && drawn == again && drawn != other)

        let file = folder.appendingPathComponent("pipeline.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacingOccurrences(of: "rotated180", with: "upright").write(
            to: file, atomically: true, encoding: .utf8)
        #expect(throws: CheckpointError.otherContent(file: "pipeline.json")) { try PolicyCheckpoint(at: folder) }
    }
}
