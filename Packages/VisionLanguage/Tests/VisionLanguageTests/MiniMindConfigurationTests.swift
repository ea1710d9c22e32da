import Foundation
import Testing
import VisionLanguage

/// What a `config.json` asks for is read or refused, never passed over.
@Suite struct MiniMindConfigurationTests {
    private func configuration(_ fields: [String: Any]) throws -> DecoderConfiguration {
        var all: [String: Any] = [
            "model_type": "minimind", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "num_key_value_heads": 1, "vocab_size": 64, "intermediate_size": 32, "max_position_embeddings": 128,
        ]
        all.merge(fields) { $1 }
        return try DecoderConfiguration(
            miniMind: JSONSerialization.data(withJSONObject: all), generation: .july2025)
    }

    @Test func rotaryBaseStandsInEitherPlace() throws {
        #expect(try configuration(["rope_theta": 5e5]).rotaryBase == 5e5)
        #expect(try configuration(["rope_parameters": ["rope_type": "default", "rope_theta": 5e5]]).rotaryBase == 5e5)
        #expect(
            try configuration(["rope_theta": 5e5, "rope_parameters": ["rope_theta": 5e5]]).rotaryBase == 5e5)
        let error = #expect(throws: ConfigurationError.self) {
            try configuration(["rope_theta": 1e6, "rope_parameters": ["rope_theta": 5e5]])
        }
        #expect(error?.description.contains("rope_parameters.rope_theta") == true)
    }

    @Test func scalingIsReadWhereverItStands() throws {
        let yarn: [String: Any] = ["rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 512]
        for field in ["rope_scaling", "rope_parameters"] {
            let found = try configuration([field: yarn])
            #expect(found.yarn?.factor == 4 && found.yarn?.originalPositionCount == 512)
        }
        // MiniMind's own switch
        #expect(try configuration(["inference_rope_scaling": true]).yarn != nil)
        #expect(try configuration(["inference_rope_scaling": false, "rope_scaling": yarn]).yarn == nil)
    }

    @Test(arguments: [
        (#"{"rope_scaling": {"type": "linear", "factor": 2}}"#, "linear"),
        (#"{"rope_parameters": {"rope_type": "llama3", "rope_theta": 1e6}}"#, "llama3"),
        (#"{"rope_parameters": {"full_attention": {"rope_theta": 1e6}}}"#, "full_attention"),
        (#"{"rope_parameters": {"partial_rotary_factor": 0.5}}"#, "partial_rotary_factor"),
        (#"{"partial_rotary_factor": 0.25}"#, "partial_rotary_factor"),
        (#"{"attention_bias": true}"#, "attention_bias"), (#"{"mlp_bias": true}"#, "mlp_bias"),
        (#"{"sliding_window": 4096}"#, "sliding window"),
        (#"{"layer_types": ["full_attention", "sliding_attention"]}"#, "sliding_attention"),
        (#"{"quantization_config": {"bits": 4}}"#, "quantized"), (#"{"hidden_act": "gelu"}"#, "gelu"),
        (#"{"model_type": "gemma3"}"#, "gemma3"), (#"{"hidden_size": "16"}"#, "hidden_size"),
        (#"{"model_type": "llama", "vocab_size": null}"#, "vocab_size"),
        (#"{"model_type": "qwen3_moe", "mlp_only_layers": [0]}"#, "experts in some layers"),
    ])
    func otherComputationsAreRefused(json: String, naming word: String) throws {
        let fields = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let error = #expect(throws: ConfigurationError.self) { try configuration(fields) }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("Decod") == false && error?.description.contains("CodingKeys") == false)
    }

    @Test func fieldsNobodyKnowsAreListed() {
        let json = Data(#"{"hidden_size": 16, "logit_softcap": 30, "pad_token_id": 0, "absent": null}"#.utf8)
        #expect(DecoderConfiguration.unknownFields(inMiniMind: json) == ["logit_softcap"])
    }
}
