import TensorCore

/// Settings of an ACT policy.
///
/// Source: LeRobot 0.6.1, `ACTConfig`; Zhao et al. 2023, arXiv:2304.13705.
public struct ACTConfiguration: Hashable, Sendable {
    /// Actions that are predicted at once.
    public var chunkSize: Int
    /// Actions of a chunk that are executed; 1 with temporal ensembling.
    public var actionSteps: Int
    public var width: Int
    public var headCount: Int
    public var feedForwardSize: Int
    public var activation: Activation
    public var encoderLayerCount: Int
    public var decoderLayerCount: Int
    public var vaeLayerCount: Int
    public var latentSize: Int
    public var usesVAE: Bool
    public var normalizesFirst: Bool
    /// m of ``TemporalEnsemble``; nil for executing chunks.
    public var ensembleCoefficient: Double?
    public var dropout: Double
    public var klWeight: Double
    public var learningRate: Double
    public var backboneLearningRate: Double
    public var weightDecay: Double
    public var backbone: String
    /// Of the inputs and the output.
    public var cameraCount: Int
    public var stateSize: Int?
    public var environmentSize: Int?
    public var actionSize: Int

    public enum Activation: String, Sendable {
        case relu
        case gelu

        func callAsFunction(_ x: Tensor) -> Tensor { self == .relu ? x.relu() : x.gelu(.exact) }
    }

    /// Keys of `config.json` that have an effect here.
    static let keys: Set<String> = [
        "chunk_size", "n_action_steps", "vision_backbone", "pretrained_backbone_weights",
        "replace_final_stride_with_dilation", "pre_norm", "dim_model", "n_heads", "dim_feedforward",
        "feedforward_activation", "n_encoder_layers", "n_decoder_layers", "use_vae", "latent_dim",
        "n_vae_encoder_layers", "temporal_ensemble_coeff", "dropout", "kl_weight",
    ]

    init(_ configuration: LeRobotConfiguration, findings: inout [PeerFinding]) throws {
        let file = configuration.file
        chunkSize = try file.integer("chunk_size", default: 100, in: 1...10_000)
        actionSteps = try file.integer("n_action_steps", default: 100, in: 1...10_000)
        guard actionSteps <= chunkSize else {
            throw file.error("n_action_steps", "\(actionSteps) is more than chunk_size \(chunkSize)")
        }
        width = try file.integer("dim_model", default: 512, in: 2...16_384)
        headCount = try file.integer("n_heads", default: 8, in: 1...1024)
        guard width % headCount == 0, width % 4 == 0 else {
            throw file.error("dim_model", "\(width) is not a multiple of 4 and of n_heads \(headCount)")
        }
        feedForwardSize = try file.integer("dim_feedforward", default: 3200, in: 1...131_072)
        let name = try file.text("feedforward_activation", default: "relu")
        guard let activation = Activation(rawValue: name) else {
            throw file.error(
                "feedforward_activation", "'\(name)'", .unsupported, remedy: "relu and gelu are built here.")
        }
        self.activation = activation
        encoderLayerCount = try file.integer("n_encoder_layers", default: 4, in: 0...256)
        decoderLayerCount = try file.integer("n_decoder_layers", default: 1, in: 1...256)
        vaeLayerCount = try file.integer("n_vae_encoder_layers", default: 4, in: 0...256)
        latentSize = try file.integer("latent_dim", default: 32, in: 1...16_384)
        usesVAE = try file.bool("use_vae", default: true)
        normalizesFirst = try file.bool("pre_norm", default: false)
        dropout = try file.number("dropout", default: 0.1)
        klWeight = try file.number("kl_weight", default: 10)
        learningRate = try file.number("optimizer_lr", default: 1e-5)
        backboneLearningRate = try file.number("optimizer_lr_backbone", default: 1e-5)
        weightDecay = try file.number("optimizer_weight_decay", default: 1e-4)
        guard (0..<1).contains(dropout) else { throw file.error("dropout", "\(dropout) is no probability") }
        backbone = try file.text("vision_backbone", default: "resnet18")
        guard ResNet.blockCounts(backbone) != nil else {
            throw file.error(
                "vision_backbone", "'\(backbone)'", .unsupported, remedy: "resnet18 and resnet34 are built.")
        }
        guard try !file.bool("replace_final_stride_with_dilation", default: false) else {
            throw file.error("replace_final_stride_with_dilation", "true, which \(backbone) cannot be", .unsupported)
        }
        guard try file.integer("n_obs_steps", default: 1, in: 1...1000) == 1 else {
            throw file.error("n_obs_steps", "ACT takes one observation", .unsupported)
        }
        if file.has("temporal_ensemble_coeff") {
            ensembleCoefficient = try file.number("temporal_ensemble_coeff")
            if actionSteps != 1 {
                findings.append(
                    PeerFinding(
                        .repaired,
                        "config.json: temporal_ensemble_coeff asks for a call each step, n_action_steps was "
                            + "\(actionSteps) and is taken as 1"))
                actionSteps = 1
            }
        }
        cameraCount = configuration.cameras.count
        stateSize = configuration.state?.shape[0]
        environmentSize = configuration.environment?.shape[0]
        actionSize = configuration.action.shape[0]
        guard cameraCount > 0 || environmentSize != nil else {
            throw file.error("input_features", "neither an image nor a state of the environment")
        }
        let unknown = configuration.unknownKeys(known: Self.keys)
        if !unknown.isEmpty {
            findings.append(
                PeerFinding(.ignored, "config.json: unknown keys \(unknown.joined(separator: ", "))"))
        }
        if actionSteps == chunkSize, chunkSize > 1 {
            findings.append(
                PeerFinding(
                    .suspicious,
                    "n_action_steps is chunk_size, \(chunkSize): new images are ignored for \(chunkSize) steps"))
        }
    }
}
