import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import VisionLanguage

/// A decoder and its reference values, of a fixture folder `lm…` or `curve_lm…`.
struct DecoderFixture: Sendable {
    let folder: URL

    private struct Case: Decodable {
        var generation: MiniMindGeneration
    }

    /// The README of the fixtures: 1e-4 relative to max(1, |value|) for logits and gradients of the tiny models.
    static let tolerance = Tolerance(relative: 1e-4, absolute: 1e-4)

    func golden(_ name: String) throws -> Golden { try Golden(folder.appendingPathComponent("\(name).safetensors")) }

    var configuration: DecoderConfiguration {
        get throws { try Self.configuration(folder.appendingPathComponent("case.json")) }
    }

    /// The decoder configuration in the `config` of a `case.json`, of the generation that stands beside it.
    static func configuration(_ url: URL) throws -> DecoderConfiguration {
        let data = try Data(contentsOf: url)
        let generation = try JSONDecoder().decode(Case.self, from: data).generation
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let config = try JSONSerialization.data(withJSONObject: object?["config"] ?? [:])
        return try DecoderConfiguration(miniMind: config, generation: generation)
    }

    func decoder() throws -> Decoder {
        var generator = PhiloxGenerator(seed: 0)
        var decoder = Decoder(try configuration, using: &generator)
        var weights = try golden("weights").tensors()
        if decoder.configuration.tiesEmbeddings { weights["lm_head.weight"] = nil }
        try decoder.load(weights)
        return decoder
    }
}
