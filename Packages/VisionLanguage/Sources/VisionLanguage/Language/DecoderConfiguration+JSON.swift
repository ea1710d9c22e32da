public import Foundation
import TensorNN

extension DecoderConfiguration {
    /// The generation whose code computes this configuration.
    public var generation: MiniMindGeneration { normalizesQueriesAndKeys ? .june2026 : .july2025 }

    /// MiniMind's `config.json`, with the fields of the configuration's generation.
    ///
    /// - Throws: ``ConfigurationError`` when that generation's code cannot express it.
    public func miniMindJSON() throws -> Data {
        let is26 = generation == .june2026
        guard is26 || tiesEmbeddings else {
            throw ConfigurationError(
                "an output layer of its own without query norms", advice: "MiniMind of 2025 always ties the two.")
        }
        guard headSize * headCount == hiddenSize || is26 else {
            throw ConfigurationError(
                "\(headCount) heads of \(headSize) in a width of \(hiddenSize)",
                advice: "MiniMind of 2025 takes width / heads.")
        }
        let layers: [String: Any] = [
            "hidden_size": hiddenSize, "num_hidden_layers": layerCount, "num_attention_heads": headCount,
            "num_key_value_heads": keyValueHeadCount, "vocab_size": vocabularySize,
            "intermediate_size": intermediateSize, "hidden_act": "silu", "use_moe": experts != nil,
        ]
        let numbers: [String: Any] = [
            "rms_norm_eps": number(normEpsilon), "rope_theta": number(rotaryBase), "dropout": number(dropout),
            "max_position_embeddings": positionCount, "bos_token_id": beginID, "eos_token_id": endID,
            "pad_token_id": paddingID, "model_type": "minimind", "architectures": ["MiniMindForCausalLM"],
        ]
        var fields = layers.merging(numbers) { $1 }
        let e = experts ?? (is26 ? .miniMind26 : Experts())
        fields["num_experts_per_tok"] = e.perToken
        fields["norm_topk_prob"] = e.normalizesWeights
        if is26 {
            fields["head_dim"] = headSize
            fields["tie_word_embeddings"] = tiesEmbeddings
            fields["num_experts"] = e.count
            fields["moe_intermediate_size"] = e.intermediateSize ?? intermediateSize
            guard case .perSlot(let coefficient) = e.auxiliaryLoss, e.sharedCount == 0 else {
                throw ConfigurationError(
                    "experts with \(e.sharedCount) shared and the loss \(e.auxiliaryLoss)",
                    advice: "MiniMind of 2026 has none shared and a loss by slot.")
            }
            fields["router_aux_loss_coef"] = number(coefficient)
        } else {
            fields["n_routed_experts"] = e.count
            fields["n_shared_experts"] = e.sharedCount
            fields["scoring_func"] = "softmax"
            switch e.auxiliaryLoss {
            case .none: fields["aux_loss_alpha"] = 0
            case .perSequence(let alpha): (fields["aux_loss_alpha"], fields["seq_aux"]) = (number(alpha), true)
            case .perBatch(let alpha): (fields["aux_loss_alpha"], fields["seq_aux"]) = (number(alpha), false)
            case .perSlot:
                throw ConfigurationError("a loss by slot", advice: "MiniMind of 2025 has one by sequence or batch.")
            }
        }
        fields["inference_rope_scaling"] = yarn != nil
        if let yarn {
            fields["rope_scaling"] = [
                "type": "yarn", "factor": number(yarn.factor), "beta_fast": number(yarn.betaFast),
                "beta_slow": number(yarn.betaSlow), "attention_factor": number(yarn.attentionFactor),
                "original_max_position_embeddings": yarn.originalPositionCount,
            ]
        }
        return try JSONSerialization.data(
            withJSONObject: fields, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// The shortest decimal that reads back as the same `Float`.
    private func number(_ value: Float) -> NSDecimalNumber { NSDecimalNumber(string: "\(value)") }
}
