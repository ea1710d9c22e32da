import TensorCore

/// Settings of a Diffusion Policy.
///
/// Source: LeRobot 0.6.1, `DiffusionConfig`; Chi et al. 2023, arXiv:2303.04137.
public struct DiffusionConfiguration: Sendable {
    /// Observations that condition an action.
    public var observationSteps: Int
    /// Steps that are denoised at once.
    public var horizon: Int
    public var actionSteps: Int
    public var downSizes: [Int]
    public var kernelSize: Int
    public var groupCount: Int
    public var timeSize: Int
    public var modulatesScale: Bool
    public var keypointCount: Int
    public var usesGroupNorm: Bool
    public var separatesEncoders: Bool
    public var backbone: String
    /// Height and width before the crop; nil to leave images as they are.
    public var resize: (height: Int, width: Int)?
    public var crop: (height: Int, width: Int)?
    public var cropsRandomly: Bool
    public var scheduler: NoiseScheduler
    public var inferenceSteps: Int
    public var masksPadding: Bool
    public var learningRate: Double
    public var beta1: Double
    public var beta2: Double
    public var weightDecay: Double
    public var cameras: [LeRobotFeature]
    public var stateSize: Int
    public var environmentSize: Int?
    public var actionSize: Int

    static let keys: Set<String> = [
        "horizon", "n_action_steps", "drop_n_last_frames", "vision_backbone", "resize_shape", "crop_ratio",
        "crop_shape",
        "crop_is_random", "pretrained_backbone_weights", "use_group_norm", "spatial_softmax_num_keypoints",
        "use_separate_rgb_encoder_per_camera", "down_dims", "kernel_size", "n_groups", "diffusion_step_embed_dim",
        "use_film_scale_modulation", "gradient_checkpointing", "noise_scheduler_type", "num_train_timesteps",
        "beta_schedule", "beta_start", "beta_end", "prediction_type", "clip_sample", "clip_sample_range",
        "num_inference_steps", "do_mask_loss_for_padding",
    ]

    /// - Parameter isLegacy: Whether absent keys have the defaults of LeRobot up to 0.3.
    init(_ configuration: LeRobotConfiguration, isLegacy: Bool, findings: inout [PeerFinding]) throws {
        let file = configuration.file
        observationSteps = try file.integer("n_obs_steps", default: 2, in: 1...64)
        horizon = try file.integer("horizon", default: isLegacy ? 16 : 64, in: 1...4096)
        actionSteps = try file.integer("n_action_steps", default: isLegacy ? 8 : 32, in: 1...4096)
        guard observationSteps - 1 + actionSteps <= horizon else {
            throw file.error(
                "n_action_steps",
                "\(actionSteps) actions from step \(observationSteps - 1) on reach beyond the horizon \(horizon)")
        }
        downSizes = try file.integers("down_dims", in: 1...16_384, count: 1...8) ?? [512, 1024, 2048]
        kernelSize = try file.integer("kernel_size", default: 5, in: 1...63)
        groupCount = try file.integer("n_groups", default: 8, in: 1...1024)
        timeSize = try file.integer("diffusion_step_embed_dim", default: 128, in: 4...8192)
        guard kernelSize % 2 == 1 else { throw file.error("kernel_size", "\(kernelSize) is even") }
        guard timeSize % 2 == 0 else { throw file.error("diffusion_step_embed_dim", "\(timeSize) is odd") }
        guard horizon % (1 << downSizes.count) == 0 else {
            throw file.error("horizon", "\(horizon) is not a multiple of \(1 << downSizes.count), 2^len(down_dims)")
        }
        let (sizes, groups) = (downSizes, groupCount)
        guard sizes.allSatisfy({ $0 % groups == 0 }), sizes[0] % 8 == 0 else {
            throw file.error("down_dims", "\(downSizes) are not multiples of n_groups \(groupCount) and the first of 8")
        }
        modulatesScale = try file.bool("use_film_scale_modulation", default: true)
        keypointCount = try file.integer("spatial_softmax_num_keypoints", default: 32, in: 1...4096)
        usesGroupNorm = try file.bool("use_group_norm", default: isLegacy)
        separatesEncoders = try file.bool("use_separate_rgb_encoder_per_camera", default: !isLegacy)
        backbone = try file.text("vision_backbone", default: "resnet18")
        guard ResNet.blockCounts(backbone) != nil else {
            throw file.error(
                "vision_backbone", "'\(backbone)'", .unsupported, remedy: "resnet18 and resnet34 are built.")
        }
        let views = configuration.cameras
        cameras = views
        guard let state = configuration.state else {
            throw file.error("input_features", "Diffusion Policy needs observation.state")
        }
        stateSize = state.shape[0]
        environmentSize = configuration.environment?.shape[0]
        actionSize = configuration.action.shape[0]

        // sizes of images
        func size(_ key: String) throws -> (height: Int, width: Int)? {
            try file.integers(key, in: 1...16_384, count: 2...2).map { ($0[0], $0[1]) }
        }
        resize = try size("resize_shape")
        if let resize {
            let ratio = try file.number("crop_ratio", default: 1)
            guard ratio > 0, ratio <= 1 else { throw file.error("crop_ratio", "\(ratio) is not in 0…1") }
            if ratio < 1 { crop = (Int(Double(resize.height) * ratio), Int(Double(resize.width) * ratio)) }
        } else if file.root["crop_shape"] == nil {
            crop = isLegacy ? (84, 84) : nil
        } else {
            crop = try size("crop_shape")
        }
        if let other = views.first(where: { $0.shape != views[0].shape }) {
            throw file.error(
                "input_features.\(other.name)",
                "\(other.shape), another size than \(cameras[0].name), \(cameras[0].shape)",
                .unsupported, remedy: "All cameras of a Diffusion Policy have one size.")
        }
        for camera in cameras {
            let whole = resize ?? (camera.shape[1], camera.shape[2])
            if let crop, crop.height < 1 || crop.width < 1 || crop.height > whole.height || crop.width > whole.width {
                throw file.error("crop_shape", "a crop of \(crop) from images of \(whole), height and width")
            }
        }
        cropsRandomly = try file.bool("crop_is_random", default: true)

        // noise
        func named<Value: RawRepresentable & CaseIterable>(_ key: String, _ fallback: Value) throws -> Value
        where Value.RawValue == String {
            let name = try file.text(key, default: fallback.rawValue)
            guard let value = Value(rawValue: name) else {
                let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
                throw file.error(key, "'\(name)'", .unsupported, remedy: "Known are \(known).")
            }
            return value
        }
        let trainingSteps = try file.integer("num_train_timesteps", default: 100, in: 1...100_000)
        let clips = try file.bool("clip_sample", default: true)
        scheduler = NoiseScheduler(
            kind: try named("noise_scheduler_type", .ddpm), schedule: try named("beta_schedule", .squaredCosine),
            stepCount: trainingSteps, betaStart: try file.number("beta_start", default: 1e-4),
            betaEnd: try file.number("beta_end", default: 0.02), prediction: try named("prediction_type", .epsilon),
            clipRange: clips ? Float(try file.number("clip_sample_range", default: 1)) : nil)
        if let range = scheduler.clipRange, range < 0 { throw file.error("clip_sample_range", "\(range) is negative") }
        inferenceSteps = try file.integer("num_inference_steps", default: trainingSteps, in: 1...trainingSteps)
        masksPadding = try file.bool("do_mask_loss_for_padding", default: false)
        learningRate = try file.number("optimizer_lr", default: 1e-4)
        weightDecay = try file.number("optimizer_weight_decay", default: 1e-6)
        let betas = file.root["optimizer_betas"]?.array?.compactMap(\.double) ?? []
        (beta1, beta2) = betas.count == 2 ? (betas[0], betas[1]) : (0.95, 0.999)

        let unknown = configuration.unknownKeys(known: Self.keys)
        if !unknown.isEmpty {
            findings.append(PeerFinding(.ignored, "config.json: unknown keys \(unknown.joined(separator: ", "))"))
        }
        if trainingSteps % inferenceSteps != 0 {
            let times = scheduler.times(inferenceSteps).map(String.init).joined(separator: ", ")
            findings.append(
                PeerFinding(
                    .suspicious,
                    "num_inference_steps \(inferenceSteps) does not divide \(trainingSteps): times \(times)"))
        }
    }
}
