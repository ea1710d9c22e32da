import FileSupport
import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

@Suite struct ModelFolderTests {
    static let vision = VisionTransformerConfiguration(
        family: .clip, imageSize: 16, patchSize: 8, width: 24, layerCount: 2, headCount: 2, intermediateSize: 32,
        activation: .quick, normEpsilon: 1e-5, output: .lastBlock)

    private func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ModelFolderTests-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    static func configurations() -> [DecoderConfiguration] {
        [
            DecoderTests.small(),
            DecoderTests.small {
                $0.experts = .init()
                $0.experts?.count = 3
            },
            DecoderTests.small26(), DecoderTests.small26 { $0.tiesEmbeddings = false },
            DecoderTests.small26 { $0.experts = .miniMind26 }, DecoderTests.small26 { $0.yarn = .init() },
        ]
    }

    @Test(arguments: configurations())
    func savedModelsLoadToTheSameBits(configuration: DecoderConfiguration) throws {
        try inFolder { folder in
            var generator = PhiloxGenerator(seed: 1)
            let decoder = Decoder(configuration, using: &generator)
            try ModelFolder.save(decoder, to: folder)
            let (loaded, report) = try ModelFolder.decoder(at: folder)
            var expected = configuration
            expected.initialization = .zero
            // what dense models leave open is the generation's default
            expected.experts?.intermediateSize = loaded.configuration.experts?.intermediateSize
            #expect(loaded.configuration == expected)
            expectSameParameters(loaded, decoder)
            #expect(report.storedTypes.keys.sorted { $0.rawValue < $1.rawValue } == [.float32])
            // float32 weights stay on the file
            #expect(loaded.blocks[0].attention.query.weight.value.isMapped)

            // in shards, and rounded
            let other = folder.appendingPathComponent("shards")
            try ModelFolder.save(decoder, to: other, as: .bfloat16, maximumShardByteCount: 4000)
            var options = LoadingOptions()
            options.keepsStoredMatrices = true
            let (rounded, halves) = try ModelFolder.decoder(at: other, options)
            #expect(halves.format == "shardedSafetensors" && Set(halves.storedTypes.keys) == [.bfloat16])
            #expect(rounded.blocks[0].attention.query.weight.value.dtype == .bfloat16)
            #expect(rounded.norm.weight.value.dtype == .float32)
            let ids = Tensor(integers: [1, 7, 3, 9], [1, 4])
            let a = decoder.logits(decoder(decoder.embed(ids)).hidden)
            let b = rounded.logits(rounded(rounded.embed(ids)).hidden)
            expectClose(b, a, within: .init(relative: 0.05, absolute: 0.05))
        }
    }

    @Test func visionLanguageModelsAreSavedWithoutTheirTower() throws {
        try inFolder { folder in
            var generator = PhiloxGenerator(seed: 2)
            let model = VisionLanguageModel(
                vision: Self.vision, projector: .linear, decoder: DecoderTests.small(), using: &generator)
            try ModelFolder.save(model, to: folder)
            let tower = folder.appendingPathComponent("clip.safetensors")
            let extra = ("text_model.embeddings.position_ids", Tensor(integers: [0, 1], [1, 2]))
            let parameters = model.tower!.parameters.map { ($0.key, $0.value) }
            try Safetensors.write(parameters + [extra], to: tower)
            let (loaded, reports) = try ModelFolder.visionLanguageModel(at: folder, tower: tower, using: &generator)
            #expect(reports[0].unused == [extra.0])
            #expect(reports[1].absent.allSatisfy { $0.hasPrefix("vision_encoder.") })
            expectSameParameters(loaded, model)

            // a language model alone becomes one with a new projector, when asked
            try ModelFolder.save(model.decoder, to: folder)
            let mismatch = try #require(throws: CheckpointMismatch.self) {
                try ModelFolder.visionLanguageModel(at: folder, tower: tower, using: &generator)
            }
            #expect(mismatch.missing == ["vision_proj.vision_proj.0.bias", "vision_proj.vision_proj.0.weight"])
            let (new, _) = try ModelFolder.visionLanguageModel(
                at: folder, tower: tower, newProjector: true, using: &generator)
            expectSameParameters(new.decoder, model.decoder)
        }
    }

    /// Rows of queries in another order have the right names and shapes; the check value tells.
    @Test func checkValueFindsWrongNumbers() throws {
        try inFolder { folder in
            var generator = PhiloxGenerator(seed: 3)
            var decoder = Decoder(DecoderTests.small(), using: &generator)
            try ModelFolder.save(decoder, to: folder)
            let file = folder.appendingPathComponent("model.safetensors")
            let metadata = try SafetensorsFile(at: file).metadata
            let weight = decoder.blocks[0].attention.query.weight.value
            decoder.blocks[0].attention.query.weight.value = weight.gatheringRows((0..<32).reversed())
            let parameters = decoder.parameters.map { ($0.key, $0.value) }
            try Safetensors.write(parameters, metadata: metadata, to: file)
            #expect(try ModelDescription(of: Checkpoint(at: folder)).mismatch == nil)
            #expect(throws: LogitsCheckError.self) { try ModelFolder.decoder(at: folder) }
        }
    }

    /// transformers saves a vision tower without its prefix from version 5 on; a training state holds it inside.
    @Test(arguments: ["", "vision_encoder."])
    func towersAreKnownWithoutTheirPrefix(outer: String) throws {
        var generator = PhiloxGenerator(seed: 5)
        let tower = VisionTransformer(Self.vision, using: &generator)
        let short = tower.parameters.map { (outer + $0.key.dropFirst("vision_model.".count), $0.value) }
        let checkpoint = Checkpoint(tensors: short, name: "tower")
        #expect(checkpoint.wrappings == [.noVisionModelPrefix])
        #expect(Set(checkpoint.names) == Set(tower.parameters.keys.map { outer + $0 }))
        if outer.isEmpty { #expect(try ModelDescription(of: checkpoint).mismatch == nil) }
        let whole = Checkpoint(tensors: tower.parameters.map { (outer + $0.key, $0.value) }, name: "tower")
        #expect(whole.wrappings.isEmpty)
    }

    @Test func foldersWithoutWeightsAreNamed() throws {
        try inFolder { folder in
            #expect { try Checkpoint(at: folder) } throws: { "\($0)".contains("model.safetensors") }
            #expect { try Checkpoint(at: folder.appendingPathComponent("x.pth")) } throws: {
                "\($0)".contains("no such file")
            }
        }
    }

    /// A damaged configuration is an error with file and byte, a wrong one with file and setting.
    @Test func wrongConfigurationsNameTheirFile() throws {
        try inFolder { folder in
            var generator = PhiloxGenerator(seed: 6)
            try ModelFolder.save(Decoder(DecoderTests.small(), using: &generator), to: folder)
            let file = folder.appendingPathComponent("config.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.dropLast(20).write(to: file, atomically: true, encoding: .utf8)
            #expect { try ModelFolder.decoder(at: folder) } throws: {
                "\($0)".contains(file.path) && ($0 as? SerializationError)?.offset != nil
            }
            let other = text.replacing("\"silu\"", with: "\"relu\"")
            try other.write(to: file, atomically: true, encoding: .utf8)
            #expect { try ModelFolder.decoder(at: folder) } throws: {
                "\($0)".contains(file.path) && "\($0)".contains("relu")
            }
        }
    }

    @Test func fewerLayersAreNoticed() throws {
        var generator = PhiloxGenerator(seed: 4)
        let small = Decoder(DecoderTests.small(), using: &generator)
        var large = Decoder(DecoderTests.small { $0.layerCount = 4 }, using: &generator)
        let checkpoint = Checkpoint(tensors: small.parameters.map { ($0.key, $0.value) }, name: "small")
        let mismatch = try #require(throws: CheckpointMismatch.self) { try large.load(checkpoint) }
        #expect(mismatch.description.contains("fewer layers"))
        #expect(mismatch.missing.count == 2 * 9)
    }
}

/// The same names and bits.
func expectSameParameters(
    _ a: some Module, _ b: some Module, sourceLocation: SourceLocation = #_sourceLocation
) {
    let (a, b) = (a.parameters, b.parameters)
    #expect(a.keys.sorted() == b.keys.sorted(), sourceLocation: sourceLocation)
    for name in a.keys.sorted() where a[name]?.floats != b[name]?.floats {
        Issue.record("'\(name)' differs", sourceLocation: sourceLocation)
    }
}

@Suite struct ModelDescriptionTests {
    @Test(arguments: ModelFolderTests.configurations())
    func sizesAreToldFromShapes(configuration: DecoderConfiguration) throws {
        var generator = PhiloxGenerator(seed: 1)
        var configuration = configuration
        // the file of an old model does not say how many heads it has: 8
        if !configuration.normalizesQueriesAndKeys { (configuration.headCount, configuration.headSize) = (8, 4) }
        let decoder = Decoder(configuration, using: &generator)
        let checkpoint = Checkpoint(tensors: decoder.parameters.map { ($0.key, $0.value) }, name: "weights")
        let description = try ModelDescription(of: checkpoint)
        #expect(description.kind == .languageModel)
        #expect(description.generation == configuration.generation)
        let told = try #require(description.decoder)
        #expect(told.parameterCount == configuration.parameterCount || !configuration.tiesEmbeddings)
        #expect(told.headCount == configuration.headCount && told.keyValueHeadCount == configuration.keyValueHeadCount)
        #expect(told.experts?.count == configuration.experts?.count)
        #expect(!description.assumptions.isEmpty)
        #expect((description.mismatch == nil) == configuration.tiesEmbeddings)
    }

    @Test func towersAndUnknownFilesAreTold() throws {
        var generator = PhiloxGenerator(seed: 2)
        for configuration in [
            ModelFolderTests.vision,
            VisionTransformerConfiguration(
                family: .dinov2, imageSize: 28, patchSize: 14, width: 64, layerCount: 3, headCount: 1,
                intermediateSize: 32, activation: .exact, normEpsilon: 1e-6, registerCount: 4, output: .normalized),
            VisionTransformerConfiguration(
                family: .siglip, imageSize: 32, patchSize: 16, width: 64, layerCount: 1, headCount: 1,
                intermediateSize: 32, activation: .tanh, normEpsilon: 1e-6, hasPoolingHead: true, output: .normalized),
        ] {
            let tower = VisionTransformer(configuration, using: &generator)
            let checkpoint = Checkpoint(tensors: tower.parameters.map { ($0.key, $0.value) }, name: "weights")
            let description = try ModelDescription(of: checkpoint)
            #expect(description.kind == .visionTower && description.mismatch == nil)
            let told = try #require(description.tower)
            #expect(told.family == configuration.family && told.imageSize == configuration.imageSize)
            #expect(told.layerCount == configuration.layerCount && told.registerCount == configuration.registerCount)
            #expect(description.parameterCount == tower.parameterCount())
        }
        let other = Checkpoint(tensors: [("a", Tensor(1))], name: "other")
        #expect(try ModelDescription(of: other).kind == .unknown)
    }
}
