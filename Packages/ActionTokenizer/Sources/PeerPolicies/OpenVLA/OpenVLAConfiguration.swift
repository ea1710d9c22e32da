import Foundation
public import ImageProcessing
public import TensorCore

/// Settings of an OpenVLA checkpoint: `config.json` and `preprocessor_config.json`.
///
/// `text_config` states only what differs from the library's defaults of Llama. Source: Kim et al. 2024,
/// arXiv:2406.09246; transformers 4.40.1.
public struct OpenVLAConfiguration: Sendable {
    public var hiddenSize: Int
    public var headCount: Int
    public var keyValueHeadCount: Int
    public var layerCount: Int
    /// 1e-6 where the file says nothing, not Llama 2's 1e-5.
    public var epsilon: Float
    public var rotaryBase: Float
    public var vocabularySize: Int
    /// Ids after those of the language; action tokens end below.
    public var padding: Int
    public var binCount: Int
    /// Heads of both vision transformers.
    public var visionHeadCount = 16
    /// Of DINOv2 and of SigLIP.
    public var images: [ImagePreparation]

    /// The largest id + 1 an action token may have.
    var actionEnd: Int { vocabularySize - padding }

    /// How an image becomes the pixels of one vision transformer.
    public struct ImagePreparation: Sendable {
        public var size: Int
        public var mean: [Float]
        public var deviation: [Float]
        public var resampler: Resampler
        public var strategy: Strategy

        public enum Strategy: String, Sendable {
            case naive = "resize-naive"
            case letterbox
            case crop = "resize-crop"
        }

        /// `[1, 3, size, size]`.
        public func callAsFunction(_ image: RGBImage) -> Tensor {
            var x = image
            switch strategy {
            case .naive: break
            case .letterbox:
                // both sides get the same rest, so that an odd one leaves the image a pixel short
                let side = max(x.width, x.height)
                let (left, top) = ((side - x.width) / 2, (side - x.height) / 2)
                let color = SIMD3<UInt8>(mean.map { UInt8(max(0, min(255, 255 * $0))) })
                var canvas = RGBImage(width: x.width + 2 * left, height: x.height + 2 * top, color: color)
                canvas.draw(x, x: left, y: top)
                x = canvas
            case .crop:
                x = x.resized(shorterSide: size, using: resampler)
            }
            if strategy != .crop, x.width != size || x.height != size {
                x = x.resized(to: .square(size), using: resampler)
            }
            if x.width != size || x.height != size {
                x = x.centerCropped(width: size, height: size, rounding: .toNearestOrEven)
            }
            let pixels = Tensor(scalars: x.pixels, [size, size, 3]).converted(to: .float32) / Tensor(255)
            return ((pixels - Tensor(mean)) / Tensor(deviation)).permuted([2, 0, 1]).contiguous
                .expandingDimension(at: 0)
        }
    }

    public init(_ file: JSONFile, preprocessor: JSONFile) throws {
        guard try file.text("model_type", default: "") == "openvla" else {
            throw file.error("model_type", "not 'openvla'", .unsupported, remedy: "This is another kind of model.")
        }
        guard try file.bool("use_fused_vision_backbone", default: true) else {
            throw file.error(
                "use_fused_vision_backbone", "false: a model before v1", .unsupported,
                remedy: "Models with DINOv2 and SigLIP side by side are built.")
        }
        let text =
            file.has("text_config") ? try file.object("text_config") : JSONFile(name: file.name, root: .object([]))
        hiddenSize = try text.integer("hidden_size", default: 4096, in: 2...65_536)
        layerCount = try text.integer("num_hidden_layers", default: 32, in: 1...1024)
        headCount = try text.integer("num_attention_heads", default: 32, in: 1...1024)
        keyValueHeadCount = try text.integer("num_key_value_heads", default: headCount, in: 1...1024)
        epsilon = Float(try text.number("rms_norm_eps", default: 1e-6))
        rotaryBase = Float(try text.number("rope_theta", default: 10_000))
        vocabularySize = try text.integer("vocab_size", default: 32_064, in: 2...1 << 21)
        padding = try file.integer("pad_to_multiple_of", default: 64, in: 0...vocabularySize - 1)
        binCount = try file.integer("n_action_bins", default: 256, in: 2...65_536)
        guard hiddenSize % headCount == 0, hiddenSize / headCount % 2 == 0, headCount % keyValueHeadCount == 0,
            rotaryBase > 0, epsilon >= 0
        else {
            throw file.error("text_config", "\(headCount) heads over \(keyValueHeadCount) in a width of \(hiddenSize)")
        }
        if text.has("rope_scaling") {
            throw file.error("text_config.rope_scaling", "scaled positions", .unsupported)
        }
        images = try Self.preparations(file, preprocessor)
    }

    /// Sizes and constants of both transformers. `tvf_*` count; `means` and `stds` beside them may differ.
    private static func preparations(_ file: JSONFile, _ preprocessor: JSONFile) throws -> [ImagePreparation] {
        let name = try preprocessor.text(
            "image_resize_strategy", default: try file.text("image_resize_strategy", default: "resize-naive"))
        guard let strategy = ImagePreparation.Strategy(rawValue: name) else {
            throw preprocessor.error("image_resize_strategy", "'\(name)'", .unsupported)
        }
        guard let normalizations = preprocessor.root["tvf_normalize_params"]?.array, normalizations.count == 2 else {
            throw preprocessor.error("tvf_normalize_params", "not two sets of constants")
        }
        guard let resizes = preprocessor.root["tvf_resize_params"]?.array, resizes.count == 2 else {
            throw preprocessor.error("tvf_resize_params", "not two sizes")
        }
        return try zip(normalizations, resizes).map { normalization, resize in
            func constants(_ key: String) throws -> [Float] {
                let values = (normalization[key]?.array ?? []).compactMap(\.double).map { Float($0) }
                guard values.count == 3, values.allSatisfy(\.isFinite) else {
                    throw preprocessor.error("tvf_normalize_params.\(key)", "not three numbers")
                }
                return values
            }
            let sizes = resize["size"]?.array?.compactMap(\.integer) ?? resize["size"]?.integer.map { [$0, $0] } ?? []
            guard let side = sizes.first, (1...4096).contains(side), sizes.allSatisfy({ $0 == side }) else {
                throw preprocessor.error("tvf_resize_params.size", "not a square of at most 4096")
            }
            let resamplers: [Int: Resampler] = [1: .pillowLanczos, 2: .pillowBilinear, 3: .pillowBicubic]
            guard let resampler = resamplers[resize["interpolation"]?.integer ?? 3] else {
                throw preprocessor.error("tvf_resize_params.interpolation", "not 1, 2 or 3", .unsupported)
            }
            let deviation = try constants("std")
            guard deviation.allSatisfy({ $0 != 0 }) else {
                throw preprocessor.error("tvf_normalize_params.std", "a zero")
            }
            return ImagePreparation(
                size: side, mean: try constants("mean"), deviation: deviation, resampler: resampler, strategy: strategy)
        }
    }
}
