import Foundation
import ImageProcessing
import LiberoData
import RobotInterface
import TensorCore
import Testing
import VLAPolicy

/// The one road from a data set on disk to the batches a policy is trained on.
@Suite(.serialized) struct LiberoDemonstrationsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func url(_ name: String) -> URL { folder.url.appendingPathComponent(name) }

    static let description = DatasetDescription(
        cameras: [
            .agentView: CameraDescription(width: 16, height: 16, orientation: .rotated180, renderProfile: "fast"),
            .wrist: CameraDescription(width: 16, height: 16, orientation: .rotated180, renderProfile: "fast"),
        ])

    /// Episodes of 4, 5, … frames; those of odd seeds failed.
    func record(_ name: String, seeds: Range<Int>, description: DatasetDescription = Self.description) throws {
        let recorder = try EpisodeRecorder(at: url(name), description: description)
        for seed in seeds {
            var episode = recorder.episode(of: EpisodeRecorderTests.task)
            for step in 0..<4 + seed {
                var frame = EpisodeRecorderTests.frame(seed, step)
                func image(_ salt: Int) -> RGBImage {
                    RGBImage(
                        width: 16, height: 16,
                        pixels: (0..<768).map { UInt8(truncatingIfNeeded: $0 * 3 + salt + 20 * step + seed) })
                }
                frame.images = [.agentView: image(0), .wrist: image(100)]
                try episode.append(frame)
            }
            try episode.finish(succeeded: seed % 2 == 0)
        }
        try recorder.close()
    }

    @Test func episodesAreDemonstrations() throws {
        try record("first", seeds: 0..<4)
        try record("second", seeds: 4..<5)
        let set = try LiberoDemonstrations(at: [url("first"), url("second")])
        #expect(set.name == "first+second" && set.demonstrationCount == 3)
        #expect(set.cameras == Self.description.cameras && set.stateLayout == .libero && set.actionSpace == .libero)
        for (index, seed) in [0, 2, 4].enumerated() {
            let demonstration = try set.demonstration(index, actionColumn: nil)
            let expected = EpisodeRecorderTests.frame(seed, 3)
            #expect(demonstration.length == 4 + seed && demonstration.task == "push the plate to the front")
            #expect(demonstration.action(at: 3) == expected.action)
            #expect(try demonstration.stateValues(at: 3) == StateLayout.libero.values(of: expected.state))
            #expect(try demonstration.observation(at: 3).cameras[.wrist]!.image().pixels[5] == 175 + UInt8(seed))
            // another column
            let expert = try set.demonstration(index, actionColumn: "expert_action")
            #expect(expert.action(at: 3) == expected.extras["expert_action"])
            #expect(expert.stateValues(at: 3) == demonstration.stateValues(at: 3))
        }
        #expect(throws: LiberoDataError.self) { try set.demonstration(0, actionColumn: "nothing") }
        // a column of another width
        #expect {
            try set.demonstration(0, actionColumn: ColumnName.simulatorState)
        } throws: {
            ($0 as? LiberoDataError)?.kind == .mismatch
        }
    }

    @Test func setsThatMeanSomethingElseAreNotJoined() throws {
        try record("first", seeds: 0..<1)
        var other = Self.description
        other.cameras[.wrist]?.renderProfile = "faithful"
        try record("second", seeds: 0..<1, description: other)
        #expect {
            try LiberoDemonstrations(at: [url("first"), url("second")])
        } throws: {
            ($0 as? LiberoDataError)?.kind == .meaning
        }
    }

    private var recipe: PolicyRecipe {
        var recipe = PolicyRecipe(name: "road")
        (recipe.action.horizon, recipe.training.stepCount, recipe.training.batchSize) = (3, 6, 4)
        recipe.training.stepsPerValidation = 3
        var encoder = recipe.regression!.encoder
        (encoder.width, encoder.layerCount, encoder.headCount, encoder.intermediateSize) = (16, 1, 2, 32)
        (encoder.vision!.stageWidths, encoder.vision!.residualCount) = ([4, 8], 0)
        encoder.vision!.keypointCount = 4
        recipe.regression!.encoder = encoder
        return recipe
    }

    /// Whatever the format, with and without a cache, in memory or not: the same checkpoint.
    @Test func trainingsReadWhatIsOnDisk() throws {
        try record("hdf5", seeds: 0..<7)
        func train(_ data: String, _ name: String, memory: Int = .max, cache: String? = nil) throws -> String {
            var training = PolicyTraining(
                recipe, on: try LiberoDemonstrations(at: [url(data)], frameCache: cache.map(url)), output: url(name))
            training.imageMemory = memory
            return try training.run().contentHash
        }
        let hash = try train("hdf5", "memory")
        #expect(try train("hdf5", "streamed", memory: 0) == hash)
        #expect(try train("hdf5", "cached", memory: 3000, cache: "frames") == hash)

        let checkpoint = try PolicyCheckpoint(at: url("memory"))
        #expect(checkpoint.training.data == "hdf5" && checkpoint.training.stepCount == 6)
        // batches are what the checkpoint's own pipeline makes of the observations
        let set = try LiberoDemonstrations(at: [url("hdf5")])
        let assembly = try PolicyAssembly(recipe, set)
        #expect(assembly.observationPipeline == checkpoint.observationPipeline)
        #expect(assembly.dataHash == checkpoint.training.dataHash)
        let data = PreparedDataset(
            assembly.trainingExamples, observationPipeline: checkpoint.observationPipeline,
            actionPipeline: checkpoint.actionPipeline, tokenizer: checkpoint.tokenizer)
        let batch = try data.batch([5], using: PhiloxGenerator(seed: 0))
        let example = try assembly.trainingExamples[5]
        let image = try example.observation.cameras[.agentView]!.image()
        #expect(batch.inputs.images[0].elements() == image.pixels.map { (Float($0) / 255 - 0.5) / 0.5 })
    }

    /// A damaged episode ends the training, or is left out and named.
    @Test func damagedEpisodesAreLeftOutWhenAsked() throws {
        try record("hdf5", seeds: 0..<7)
        try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("v21"), as: .leRobot21).run()
        try FileManager.default.removeItem(at: url("v21/data/chunk-000/episode_000002.parquet"))
        var training = PolicyTraining(recipe, on: try LiberoDemonstrations(at: [url("v21")]), output: url("policy"))
        #expect(throws: LiberoDataError.self) { try training.run() }
        training.skipsDamaged = true
        var skipped: [String] = []
        let result = try training.run { if case .skipped(let what) = $0 { skipped.append(what) } }
        #expect(result.lastStep == 6)
        #expect(skipped.count == 1 && skipped[0].contains("episode_000002"))
    }
}
