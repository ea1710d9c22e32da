import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

/// A vision-language model and its reference values, of a fixture folder `vlm…` or `curve_vlm…`.
struct VisionLanguageFixture: Sendable {
    let folder: URL

    struct Case: Decodable {
        var generation: MiniMindGeneration
        var tokens_per_image: Int
        var image_token_id: Int
    }

    func golden(_ name: String) throws -> Golden { try Golden(folder.appendingPathComponent("\(name).safetensors")) }

    var description: Case { get throws { try Golden.json(folder.appendingPathComponent("case.json")) } }

    /// The model with its tower frozen.
    func model() throws -> VisionLanguageModel {
        let data = try Data(contentsOf: folder.appendingPathComponent("case.json"))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        func part(_ name: String) throws -> Data? {
            try object[name].map { try JSONSerialization.data(withJSONObject: $0) }
        }
        let generation = try description.generation
        let decoder = try DecoderConfiguration(miniMind: try part("config") ?? Data("{}".utf8), generation: generation)
        let vision: VisionTransformerConfiguration
        if let clip = try part("clip") {
            vision = try VisionTransformerConfiguration(huggingFace: clip, family: .clip)
        } else {
            var siglip = try VisionTransformerConfiguration(
                huggingFace: try part("siglip") ?? Data("{}".utf8), family: .siglip)
            siglip.hasPoolingHead = try golden("vision_weights").names.contains { $0.contains(".head.") }
            vision = siglip
        }
        var generator = PhiloxGenerator(seed: 0)
        var model = VisionLanguageModel(
            vision: vision, projector: generation == .july2025 ? .linear : .perceptron(merge: 1), decoder: decoder,
            using: &generator)
        var weights = try golden("weights").tensors()
        if decoder.tiesEmbeddings { weights["lm_head.weight"] = nil }
        for (name, tensor) in try golden("vision_weights").tensors() { weights["vision_encoder." + name] = tensor }
        try model.load(weights)
        model.setTrainable(false) { $0.hasPrefix("vision_encoder.") }
        return model
    }
}

/// The whole model of both generations against MiniMind-V in PyTorch.
@Suite struct VisionLanguageModelGoldenTests {
    static let cases = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("vlm") }
        .map(VisionLanguageFixture.init)
    static let tolerance = Tolerance(relative: 1e-4, absolute: 1e-4)

    private func parts(_ fixture: VisionLanguageFixture) throws -> (ids: Tensor, pixels: Tensor, runs: [ImageRun]) {
        let (io, description) = (try fixture.golden("io"), try fixture.description)
        let (ids, pixels) = (try io("input_ids"), try io("pixel_values"))
        // [B, images, 3, h, w]: the images of the batch, sequence by sequence
        let images = pixels.reshaped([-1] + Array(pixels.shape.sizes.suffix(3)))
        let runs = try ImageRun.find(
            in: (0..<ids.shape[0]).map { ids[$0].integers }, placeholder: description.image_token_id,
            tokensPerImage: description.tokens_per_image)
        #expect(runs.count == images.shape[0])
        return (ids, images, runs)
    }

    @Test(arguments: cases)
    func featuresProjectionAndLogitsMatchPyTorch(fixture: VisionLanguageFixture) throws {
        let model = try fixture.model()
        let (ids, pixels, runs) = try parts(fixture)
        let io = try fixture.golden("io")
        let tokens = model.imageTokens(pixels)
        #expect(try model.tokensPerImage == fixture.description.tokens_per_image)
        if let name = io.names.first(where: { $0.hasSuffix("_features") && $0 != "projected_features" }) {
            let expected = try io(name)
            expectClose(tokens.reshaped(expected.shape.sizes), expected, within: Self.tolerance, name)
        }
        let expected = try io("projected_features")
        let rows = model.imageRows(tokens)
        expectClose(rows.reshaped(expected.shape.sizes), expected, within: Self.tolerance, "projected")
        let hidden = model(ids, pixels: pixels, at: runs).hidden
        expectClose(hidden, try fixture.golden("acts")("final_norm"), within: Self.tolerance, "hidden states")
        expectClose(model.decoder.logits(hidden), try io("logits"), within: Self.tolerance, "logits")
    }

    @Test(arguments: cases)
    func lossAndGradientsMatchPyTorch(fixture: VisionLanguageFixture) throws {
        let model = try fixture.model()
        let (ids, pixels, runs) = try parts(fixture)
        let io = try fixture.golden("io")
        let labels = try io("labels")
        let length = ids.shape[1]
        let targets = labels.slice(axis: 1, 1..<length).integers
        let (loss, gradients) = valueAndGradient(of: model) { model in
            let hidden = model(ids, pixels: pixels, at: runs).hidden.slice(axis: 1, 0..<length - 1)
            return linearCrossEntropy(hidden: hidden, weight: model.decoder.headWeight, targets: targets)
        }
        expectClose(Double(loss), Double(try io("loss").scalar), within: Self.tolerance, "loss")
        let expected = try fixture.golden("grads")
        for name in expected.names where name != "lm_head.weight" {
            expectClose(try #require(gradients[name]), try expected(name), within: Self.tolerance, name)
        }
        #expect(!gradients.names.contains { $0.hasPrefix("vision_encoder.") })
    }
}
