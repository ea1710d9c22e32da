import ActionTokenizer
import Foundation
import TensorCore
import TensorNN
import Testing
import VLAPolicy
import VisionLanguage

/// From a trained vision-language model to a policy that starts from it.
@Suite struct TokenModelStartTests {
    static let towers: [String: VisionTowerConfiguration] = [
        "transformer": .transformer(
            .init(
                family: .clip, imageSize: 16, patchSize: 8, width: 24, layerCount: 1, headCount: 2,
                intermediateSize: 32,
                activation: .quick, normEpsilon: 1e-5, output: .lastBlock)),
        "convolutional": .convolutional(.init(imageSize: 16, stageWidths: [4, 8, 8], tokenWidth: 24)),
        "keypoints": .keypoints(
            .init(imageSize: 16, stageWidths: [4, 8], residualCount: 0, keypointCount: 4, tokenWidth: 24)),
    ]

    /// A model saved whole, with random weights; by default for the words of the small world.
    private static func withFolder(
        _ tower: String, vocabularySize: Int? = nil, _ body: (VisionLanguageModel, URL) throws -> Void
    ) throws {
        let vocabularySize = try vocabularySize ?? words()
        var decoder = DecoderConfiguration.miniMind07(hiddenSize: 32, layerCount: 2)
        (decoder.headCount, decoder.keyValueHeadCount, decoder.headSize) = (4, 2, 8)
        (decoder.intermediateSize, decoder.vocabularySize, decoder.positionCount) = (48, vocabularySize, 256)
        var generator = PhiloxGenerator(seed: 11)
        let model = VisionLanguageModel(
            vision: towers[tower]!, projector: .openVLA, decoder: decoder, using: &generator)
        let folder = PolicyTrainerTests.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try ModelFolder.save(model, to: folder, includingTower: true)
        try body(model, folder)
    }

    private static func words() throws -> Int {
        try SmallWorld.assembly(recipe(), count: 3).tokenizer!.vocabularySize
    }

    private static func recipe(_ change: (inout PolicyRecipe) -> Void = { _ in }) -> PolicyRecipe {
        var recipe = PolicyRecipe(name: "start", family: .token)
        recipe.action.horizon = 1
        recipe.action.gripper = .number
        recipe.token?.freezesVision = true
        change(&recipe)
        return recipe
    }

    private static func model(_ recipe: PolicyRecipe, _ assembly: PolicyAssembly) throws -> TokenModel {
        var generator = PhiloxGenerator(seed: 1)
        return try TokenModel(
            TokenModel.configuration(for: recipe, sizes: assembly.sizes(), actions: assembly.actionPipeline),
            using: &generator)
    }

    @Test(arguments: ["transformer", "convolutional", "keypoints"])
    func everythingIsTakenOverAndTheRestIsListed(tower: String) throws {
        try Self.withFolder(tower) { source, url in
            let folder = try VisionLanguageFolder(at: url)
            var recipe = Self.recipe()
            try TokenModel.prepare(&recipe, for: .visionLanguageModel(folder), filesIn: nil)
            #expect(recipe.cameras.allSatisfy { $0.transform == folder.imageTransform })
            let assembly = try SmallWorld.assembly(recipe, count: 3)
            var policy = try Self.model(recipe, assembly)
            let drawn = policy.parameters
            let transfer = try policy.start(from: .visionLanguageModel(folder))

            let (theirs, own) = (source.parameters, policy.parameters)
            #expect(Set(transfer.taken + transfer.extended.map(\.name)) == Set(theirs.keys))
            #expect(Set(transfer.new) == Set(own.keys).subtracting(theirs.keys))
            #expect(transfer.new.allSatisfy { $0.hasPrefix("state_proj.") } && !transfer.new.isEmpty)
            for name in transfer.taken { #expect(own[name]?.elements() == theirs[name]?.elements(), "\(name)") }
            for name in transfer.new { #expect(own[name]?.elements() == drawn[name]?.elements(), "\(name)") }

            // appended action tokens; begin and end, in front of them, are those of the source
            let table = try #require(transfer.extended.first)
            let known = try Self.words()
            #expect(transfer.extended.count == 1 && table.takenCount == known && table.newCount == 258)
            let (rows, old) = (own[table.name]!, theirs[table.name]!)
            #expect(rows.slice(axis: 0, 0..<known).contiguous.elements() == old.elements())
            #expect(rows[known].elements() == old[1].elements())
            #expect(rows[known + 1].elements() == old[2].elements())
            #expect(rows[known + 2].elements() == drawn[table.name]![known + 2].elements())
            #expect("\(transfer)".contains("new: state_proj"))
        }
    }

    /// What the policy computes of image and words is what the vision-language model computes, to the bit.
    @Test(arguments: ["transformer", "convolutional", "keypoints"])
    func hiddenStatesAreTheSourcesOwn(tower: String) throws {
        try Self.withFolder(tower, vocabularySize: 400) { source, url in
            let recipe = try {
                var recipe = Self.recipe {
                    $0.state = nil
                    $0.action.tokens?.source = .last
                    $0.action.tokens?.binCount = 8
                }
                recipe.token?.order = .imagesFirst
                try TokenModel.prepare(&recipe, for: .visionLanguageModel(VisionLanguageFolder(at: url)), filesIn: nil)
                return recipe
            }()
            let sizes = PolicySizes(
                images: [[16, 16], [16, 16]], stateSize: 0, vocabularySize: 400, promptLength: 8, horizon: 1,
                dimensionCount: 2, gripper: .number)
            var generator = PhiloxGenerator(seed: 3)
            var policy = TokenModel(.init(sizes: sizes, settings: recipe.token!), using: &generator)
            let transfer = try policy.start(from: .visionLanguageModel(VisionLanguageFolder(at: url)))
            #expect(transfer.new.isEmpty && transfer.extended.isEmpty)

            let images = (0..<2).map { _ in Tensor.uniform(-1...1, [2, 16, 16, 3], using: &generator) }
            let prompts = [[5, 6, 7], [9, 10, 11]]
            let actions = [[300, 301], [302, 303]]
            let own = policy.decoder(
                policy.vectors(PolicyInputs(images: images, promptIDs: prompts), actions: actions)
            ).hidden

            let count = source.tokensPerImage
            let ids = (0..<2).map { [1] + [Int](repeating: 0, count: 2 * count) + prompts[$0] + actions[$0] + [2] }
            let pixels = Tensor.concatenated(
                (0..<2).flatMap { row in
                    images.map { $0.slice(axis: 0, row..<row + 1).permuted([0, 3, 1, 2]).contiguous }
                }, axis: 0)
            let runs = (0..<2).flatMap { row in
                (0..<2).map { camera in
                    ImageRun(
                        sequence: row, tokens: 1 + camera * count..<1 + (camera + 1) * count, image: 2 * row + camera)
                }
            }
            let theirs = source(Tensor(integers: ids.flatMap { $0 }, [2, ids[0].count]), pixels: pixels, at: runs)
            #expect(own.elements() == theirs.hidden.elements())
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        try Self.withFolder("convolutional") { source, url in
            let folder = try VisionLanguageFolder(at: url)
            var recipe = Self.recipe()
            try TokenModel.prepare(&recipe, for: .visionLanguageModel(folder), filesIn: nil)
            let assembly = try SmallWorld.assembly(recipe, count: 3)

            // a layer more
            var other = recipe
            other.token?.decoder.layerCount = 3
            var larger = try Self.model(other, assembly)
            let before = larger.parameters.mapValues { $0.elements() }
            #expect { try larger.start(from: folder) } throws: { "\($0)".contains("decoder.layerCount: found 3") }
            #expect(larger.parameters.mapValues { $0.elements() } == before)

            // no camera: the tower has no place
            var blind = recipe
            blind.cameras = []
            var withoutImages = try Self.model(blind, SmallWorld.assembly(blind, count: 3))
            #expect { try withoutImages.start(from: folder) } throws: { "\($0)".contains("needs a camera") }

            // another family
            var regression = try PolicyTrainerTests.model(
                SmallWorld.recipe(), SmallWorld.assembly(SmallWorld.recipe(), count: 3))
            #expect { try regression.start(from: .visionLanguageModel(folder)) } throws: {
                "\($0)".contains("regression")
            }

            // another tokenizer than the model's
            try Data("{}".utf8).write(to: url.appendingPathComponent("tokenizer.json"))
            let elsewhere = url.appendingPathComponent("other.json")
            try Data("{ }".utf8).write(to: elsewhere)
            var named = Self.recipe { $0.prompt?.tokenizer = elsewhere.path }
            let complete = try VisionLanguageFolder(at: url)
            #expect { try TokenModel.prepare(&named, for: .visionLanguageModel(complete), filesIn: nil) } throws: {
                "\($0)".contains("other.json")
            }
            named.prompt?.tokenizer = nil
            try TokenModel.prepare(&named, for: .visionLanguageModel(complete), filesIn: nil)
            #expect(named.prompt?.tokenizer == complete.tokenizerFile?.path)
            _ = source
        }
    }
}
