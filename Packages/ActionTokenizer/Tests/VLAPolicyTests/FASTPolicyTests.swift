import ActionTokenizer
import Foundation
import TensorCore
import TensorNN
import TensorTraining
import Testing
import VisionLanguage

@testable import VLAPolicy

/// FAST inside of a token policy: learnt from the data, saved with the pipeline, trained and decoded.
@Suite struct FASTPolicyTests {
    private static let recipe = SmallWorld.recipe {
        $0.family = .token
        $0.action.gripper = .number
        $0.action.tokens = ActionTokenRecipe()
        $0.action.tokens?.kind = .fast
        $0.action.tokens?.vocabularySize = 96
    }

    private static func model(_ assembly: PolicyAssembly, order: TokenLayout.Order = .imagesFirst) throws -> TokenModel
    {
        var settings = TokenModel.Settings.small
        (settings.decoder.hiddenSize, settings.decoder.layerCount) = (48, 2)
        (settings.decoder.headCount, settings.decoder.keyValueHeadCount, settings.decoder.headSize) = (2, 2, 24)
        settings.decoder.intermediateSize = 96
        settings.order = order
        settings.vision = .keypoints(
            .init(imageSize: 16, stageWidths: [8, 16], residualCount: 0, keypointCount: 4, tokenWidth: 24))
        let sizes = try assembly.sizes()
        settings = settings.fitted(
            vocabularySize: sizes.vocabularySize, tokens: assembly.actionPipeline.tokens!, isAppended: true)
        var generator = PhiloxGenerator(seed: 2)
        return TokenModel(.init(sizes: sizes, settings: settings), using: &generator)
    }

    @Test func pipelineHoldsTheVocabularyAndComesBack() throws {
        let assembly = try SmallWorld.assembly(Self.recipe, count: 4)
        let coding = try #require(assembly.actionPipeline.tokens)
        #expect(coding.fast!.horizon == 3 && coding.tokenIDs.count == coding.fast!.vocabularySize)
        let json = try JSONEncoder().encode(assembly.actionPipeline)
        let again = try JSONDecoder().decode(ActionPipeline.self, from: json)
        #expect(again == assembly.actionPipeline)

        let numbers = try assembly.actionPipeline.encode(assembly.trainingExamples[0].actions)
        let ids = try coding.ids(of: numbers, dimensionCount: 7)
        #expect(try again.tokens!.ids(of: numbers, dimensionCount: 7) == ids)
        // half a step of each of three coefficients
        let back = try coding.numbers(of: ids, dimensionCount: 7)
        #expect(zip(back, numbers).allSatisfy { abs($0 - $1) <= 0.05 * Float(3).squareRoot() + 1e-6 })
        // whatever a model writes is a chunk; a word is an error
        #expect(try coding.numbers(of: [], dimensionCount: 7).count == 21)
        #expect(throws: ActionTokenError.notAnActionToken(0, dimension: 0)) {
            try coding.numbers(of: [0], dimensionCount: 7)
        }
    }

    /// The bound holds on the data, and smooth chunks need fewer tokens than numbers.
    @Test func reportIsWithinItsBound() throws {
        let assembly = try SmallWorld.assembly(Self.recipe, count: 4)
        let coding = assembly.actionPipeline.tokens!
        let examples = assembly.trainingExamples
        let chunks = try (0..<examples.count).map { try assembly.actionPipeline.encode(examples[$0].actions) }
        let report = try ActionTokenReport(coding, fast: coding.fast!, chunks: chunks)
        #expect(zip(report.maximumError, report.errorBound).allSatisfy { $0 <= $1 + 1e-6 })
        // (√⅓ + √⅔ (cos 30° + cos 60°)) / 20
        #expect(abs(report.errorBound[0] - 0.084635) < 1e-5)
        #expect(report.tokensPerChunk! < 21 && report.usedCount[0] <= coding.tokenIDs.count)
    }

    @Test func chunkOfAnotherSizeIsRefused() throws {
        let pipeline = try SmallWorld.assembly(Self.recipe, count: 4).actionPipeline
        #expect(throws: PipelineError.self) {
            try ActionPipeline(
                space: pipeline.space, normalization: pipeline.normalization, horizon: 4, gripper: .number,
                tokens: pipeline.tokens)
        }
    }

    /// 20 examples by heart, and the written chunks are the recorded ones up to FAST's own error.
    @Test func examplesAreLearntByHeart() throws {
        let assembly = try SmallWorld.assembly(Self.recipe, count: 2)
        let data = SmallWorld.prepared(assembly.trainingExamples + assembly.validationExamples, assembly)
        var model = try Self.model(assembly)
        var optimizer = AdamW(learningRate: 5e-3, weightDecay: 0)
        var metrics: [String: Float] = [:]
        for step in 0..<150 {
            var generator = PhiloxGenerator(seed: 5, stream: UInt64(step))
            let batch = try data.batch(Array(0..<data.count), using: generator)
            let (_, values, gradients) = valueAndGradient(of: model) { model in
                let loss = model.loss(on: batch, using: &generator)
                return (loss.total, loss.metrics)
            }
            optimizer.learningRate = 5e-3 * (1 - Double(step) / 150)
            optimizer.update(&model, with: gradients.clipped(toNorm: 1))
            metrics = values
        }
        #expect(metrics["tokenAccuracy"] == 1 && metrics["leakRate"] == 0, "\(metrics)")
        let comparison = try #require(try data.comparison(of: model, limit: 20))
        #expect(comparison.exampleCount == 20)
        #expect(comparison.dimensions.allSatisfy { $0.meanError < 0.06 }, "\(comparison.dimensions.map(\.meanError))")
    }

    /// Cached, uncached and with the instruction's prefix the same tokens are written, up to the end.
    @Test(arguments: TokenLayout.Order.allCases)
    func cachedDecodingAgrees(order: TokenLayout.Order) throws {
        let assembly = try SmallWorld.assembly(Self.recipe, count: 2)
        let (model, coding) = (try Self.model(assembly, order: order), assembly.actionPipeline.tokens!)
        let data = SmallWorld.prepared(assembly.trainingExamples, assembly)
        var generator = PhiloxGenerator(seed: 0)
        let inputs = try data.batch([1], using: generator).inputs
        let cached = model.decode(inputs, coding: coding, using: &generator).tokens
        #expect(cached == model.decode(inputs, coding: coding, usesCache: false, using: &generator).tokens)
        let prefix = model.instructionPrefix(inputs.promptIDs[0])
        #expect(cached == model.decode(inputs, coding: coding, prefix: prefix, using: &generator).tokens)
        // kept from call to call, until weights change
        var keeping = model
        keeping.prefixes = InstructionPrefixes()
        for _ in 0..<2 {
            #expect(
                try keeping.predict(inputs, actions: assembly.actionPipeline, using: &generator)
                    == model.predict(inputs, actions: assembly.actionPipeline, using: &generator))
        }
        #expect(keeping.prefixes!.count == (order == .instructionFirst ? 1 : 0))
        keeping.updateParameters { _, parameter in parameter.value = parameter.value * 0.5 }
        #expect(keeping.prefixes!.count == 0)
        #expect(cached.count <= coding.fast!.tokenLimit && cached.allSatisfy { coding.tokenIDs.contains($0) })
    }
}
