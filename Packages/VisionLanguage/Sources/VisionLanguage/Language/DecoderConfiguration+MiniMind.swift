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
    /// Reads MiniMind's `config.json`.
    ///
    /// Fields that are absent have the generation's defaults; fields of the library that wrote the file are skipped.
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
            fields = try JSONDecoder().decode(MiniMindFields.self, from: json)
        } catch {
            throw ConfigurationError(
                "no readable fields: \(describe(error))", advice: "It has to be the config.json of a MiniMind model.")
        }
        guard let generation = generation ?? fields.generation else {
            throw ConfigurationError(
                "no field that tells MiniMind's generation", advice: "State it: 07 (2025) or 26 (2026).")
        }
        self = try fields.configuration(generation)
        try validate()
    }
}

/// What a decoding error found, and where.
func describe(_ error: any Error) -> String {
    switch error {
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        let found =
            context.debugDescription.hasSuffix(".")
            ? String(context.debugDescription.dropLast()) : context.debugDescription
        return path.isEmpty ? found : "\(path): \(found)"
    default: return "\(error)"
    }
}

/// The fields of `config.json` that a decoder is made from, under their own names.
private struct MiniMindFields: Decodable {
    var model_type: String?
    var hidden_size: Int?
    var num_hidden_layers: Int?
    var num_attention_heads: Int?
    var num_key_value_heads: Int?
    var head_dim: Int?
    var vocab_size: Int?
    var intermediate_size: Int?
    var rms_norm_eps: Float?
    var rope_theta: Float?
    var max_position_embeddings: Int?
    var dropout: Float?
    var hidden_act: String?
    var bos_token_id: Int?
    var eos_token_id: Int?
    var pad_token_id: Int?
    var tie_word_embeddings: Bool?

    var use_moe: Bool?
    var num_experts_per_tok: Int?
    var norm_topk_prob: Bool?
    // of 2025
    var n_routed_experts: Int?
    var n_shared_experts: Int?
    var scoring_func: String?
    var aux_loss_alpha: Float?
    var seq_aux: Bool?
    // of 2026
    var num_experts: Int?
    var moe_intermediate_size: Int?
    var router_aux_loss_coef: Float?

    var inference_rope_scaling: Bool?
    var rope_scaling: Scaling?

    struct Scaling: Decodable {
        var beta_fast: Float?
        var beta_slow: Float?
        var factor: Float?
        var original_max_position_embeddings: Int?
        var attention_factor: Float?
        var type: String?
        var rope_type: String?
    }

    var generation: MiniMindGeneration? {
        let is07 = n_routed_experts != nil || scoring_func != nil || aux_loss_alpha != nil
        let is26 = num_experts != nil || router_aux_loss_coef != nil || moe_intermediate_size != nil
        return is07 == is26 ? nil : (is07 ? .july2025 : .june2026)
    }

    func configuration(_ generation: MiniMindGeneration) throws -> DecoderConfiguration {
        if let model_type, !model_type.hasPrefix("minimind") {
            throw ConfigurationError("the model_type '\(model_type)'", advice: "Only MiniMind's is supported.")
        }
        guard hidden_act ?? "silu" == "silu" else {
            throw ConfigurationError("the activation '\(hidden_act!)'", advice: "Only silu is supported.")
        }
        guard scoring_func ?? "softmax" == "softmax" else {
            throw ConfigurationError("experts scored by '\(scoring_func!)'", advice: "Only softmax is supported.")
        }
        let is26 = generation == .june2026
        let hidden = hidden_size ?? (is26 ? 768 : 512)
        guard hidden > 0, hidden < 1 << 24, (num_attention_heads ?? 8) > 0 else {
            throw ConfigurationError(
                "hidden_size \(hidden), num_attention_heads \(num_attention_heads ?? 8)",
                advice: "Both have to be positive.")
        }
        var c =
            is26
            ? DecoderConfiguration.miniMind26(hiddenSize: hidden) : DecoderConfiguration.miniMind07(hiddenSize: hidden)
        c.layerCount = num_hidden_layers ?? c.layerCount
        c.headCount = num_attention_heads ?? c.headCount
        c.keyValueHeadCount = num_key_value_heads ?? c.keyValueHeadCount
        c.headSize = head_dim ?? hidden / c.headCount
        c.vocabularySize = vocab_size ?? c.vocabularySize
        c.intermediateSize = intermediate_size ?? c.intermediateSize
        c.normEpsilon = rms_norm_eps ?? c.normEpsilon
        c.rotaryBase = rope_theta ?? c.rotaryBase
        c.positionCount = max_position_embeddings ?? c.positionCount
        c.dropout = dropout ?? c.dropout
        c.beginID = bos_token_id ?? c.beginID
        c.endID = eos_token_id ?? c.endID
        c.paddingID = pad_token_id ?? c.paddingID
        // the code of 2025 ties always, whatever the field says
        if is26 { c.tiesEmbeddings = tie_word_embeddings ?? true }
        if use_moe == true { c.experts = experts(is26) }
        if inference_rope_scaling == true { c.yarn = try yarn() }
        return c
    }

    private func experts(_ is26: Bool) -> DecoderConfiguration.Experts {
        var e = is26 ? DecoderConfiguration.Experts.miniMind26 : DecoderConfiguration.Experts()
        e.perToken = num_experts_per_tok ?? e.perToken
        if is26 {
            e.count = num_experts ?? e.count
            e.intermediateSize = moe_intermediate_size
            e.normalizesWeights = norm_topk_prob ?? true
            e.auxiliaryLoss = .perSlot(router_aux_loss_coef ?? 5e-4)
        } else {
            e.count = n_routed_experts ?? e.count
            e.sharedCount = n_shared_experts ?? e.sharedCount
            // a single expert's weight is not normalized there
            e.normalizesWeights = (norm_topk_prob ?? true) && e.perToken > 1
            let alpha = aux_loss_alpha ?? 0.1
            e.auxiliaryLoss = alpha == 0 ? .none : (seq_aux ?? true ? .perSequence(alpha) : .perBatch(alpha))
        }
        return e
    }

    private func yarn() throws -> RotaryTable.YaRN {
        let kind = rope_scaling?.type ?? rope_scaling?.rope_type ?? "yarn"
        guard kind == "yarn" else {
            throw ConfigurationError("rotary scaling of type '\(kind)'", advice: "Only yarn is supported.")
        }
        var yarn = RotaryTable.YaRN()
        yarn.originalPositionCount = rope_scaling?.original_max_position_embeddings ?? yarn.originalPositionCount
        yarn.factor = rope_scaling?.factor ?? yarn.factor
        yarn.betaFast = rope_scaling?.beta_fast ?? yarn.betaFast
        yarn.betaSlow = rope_scaling?.beta_slow ?? yarn.betaSlow
        yarn.attentionFactor = rope_scaling?.attention_factor ?? yarn.attentionFactor
        return yarn
    }
}
