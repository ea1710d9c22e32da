import TensorCore

/// Settings of a SmolVLA policy and of the vision-language model it is built on.
///
/// Source: LeRobot 0.6.1, `SmolVLAConfig`; Shukor et al. 2025, arXiv:2506.01844.
public struct SmolVLAConfiguration: Sendable {
    public var chunkSize: Int
    public var actionSteps: Int
    /// Euler steps.
    public var stepCount: Int
    public var maximumStateSize: Int
    public var maximumActionSize: Int
    /// Width and height images are fitted into.
    public var imageWidth: Int
    public var imageHeight: Int
    /// Images that may be missing and still have a place.
    public var emptyCameraCount: Int
    public var addsSpecialTokens: Bool
    /// The least number of prefix tokens, −1 for no padding.
    public var prefixLength: Int
    public var textLayerCount: Int
    public var expertLayerCount: Int
    /// Every so many layers the expert attends to itself; none of them where it is below 1.
    public var selfAttentionInterval: Int
    public var attendsAcross: Bool
    public var minimumPeriod: Double
    public var maximumPeriod: Double
    public var expertWidth: Int
    public var maximumTokenCount: Int
    /// Whether longer instructions are cut.
    public var truncates: Bool
    public var padsToMaximum: Bool
    public var cameras: [LeRobotFeature]
    public var stateSize: Int?
    public var actionSize: Int

    // the vision-language model
    public var textWidth: Int
    public var headCount: Int
    public var keyValueHeadCount: Int
    public var headSize: Int
    public var textEpsilon: Float
    public var visionWidth: Int
    public var visionLayerCount: Int
    public var visionHeadCount: Int
    public var visionEpsilon: Float
    public var patchSize: Int
    public var visionImageSize: Int
    public var shuffleFactor: Int

    static let keys: Set<String> = [
        "chunk_size", "n_action_steps", "max_state_dim", "max_action_dim", "resize_imgs_with_padding", "empty_cameras",
        "adapt_to_pi_aloha", "use_delta_joint_actions_aloha", "tokenizer_max_length", "num_steps", "use_cache",
        "freeze_vision_encoder", "train_expert_only", "train_state_proj", "vlm_model_name", "load_vlm_weights",
        "add_image_special_tokens", "attention_mode", "prefix_length", "pad_language_to", "num_expert_layers",
        "num_vlm_layers", "self_attn_every_n_layers", "expert_width_multiplier", "min_period", "max_period",
    ]

    /// - Parameters:
    ///   - configuration: The policy's `config.json`.
    ///   - vlm: `config.json` of the model it names.
    ///   - isLegacy: Whether texts are not cut, as up to LeRobot 0.3.
    init(
        _ configuration: LeRobotConfiguration, vlm: JSONFile, isLegacy: Bool, findings: inout [PeerFinding]
    ) throws {
        let file = configuration.file
        for key in ["adapt_to_pi_aloha", "use_delta_joint_actions_aloha"] where try file.bool(key, default: false) {
            throw file.error(key, "true", .unsupported, remedy: "Conversions for the ALOHA robot are not built.")
        }
        chunkSize = try file.integer("chunk_size", default: 50, in: 1...4096)
        actionSteps = try file.integer("n_action_steps", default: 50, in: 1...4096)
        guard actionSteps <= chunkSize else {
            throw file.error("n_action_steps", "\(actionSteps) is more than chunk_size \(chunkSize)")
        }
        stepCount = try file.integer("num_steps", default: 10, in: 1...1000)
        maximumStateSize = try file.integer("max_state_dim", default: 32, in: 1...4096)
        maximumActionSize = try file.integer("max_action_dim", default: 32, in: 1...4096)
        let size = try file.integers("resize_imgs_with_padding", in: 16...4096, count: 2...2)
        emptyCameraCount = try file.integer("empty_cameras", default: 0, in: 0...64)
        addsSpecialTokens = try file.bool("add_image_special_tokens", default: false)
        prefixLength = try file.integer("prefix_length", default: -1, in: -1...65_536)
        selfAttentionInterval = try file.integer("self_attn_every_n_layers", default: 2, in: -1...1024)
        let mode = try file.text("attention_mode", default: "cross_attn")
        guard ["cross_attn", "self_attn"].contains(mode) else {
            throw file.error("attention_mode", "'\(mode)'", .unsupported, remedy: "cross_attn and self_attn are built.")
        }
        attendsAcross = mode == "cross_attn"
        minimumPeriod = try file.number("min_period", default: 0.004)
        maximumPeriod = try file.number("max_period", default: 4)
        guard minimumPeriod > 0, maximumPeriod >= minimumPeriod else {
            throw file.error("min_period", "periods \(minimumPeriod)…\(maximumPeriod)")
        }
        maximumTokenCount = try file.integer("tokenizer_max_length", default: 48, in: 1...65_536)
        truncates = !isLegacy
        padsToMaximum = try file.text("pad_language_to", default: "longest") == "max_length"
        cameras = configuration.cameras
        stateSize = configuration.state?.shape[0]
        actionSize = configuration.action.shape[0]
        guard (stateSize ?? 0) <= maximumStateSize, actionSize <= maximumActionSize else {
            throw file.error("max_state_dim", "a state of \(stateSize ?? 0) or an action of \(actionSize) does not fit")
        }
        guard !cameras.isEmpty else { throw file.error("input_features", "SmolVLA needs an image") }

        let text = try vlm.object("text_config")
        textWidth = try text.integer("hidden_size", in: 2...65_536)
        headCount = try text.integer("num_attention_heads", in: 1...1024)
        keyValueHeadCount = try text.integer("num_key_value_heads", default: headCount, in: 1...1024)
        headSize = try text.integer("head_dim", default: textWidth / headCount, in: 2...1024)
        textEpsilon = Float(try text.number("rms_norm_eps", default: 1e-5))
        guard headCount % keyValueHeadCount == 0, headSize % 2 == 0 else {
            throw vlm.error(
                "text_config", "\(headCount) heads over \(keyValueHeadCount) of keys and values, of \(headSize)")
        }
        // num_vlm_layers ≤ 0 keeps all
        let layers = try text.integer("num_hidden_layers", default: 32, in: 1...1024)
        let asked = try file.integer("num_vlm_layers", default: 16, in: -1...1024)
        textLayerCount = asked > 0 ? min(asked, layers) : layers
        let experts = try file.integer("num_expert_layers", default: -1, in: -1...1024)
        expertLayerCount = experts > 0 ? experts : textLayerCount
        guard textLayerCount % expertLayerCount == 0 else {
            throw file.error("num_expert_layers", "\(textLayerCount) layers are not a multiple of \(expertLayerCount)")
        }
        let multiplier = try file.number("expert_width_multiplier", default: 0.75)
        guard multiplier > 0, multiplier <= 16 else { throw file.error("expert_width_multiplier", "\(multiplier)") }
        expertWidth = Int(Double(textWidth) * multiplier)
        guard expertWidth >= 4, expertWidth % 2 == 0 else {
            throw file.error("expert_width_multiplier", "an expert of width \(expertWidth)")
        }

        let vision = try vlm.object("vision_config")
        visionWidth = try vision.integer("hidden_size", default: 768, in: 1...65_536)
        visionLayerCount = try vision.integer("num_hidden_layers", default: 12, in: 1...1024)
        visionHeadCount = try vision.integer("num_attention_heads", default: 12, in: 1...1024)
        visionEpsilon = Float(try vision.number("layer_norm_eps", default: 1e-6))
        patchSize = try vision.integer("patch_size", default: 16, in: 1...1024)
        visionImageSize = try vision.integer("image_size", default: 512, in: 1...16_384)
        shuffleFactor = try vlm.integer("scale_factor", default: 4, in: 1...64)
        imageWidth = size?[0] ?? visionImageSize
        imageHeight = size?[1] ?? visionImageSize
        guard visionWidth % visionHeadCount == 0, visionImageSize >= patchSize else {
            throw vlm.error("vision_config", "\(visionHeadCount) heads of \(visionWidth), patches of \(patchSize)")
        }
        let unit = patchSize * shuffleFactor
        guard imageWidth % unit == 0, imageHeight % unit == 0 else {
            throw file.error(
                "resize_imgs_with_padding",
                "\(imageWidth) × \(imageHeight) is not a multiple of \(unit), patch × scale_factor")
        }
        guard (cameras.count + emptyCameraCount) * imageTokenCount <= 65_536 else {
            throw file.error("input_features", "\(cameras.count) images of \(imageTokenCount) tokens are too many")
        }
        let unknown = configuration.unknownKeys(known: Self.keys)
        if !unknown.isEmpty {
            findings.append(PeerFinding(.ignored, "config.json: unknown keys \(unknown.joined(separator: ", "))"))
        }
        if actionSteps == chunkSize, chunkSize > 1 {
            findings.append(
                PeerFinding(
                    .suspicious,
                    "n_action_steps is chunk_size, \(chunkSize): new images are ignored for \(chunkSize) steps"))
        }
    }

    /// Whether the expert attends to itself in a layer; else to the prefix only.
    func attendsToItself(_ layer: Int) -> Bool {
        !attendsAcross || selfAttentionInterval > 0 && layer % selfAttentionInterval == 0
    }

    /// The expert's layer beside a text layer; nil where it has none.
    func expertLayer(beside layer: Int) -> Int? {
        let step = textLayerCount / expertLayerCount
        return layer % step == 0 ? layer / step : nil
    }

    /// Tokens of an image.
    var imageTokenCount: Int { imageWidth / patchSize / shuffleFactor * (imageHeight / patchSize / shuffleFactor) }
}
