import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import TensorTraining
import Testing
import VisionLanguage

@Suite(.serialized) struct VisionLanguageRecipeTests {
    private func model() -> VisionLanguageModel {
        var generator = PhiloxGenerator(seed: 1)
        return VisionLanguageModel(
            vision: ModelFolderTests.vision, projector: .linear,
            decoder: DecoderTests.small { ($0.layerCount, $0.dropout) = (3, 0.1) }, using: &generator)
    }

    /// An image of one of two colours, and the word for it.
    private func example(_ index: Int) -> VisionLanguageExample {
        let color = index % 2
        let ids = [1, 0, 0, 0, 0, 9, 10 + color, 2]
        return VisionLanguageExample(
            ids: ids, labels: ids.map { $0 == 10 + color ? $0 : -100 },
            pixels: .full([1, 3, 16, 16], color == 0 ? -1 : 1),
            runs: [ImageRun(sequence: 0, tokens: 1..<5, image: 0)])
    }

    private func recipe(_ trains: VisionLanguageRecipe.TrainedPart) -> VisionLanguageRecipe {
        var recipe = VisionLanguageRecipe()
        (recipe.trains, recipe.baseRate, recipe.epochCount, recipe.batchSize) = (trains, 3e-3, 6, 4)
        return recipe
    }

    private func loss(_ model: VisionLanguageModel) -> Float {
        var none: Dropout?
        return model.loss(on: VisionLanguageBatch((0..<4).map(example)), dropout: &none).scalar
    }

    @Test(arguments: VisionLanguageRecipe.TrainedPart.allCases)
    func trainingChangesItsPartAndLowersTheLoss(part: VisionLanguageRecipe.TrainedPart) throws {
        var model = model()
        let (before, start) = (model, loss(model))
        try recipe(part).train(&model, exampleCount: 40, configure: { $0.timePerProgressLine = nil }, example: example)
        #expect(loss(model) < 0.7 * start)
        let (old, new) = (before.parameters.mapValues(\.floats), model.parameters.mapValues(\.floats))
        for name in new.keys.sorted() {
            let mayChange =
                switch part {
                case .projector: name.hasPrefix("vision_proj.")
                case .decoder: !name.hasPrefix("vision_encoder.")
                case .endLayers:
                    name.hasPrefix("vision_proj.") || name.hasPrefix("model.layers.0.")
                        || name.hasPrefix("model.layers.2.")
                }
            #expect((old[name] != new[name]) == mayChange, "\(name)")
        }
    }

    @Test func adaptersAreTrainedAlone() throws {
        var (model, recipe) = (model(), recipe(.decoder))
        recipe.adapters = .init()
        recipe.epochCount = 1
        let before = model.parameters.mapValues(\.floats)
        try recipe.train(&model, exampleCount: 12, configure: { $0.timePerProgressLine = nil }, example: example)
        let after = model.parameters.mapValues(\.floats)
        let changed = after.keys.filter { before[$0] != after[$0] }
        #expect(changed.allSatisfy { $0.contains(".lora.") || $0.hasPrefix("vision_proj.") })
        #expect(changed.contains { $0.contains("q_proj.lora.") })
        // keys and values are not square here
        #expect(!changed.contains { $0.contains("k_proj.lora.") })
        model.mergeAdapters()
        #expect(Set(model.parameters.keys) == Set(before.keys))
    }

    @Test func stoppedRunsContinueToTheSameBits() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("RecipeTests-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let recipe = recipe(.decoder)
        var whole = model()
        try recipe.train(&whole, exampleCount: 12, configure: { $0.timePerProgressLine = nil }, example: example)

        struct Stop: Error {}
        var parts = model()
        var count = 0
        #expect(throws: Stop.self) {
            try recipe.train(
                &parts, exampleCount: 12, stateFolder: folder,
                configure: { ($0.timePerProgressLine, $0.stepsPerState) = (nil, 1) },
                example: { index in
                    count += 1
                    if count > 30 { throw Stop() }
                    return example(index)
                })
        }
        parts = model()
        try recipe.train(
            &parts, exampleCount: 12, stateFolder: folder, configure: { $0.timePerProgressLine = nil },
            example: example)
        expectSameParameters(parts, whole)
    }

    @Test func presetsHaveThePublishedRates() {
        let recipe = VisionLanguageRecipe.pretraining07
        let schedule = recipe.schedule(stepCount: 100)
        expectClose(schedule.rate(afterUpdates: 0), 1.1 * 4e-4, within: .init(relative: 1e-12, absolute: 0))
        expectClose(schedule.rate(afterUpdates: 100), 0.1 * 4e-4, within: .init(relative: 1e-9, absolute: 0))
        #expect(VisionLanguageRecipe.tuning26.trains == .endLayers)
    }

    @Test func recipesSurviveCodingAndMayLeaveOut() throws {
        for recipe in [VisionLanguageRecipe.pretraining07, .tuning07, .pretraining26, .tuning26] {
            let data = try JSONEncoder().encode(recipe)
            #expect(try JSONDecoder().decode(VisionLanguageRecipe.self, from: data) == recipe)
            try recipe.validate()
        }
        let short = Data(#"{"batchSize": 3, "variation": null}"#.utf8)
        var expected = VisionLanguageRecipe()
        expected.batchSize = 3
        #expect(try JSONDecoder().decode(VisionLanguageRecipe.self, from: short) == expected)
        #expect { try JSONDecoder().decode(VisionLanguageRecipe.self, from: Data(#"{"batch": 3}"#.utf8)) } throws: {
            "\($0)".contains("'batch'")
        }
        expected.batchSize = 0
        #expect(throws: ConfigurationError.self) { try expected.validate() }
    }

    /// The same draws for the same example of the same epoch, other ones in the next.
    @Test func examplesGetTheirOwnGenerators() throws {
        var (recipe, model) = (recipe(.projector), model())
        recipe.epochCount = 2
        func draws() throws -> [Int: [UInt64]] {
            var draws: [Int: [UInt64]] = [:]
            try recipe.train(
                &model, exampleCount: 12, configure: { $0.timePerProgressLine = nil },
                example: { index, generator in
                    var generator = generator
                    draws[index, default: []].append(generator.next())
                    return example(index)
                })
            return draws
        }
        let first = try draws()
        #expect(try draws() == first)
        #expect(first.count == 12 && Set(first.values.flatMap { $0 }).count == 24)
    }
}
