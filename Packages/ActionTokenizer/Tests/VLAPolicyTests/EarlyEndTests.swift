import Foundation
import TensorCore
import TensorTestSupport
import TensorTraining
import Testing

@testable import VLAPolicy

/// A training ends when its validation does not get better, whether it was interrupted or not, for one process and two.
@Suite(.serialized) struct EarlyEndTests {
    private static let recipe = SmallWorld.recipe {
        $0.training.stepCount = 40
        $0.training.stepsPerValidation = 2
        $0.training.stepsPerState = 3
        $0.training.patience = 2
        // it soon gets worse
        $0.training.learningRate = 0.3
        $0.training.warmUpStepCount = 0
        $0.training.averageDecay = 0
        $0.training.shardCount = 2
    }

    @Test func runEndsEarlyAndIsResumedToTheSameEnd() throws {
        let assembly = try SmallWorld.assembly(Self.recipe)
        let start = try PolicyTrainerTests.model(Self.recipe, assembly)
        let whole = try PolicyTrainerTests.trainer(Self.recipe, assembly).run(start)
        #expect(whole.lastStep < 40 && whole.lastStep == whole.step + 4)

        let folder = PolicyTrainerTests.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var part = try PolicyTrainerTests.trainer(Self.recipe, assembly, folder: folder)
        part.diesAfterStep = whole.lastStep - 1
        #expect(throws: (any Error).self) { try part.run(start) }
        part.diesAfterStep = nil
        let resumed = try part.run(start)
        #expect(resumed.lastStep == whole.lastStep && resumed.step == whole.step && resumed.metrics == whole.metrics)
        #expect(
            resumed.model.parameters.mapValues { $0.elements() } == whole.model.parameters.mapValues { $0.elements() })
        // an ended run is not gone on with
        let again = try part.run(start)
        #expect(again.lastStep == whole.lastStep && again.metrics == whole.metrics)

        let two = try ThreadCollective.run(2) { collective in
            let trainer = try PolicyTrainerTests.trainer(Self.recipe, assembly)
            let result = try trainer.run(start, over: &collective)
            return (result.lastStep, result.model.parameters.mapValues { $0.elements() })
        }
        #expect(two.0 == whole.lastStep && two.1 == whole.model.parameters.mapValues { $0.elements() })
    }

    /// Passes over the data in place of updates.
    @Test func epochsAreCountedInUpdates() throws {
        var recipe = Self.recipe
        recipe.training.epochCount = 3
        let assembly = try SmallWorld.assembly(recipe)
        let trainer = try PolicyTrainerTests.trainer(recipe, assembly)
        #expect(trainer.settings.stepCount == 3 * (assembly.trainingExamples.count / 2 / 4))
    }
}
