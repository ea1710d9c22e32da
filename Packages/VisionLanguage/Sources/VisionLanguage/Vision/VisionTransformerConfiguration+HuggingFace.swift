import FileSupport
public import Foundation
import TensorCore

extension VisionTransformerConfiguration {
    /// Reads the `config.json` of a published vision model, or the `vision_config` inside one.
    ///
    /// Fields that are absent have the library's defaults, those of the base model with patch 32 (CLIP), 16 (SigLIP) or
    /// 14 (DINOv2). The family is told by `model_type`.
    ///
    /// - Parameters:
    ///   - json: The file's bytes.
    ///   - family: In place of `model_type`, for files that hold the fields alone.
    /// - Throws: ``ConfigurationError`` when it is no such file or asks for what is not supported.
    public init(huggingFace json: Data, family: Family? = nil) throws {
        let (fields, outerType): (Fields, String?)
        do {
            let json = ByteOrderMark.dropped(from: json)
            let outer = try JSONDecoder().decode(Outer.self, from: json)
            fields = try outer.vision_config ?? JSONDecoder().decode(Fields.self, from: json)
            outerType = outer.model_type
        } catch {
            throw ConfigurationError(
                "no readable fields: \(JSONReading.explanation(of: error, in: json))",
                advice: "It has to be the config.json of a vision model.")
        }
        guard let family = try family ?? Self.family(of: fields.model_type ?? outerType) else {
            throw ConfigurationError("no model_type", advice: "State the family: clip, siglip or dinov2.")
        }
        self = try fields.configuration(family)
        try validate()
    }

    /// Whether a `config.json` is one of a vision model that is supported.
    static func isDescribed(by json: Data) -> Bool {
        guard let outer = try? JSONDecoder().decode(Outer.self, from: json) else { return false }
        return (try? family(of: outer.model_type)) != nil
    }

    private static func family(of type: String?) throws -> Family? {
        guard let type else { return nil }
        switch type {
        case "clip", "clip_vision_model": return .clip
        case "siglip", "siglip_vision_model", "siglip2", "siglip2_vision_model": return .siglip
        case "dinov2", "dinov2_with_registers": return .dinov2
        default:
            throw ConfigurationError(
                "the model_type '\(type)'", advice: "Vision towers of clip, siglip and dinov2 are supported.")
        }
    }

    /// A file that holds the tower's fields inside, beside those of its text model.
    private struct Outer: Decodable {
        var model_type: String?
        var vision_config: Fields?
    }

    private struct Fields: Decodable {
        var model_type: String?
        var hidden_size: Int?
        var intermediate_size: Int?
        var mlp_ratio: Double?
        var num_hidden_layers: Int?
        var num_attention_heads: Int?
        var image_size: Int?
        var patch_size: Int?
        var num_channels: Int?
        var hidden_act: String?
        var layer_norm_eps: Float?
        var num_register_tokens: Int?
        var use_swiglu_ffn: Bool?
        var qkv_bias: Bool?
        var vision_use_head: Bool?

        func configuration(_ family: Family) throws -> VisionTransformerConfiguration {
            if num_channels ?? 3 != 3 || use_swiglu_ffn == true || qkv_bias == false {
                throw ConfigurationError(
                    "num_channels \(num_channels ?? 3), use_swiglu_ffn \(use_swiglu_ffn ?? false), "
                        + "qkv_bias \(qkv_bias ?? true)",
                    advice: "Supported are three channels, a plain feed-forward part and biases.")
            }
            let width = hidden_size ?? 768
            var base: VisionTransformerConfiguration
            switch family {
            case .clip:
                base = .clipBase16
                base.patchSize = 32
            case .siglip:
                base = .siglip2Base32
                (base.imageSize, base.patchSize) = (224, 16)
            case .dinov2:
                base = .dinov2Large14
                (base.width, base.layerCount, base.headCount) = (768, 12, 12)
                base.intermediateSize = Int(
                    clamping: ((mlp_ratio ?? 4) * Double(min(max(width, 0), 1 << 16))).rounded(.down), to: 0...Int.max)
                base.registerCount = model_type == "dinov2" ? 0 : 4
                base.output = .normalized
            }
            base.width = width
            base.imageSize = image_size ?? base.imageSize
            base.patchSize = patch_size ?? base.patchSize
            base.layerCount = num_hidden_layers ?? base.layerCount
            base.headCount = num_attention_heads ?? base.headCount
            base.intermediateSize = intermediate_size ?? base.intermediateSize
            base.normEpsilon = layer_norm_eps ?? base.normEpsilon
            base.registerCount = num_register_tokens ?? base.registerCount
            base.hasPoolingHead = family == .siglip && vision_use_head ?? true
            switch hidden_act {
            case nil: break
            case "quick_gelu": base.activation = .quick
            case "gelu_pytorch_tanh", "gelu_new": base.activation = .tanh
            case "gelu": base.activation = .exact
            case .some(let other):
                throw ConfigurationError(
                    "the activation '\(other)'", advice: "Supported are gelu, gelu_pytorch_tanh and quick_gelu.")
            }
            return base
        }
    }
}
