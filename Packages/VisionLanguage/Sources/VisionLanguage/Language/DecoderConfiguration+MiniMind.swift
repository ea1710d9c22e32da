import FileSupport
public import Foundation
import TensorCore
import TensorNN

/// The two generations of MiniMind, told apart by norms, names and defaults.
public enum MiniMindGeneration: String, Sendable, Hashable, Codable, CaseIterable {
    /// April to September 2025.
    case july2025 = "07"
    /// Mid 2026.
    case june2026 = "26"
}

extension DecoderConfiguration {
    /// Reads MiniMind's `config.json`, also as its converter writes it for transformers: `llama` for the generation of
    /// 2025, `qwen3` or `qwen3_moe` for that of 2026. The tensors and what is computed are the same.
    ///
    /// Fields that are absent have the generation's defaults. A field that asks for another computation is an error;
    /// ``unknownFields(inMiniMind:)`` lists those that nothing here knows.
    ///
    /// - Parameters:
    ///   - json: The file's bytes.
    ///   - generation: Taken from the fields when nil: `n_routed_experts` and `scoring_func` are of 2025, `num_experts`
    ///     and `router_aux_loss_coef` of 2026.
    /// - Throws: ``ConfigurationError`` when it is no such file, the generation cannot be told, or it asks for what is
    ///   not supported.
    public init(miniMind json: Data, generation: MiniMindGeneration? = nil) throws {
        let fields: MiniMindFields
        do {
            fields = try JSONDecoder().decode(MiniMindFields.self, from: ByteOrderMark.dropped(from: json))
        } catch {
            throw ConfigurationError(
                "no readable fields: \(JSONReading.explanation(of: error, in: json))",
                advice: "It has to be the config.json of a MiniMind model.")
        }
        guard let generation = fields.convertedGeneration ?? generation ?? fields.generation else {
            throw ConfigurationError(
                "no field that tells MiniMind's generation", advice: "State it: 07 (2025) or 26 (2026).")
        }
        self = try fields.configuration(generation)
        try validate()
    }

    /// Names of the fields of a `config.json` that are neither read nor known to make no difference.
    public static func unknownFields(inMiniMind json: Data) -> [String] {
        let object = (try? StrictJSON(parsing: json, file: "config.json"))?.object ?? []
        return object.filter { !$0.value.isNull && !MiniMindFields.knownNames.contains($0.key) }.map(\.key).sorted()
    }
}
