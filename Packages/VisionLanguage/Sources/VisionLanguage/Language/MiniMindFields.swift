import TensorCore
import TensorNN

/// The fields of `config.json` that a decoder is made from, under their own names.
struct MiniMindFields: Decodable {
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
    var rope_scaling: RotaryFields?
    /// As transformers writes it from version 5 on, in place of `rope_theta` and `rope_scaling`.
    var rope_parameters: RotaryFields?

    // what other models of these types may have, and MiniMind has not
    var attention_bias: Bool?
    var mlp_bias: Bool?
    var use_sliding_window: Bool?
    var sliding_window: Int?
    var layer_types: [String]?
    var decoder_sparse_step: Int?
    var mlp_only_layers: [Int]?
    var partial_rotary_factor: Double?
    var quantization_config: Present?

    /// Something that is there and not null.
    struct Present: Decodable {
        init(from decoder: any Swift.Decoder) throws {}
    }

    /// Settings of the rotary embedding.
    struct RotaryFields: Decodable {
        var beta_fast: Float?
        var beta_slow: Float?
        var factor: Float?
        var original_max_position_embeddings: Int?
        var attention_factor: Float?
        var type: String?
        var rope_type: String?
        var rope_theta: Float?
        var partial_rotary_factor: Double?
        /// Keys that none of these is.
        var unknown: [String] = []

        private enum Name: String, CodingKey, CaseIterable {
            case beta_fast, beta_slow, factor, original_max_position_embeddings, attention_factor, type, rope_type
            case rope_theta, partial_rotary_factor
        }

        private struct AnyName: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Swift.Decoder) throws {
            let values = try decoder.container(keyedBy: Name.self)
            beta_fast = try values.decodeIfPresent(Float.self, forKey: .beta_fast)
            beta_slow = try values.decodeIfPresent(Float.self, forKey: .beta_slow)
            factor = try values.decodeIfPresent(Float.self, forKey: .factor)
            original_max_position_embeddings = try values.decodeIfPresent(
                Int.self, forKey: .original_max_position_embeddings)
            attention_factor = try values.decodeIfPresent(Float.self, forKey: .attention_factor)
            type = try values.decodeIfPresent(String.self, forKey: .type)
            rope_type = try values.decodeIfPresent(String.self, forKey: .rope_type)
            rope_theta = try values.decodeIfPresent(Float.self, forKey: .rope_theta)
            partial_rotary_factor = try values.decodeIfPresent(Double.self, forKey: .partial_rotary_factor)
            let all = try decoder.container(keyedBy: AnyName.self)
            unknown = try all.allKeys.filter { try Name(rawValue: $0.stringValue) == nil && !all.decodeNil(forKey: $0) }
                .map(\.stringValue).sorted()
        }

        var kind: String? { rope_type ?? type }
    }

    /// Names of `config.json` that are read or make no difference to what is computed here.
    static let knownNames: Set<String> = [
        "model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
        "vocab_size", "intermediate_size", "rms_norm_eps", "rope_theta", "max_position_embeddings", "dropout",
        "hidden_act", "bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings", "use_moe",
        "num_experts_per_tok", "norm_topk_prob", "n_routed_experts", "n_shared_experts", "scoring_func",
        "aux_loss_alpha", "seq_aux", "num_experts", "moe_intermediate_size", "router_aux_loss_coef",
        "inference_rope_scaling", "rope_scaling", "rope_parameters", "attention_bias", "mlp_bias",
        "use_sliding_window", "sliding_window", "layer_types", "decoder_sparse_step", "mlp_only_layers",
        "partial_rotary_factor", "quantization_config",
        // of the library, and of training
        "architectures", "auto_map", "dtype", "torch_dtype", "transformers_version", "use_cache", "initializer_range",
        "attention_dropout", "max_window_layers", "pretraining_tp", "flash_attn", "_name_or_path", "name_or_path",
        "output_router_logits", "is_encoder_decoder", "return_dict", "output_hidden_states", "output_attentions",
        "chunk_size_feed_forward", "id2label", "label2id", "problem_type", "_attn_implementation",
        // of MiniMind-V
        "image_special_token", "image_ids", "image_id", "image_token_len", "image_token_id", "image_hidden_size",
        "image_size", "vision_config",
    ]

    /// The generation whose model the converter wrote as another type; `nil` for MiniMind's own type.
    var convertedGeneration: MiniMindGeneration? {
        switch model_type {
        case "llama": .july2025
        case "qwen3", "qwen3_moe": .june2026
        default: nil
        }
    }

    var generation: MiniMindGeneration? {
        let is07 = n_routed_experts != nil || scoring_func != nil || aux_loss_alpha != nil
        let is26 = num_experts != nil || router_aux_loss_coef != nil || moe_intermediate_size != nil
        return is07 == is26 ? nil : (is07 ? .july2025 : .june2026)
    }

    func configuration(_ generation: MiniMindGeneration) throws -> DecoderConfiguration {
        let isConverted = convertedGeneration != nil
        if let model_type, !model_type.hasPrefix("minimind"), !isConverted {
            throw ConfigurationError(
                "the model_type '\(model_type)'",
                advice: "MiniMind's own are supported, and llama, qwen3 and qwen3_moe as its converter writes them.")
        }
        try refuseOtherComputations()
        guard hidden_act ?? "silu" == "silu" else {
            throw ConfigurationError("the activation '\(hidden_act!)'", advice: "Only silu is supported.")
        }
        guard scoring_func ?? "softmax" == "softmax" else {
            throw ConfigurationError("experts scored by '\(scoring_func!)'", advice: "Only softmax is supported.")
        }
        let is26 = generation == .june2026
        if isConverted {
            // the library's own defaults are other models' sizes
            for (name, value) in [
                ("hidden_size", hidden_size), ("num_hidden_layers", num_hidden_layers),
                ("num_attention_heads", num_attention_heads), ("num_key_value_heads", num_key_value_heads),
                ("vocab_size", vocab_size), ("intermediate_size", intermediate_size),
            ] where value == nil {
                throw ConfigurationError("no '\(name)'", advice: "A \(model_type ?? "") model has to state it.")
            }
        }
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
        c.normEpsilon = rms_norm_eps ?? (isConverted ? 1e-6 : c.normEpsilon)
        c.rotaryBase = try rotaryBase() ?? (isConverted ? 1e4 : c.rotaryBase)
        c.positionCount = max_position_embeddings ?? c.positionCount
        c.dropout = dropout ?? c.dropout
        c.beginID = bos_token_id ?? c.beginID
        c.endID = eos_token_id ?? c.endID
        c.paddingID = pad_token_id ?? c.paddingID
        // the code of 2025 ties always, whatever the field says
        if is26 || isConverted { c.tiesEmbeddings = tie_word_embeddings ?? !isConverted }
        if use_moe == true || model_type == "qwen3_moe" { c.experts = experts(is26) }
        c.yarn = try yarn()
        return c
    }

    /// θ, which stands in one of two places.
    private func rotaryBase() throws -> Float? {
        guard let inner = rope_parameters?.rope_theta else { return rope_theta }
        if let rope_theta, rope_theta != inner {
            throw ConfigurationError(
                "rope_theta \(rope_theta) and rope_parameters.rope_theta \(inner)",
                advice: "Leave the one out that does not belong to the weights.")
        }
        return inner
    }

    /// The scaling of positions that is in use; `nil` for none.
    private func yarn() throws -> RotaryTable.YaRN? {
        for (name, fields) in [("rope_parameters", rope_parameters), ("rope_scaling", rope_scaling)] {
            guard let fields else { continue }
            guard fields.unknown.isEmpty else {
                throw ConfigurationError(
                    "\(name) with \(fields.unknown.joined(separator: ", "))",
                    advice: "Only the type, rope_theta and the settings of yarn are supported.")
            }
            guard fields.partial_rotary_factor ?? 1 == 1 else {
                throw ConfigurationError(
                    "\(name).partial_rotary_factor \(fields.partial_rotary_factor ?? 1)",
                    advice: "Only whole heads are rotated here.")
            }
        }
        var (fields, kind) = (rope_scaling, rope_scaling?.kind)
        switch inference_rope_scaling {
        case true?: kind = kind ?? "yarn"
        case false?:
            // MiniMind's own switch: its code does not look at rope_scaling then
            guard rope_parameters?.kind ?? "default" == "default" else {
                throw ConfigurationError(
                    "inference_rope_scaling false and rope_parameters of type '\(rope_parameters?.kind ?? "")'",
                    advice: "Leave one of the two out.")
            }
            return nil
        case nil:
            if let other = rope_parameters?.kind { (fields, kind) = (rope_parameters, other) }
            kind = kind ?? (fields == nil ? "default" : "yarn")
        }
        if kind == "default" { return nil }
        guard kind == "yarn" else {
            throw ConfigurationError("rotary scaling of type '\(kind ?? "")'", advice: "Only yarn is supported.")
        }
        guard convertedGeneration == nil else {
            throw ConfigurationError(
                "rotary scaling of type 'yarn' in a \(model_type ?? "") model",
                advice: "It is supported as MiniMind computes it, with the model_type 'minimind'.")
        }
        var yarn = RotaryTable.YaRN()
        yarn.originalPositionCount = fields?.original_max_position_embeddings ?? yarn.originalPositionCount
        yarn.factor = fields?.factor ?? yarn.factor
        yarn.betaFast = fields?.beta_fast ?? yarn.betaFast
        yarn.betaSlow = fields?.beta_slow ?? yarn.betaSlow
        yarn.attentionFactor = fields?.attention_factor ?? yarn.attentionFactor
        return yarn
    }

    /// Settings with which the same tensors would mean something else.
    private func refuseOtherComputations() throws {
        func refuse(_ found: String, _ advice: String) throws {
            throw ConfigurationError(found, advice: advice)
        }
        if attention_bias == true { try refuse("attention_bias true", "MiniMind's projections have no bias.") }
        if mlp_bias == true { try refuse("mlp_bias true", "MiniMind's feed-forward parts have no bias.") }
        if use_sliding_window == true || (sliding_window != nil && use_sliding_window != false) {
            try refuse("a sliding window", "Every token attends to all before it here.")
        }
        if let other = layer_types?.first(where: { $0 != "full_attention" }) {
            try refuse("a layer of type '\(other)'", "Only full_attention is supported.")
        }
        if decoder_sparse_step ?? 1 != 1 || mlp_only_layers?.isEmpty == false {
            try refuse("experts in some layers only", "Here all layers have experts, or none.")
        }
        if partial_rotary_factor ?? 1 != 1 {
            try refuse("partial_rotary_factor \(partial_rotary_factor ?? 1)", "Only whole heads are rotated here.")
        }
        if quantization_config != nil {
            try refuse("quantized weights", "Save the model in float32, float16 or bfloat16.")
        }
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
}
