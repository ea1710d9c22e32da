import Foundation
import TensorCore
import TensorNN
import Testing
import VLAPolicy
import VisionLanguage

@Suite struct FeatureCacheTests {
    /// A token model whose small tower is frozen, and its data.
    private static func world() throws -> (TokenModel, PreparedDataset) {
        let recipe = SmallWorld.recipe {
            $0.family = .token
            $0.action.horizon = 1
            $0.action.tokens = ActionTokenRecipe()
            $0.training.jitter = nil
        }
        let assembly = try SmallWorld.assembly(recipe, count: 3)
        var settings = TokenModel.Settings.small
        (settings.decoder.hiddenSize, settings.decoder.layerCount) = (24, 1)
        (settings.decoder.headCount, settings.decoder.keyValueHeadCount, settings.decoder.headSize) = (2, 2, 12)
        settings.vision = .convolutional(.init(imageSize: 16, stageWidths: [8, 16], tokenWidth: 24))
        settings.freezesVision = true
        let sizes = try assembly.sizes()
        settings = settings.fitted(
            vocabularySize: sizes.vocabularySize, tokens: assembly.actionPipeline.tokens!, isAppended: true)
        var generator = PhiloxGenerator(seed: 2)
        let data = SmallWorld.prepared(assembly.trainingExamples, assembly)
        return (TokenModel(.init(sizes: sizes, settings: settings), using: &generator), data)
    }

    @Test func cachedFeaturesGiveTheLossOfTheImages() throws {
        let (model, data) = try Self.world()
        let folder = PolicyTrainerTests.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let cache = FeatureCache(at: folder)
        let weights = try #require(model.frozenTowerWeights)
        let key = try FeatureCache.key(
            pipeline: data.observationPipeline, weights: weights, dataHash: "data", count: data.count)
        var computed = 0
        func features() throws -> Tensor {
            try cache.features(key, count: data.count) { range in
                computed += range.count
                let batch = try data.batch(Array(range), using: PhiloxGenerator(seed: 0))
                return model.features(batch.inputs)!.detached.contiguous
            }
        }
        var cached = data
        cached.features = try features()
        #expect(computed == data.count)
        // read, not computed again
        cached.features = try features()
        #expect(computed == data.count)

        var generator = PhiloxGenerator(seed: 1)
        let rows = [0, 3, 5]
        let plain = try model.loss(on: data.batch(rows, using: generator), using: &generator).total.scalar
        let batch = try cached.batch(rows, using: generator)
        #expect(batch.inputs.images.isEmpty)
        // half precision
        #expect(abs(model.loss(on: batch, using: &generator).total.scalar - plain) < 2e-2)
    }

    @Test func keyDependsOnWeightsDataAndCameras() throws {
        let (model, data) = try Self.world()
        var weights = try #require(model.frozenTowerWeights)
        func key(_ dataHash: String) throws -> String {
            try FeatureCache.key(
                pipeline: data.observationPipeline, weights: weights, dataHash: dataHash, count: data.count)
        }
        let (first, other) = (try key("a"), try key("b"))
        weights[weights.keys.sorted()[0]] = .zeros([1])
        #expect(try Set([first, other, key("a")]).count == 3)
    }

    /// Adapters and frozen parts alone change, and are merged at the end.
    @Test func adaptersTrainAndMerge() throws {
        let (start, data) = try Self.world()
        var settings = PolicyTrainingSettings()
        settings.adapters = .init()
        settings.adapters?.rank = 2
        settings.adapters?.layers = ["model.layers"]
        var model = start
        model.adapt(settings)
        #expect(model.parameterCount(trainableOnly: true) > 0)
        #expect(model.parameterCount(trainableOnly: true) < start.parameterCount() / 4)
        var generator = PhiloxGenerator(seed: 1)
        let batch = try data.batch([0, 1], using: generator)
        let (_, gradients) = valueAndGradient(of: model) { $0.loss(on: batch, using: &generator).total }
        #expect(gradients.names.allSatisfy { $0.contains("lora") })
        model.mergeAdapters()
        #expect(Set(model.parameters.keys) == Set(start.parameters.keys))
    }
}
