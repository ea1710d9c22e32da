import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import LiberoData
import LiberoTasks
import VLAPolicy

/// Demonstrations of the toy world and a policy trained on them, made once for all tests.
enum ToyPolicy {
    struct Made: Sendable {
        var checkpoint, data: URL
    }

    static let made = Result { try make() }

    private static func make() throws -> Made {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("toy-policy-\(UUID().uuidString)")
        let data = folder.appendingPathComponent("data")
        try record(to: data)
        let checkpoint = folder.appendingPathComponent("policy")
        try train(on: data, to: checkpoint)
        return Made(checkpoint: checkpoint, data: data)
    }

    /// Demonstrations of the toy's expert.
    ///
    /// - Parameter pause: Frames without a motion in the middle of each.
    static func record(to folder: URL, count: Int = 48, pause: Int = 0) throws {
        var world = ToyWorld()
        let recorder = try EpisodeRecorder(
            at: folder,
            description: DatasetDescription(
                cameras: world.description.cameras, actionSpace: world.description.actionSpace))
        for number in 0..<count {
            let start = EpisodeStart(task: 0, placement: .drawn(seed: UInt64(number)))
            var observation = try world.reset(to: start)
            var recording = recorder.episode(
                of: LiberoTask(suite: "toy", name: world.description.tasks[start.task]), demonstration: number)
            recording.attributes["episode_start"] = String(decoding: try JSONEncoder().encode(start), as: UTF8.self)
            for step in 0..<60 + pause {
                let isPause = 3..<3 + pause ~= step
                let action = isPause ? [0, 0, 0, 0, 0, 0, -1] : world.expertAction
                try recording.append(
                    RecordedFrame(
                        images: try observation.cameras.mapValues { try $0.image() }, state: observation.state!,
                        action: action))
                let step = try world.step(action)
                observation = step.observation
                if step.isSuccess { break }
            }
            try recording.finish(succeeded: true)
        }
        try recorder.close()
    }

    /// What a recipe makes of demonstrations.
    static func assembly(_ recipe: PolicyRecipe, _ folder: URL) throws -> PolicyAssembly {
        try PolicyAssembly(recipe, LiberoDemonstrations(at: [folder]))
    }

    /// A small policy that predicts numbers.
    static var recipe: PolicyRecipe {
        var recipe = PolicyRecipe(name: "toy")
        recipe.action.horizon = 4
        var settings = recipe.regression!
        settings.encoder.width = 32
        settings.encoder.layerCount = 1
        settings.encoder.headCount = 2
        settings.encoder.intermediateSize = 64
        settings.encoder.vision!.stageWidths = [12, 16]
        settings.encoder.vision!.residualCount = 0
        settings.encoder.vision!.keypointCount = 6
        settings.eventWeight = 1
        recipe.regression = settings
        recipe.training.stepCount = 700
        recipe.training.batchSize = 16
        recipe.training.learningRate = 3e-3
        recipe.training.warmUpStepCount = 30
        recipe.training.averageDecay = 0.98
        recipe.training.stepsPerValidation = 350
        return recipe
    }

    private static func train(on folder: URL, to target: URL) throws {
        try PolicyTraining(recipe, on: LiberoDemonstrations(at: [folder]), output: target).run()
    }
}
