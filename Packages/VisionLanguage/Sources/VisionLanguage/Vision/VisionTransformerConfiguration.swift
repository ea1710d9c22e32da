public import TensorCore

/// The sizes and choices of a ``VisionTransformer``.
public struct VisionTransformerConfiguration: Sendable, Hashable, Codable {
    /// Whose parts and names a tower has.
    public enum Family: String, Sendable, Hashable, Codable, CaseIterable {
        /// Class token, norm before the blocks. Radford et al. 2021, arXiv:2103.00020.
        case clip
        /// Patches alone. Zhai et al. 2023, arXiv:2303.15343; Tschannen et al. 2025, arXiv:2502.14786.
        case siglip
        /// Class and register tokens, a learned scale of each residual. Oquab et al. 2023, arXiv:2304.07193; registers:
        /// Darcet et al. 2023, arXiv:2309.16588.
        case dinov2
    }

    /// What the tower gives as its tokens; class and register tokens are left out.
    public enum Output: String, Sendable, Hashable, Codable, CaseIterable {
        /// The last block's output, as MiniMind-V takes it from CLIP.
        case lastBlock
        /// The same after the last norm, as MiniMind-V takes it from SigLIP2.
        case normalized
        /// The output of the last block but one, as OpenVLA takes it from both of its towers.
        case secondToLastBlock
    }

    public var family: Family
    /// Height and width of the images; a multiple of the patch size.
    public var imageSize: Int
    public var patchSize: Int
    public var width: Int
    public var layerCount: Int
    public var headCount: Int
    public var intermediateSize: Int
    public var activation: Tensor.GELU
    public var normEpsilon: Float
    /// Tokens between class and patches, of ``Family/dinov2``.
    public var registerCount: Int
    /// Whether the attention-pooling head of ``Family/siglip`` is there; its result is no token.
    public var hasPoolingHead: Bool
    public var output: Output

    public init(
        family: Family, imageSize: Int, patchSize: Int, width: Int, layerCount: Int, headCount: Int,
        intermediateSize: Int, activation: Tensor.GELU, normEpsilon: Float, registerCount: Int = 0,
        hasPoolingHead: Bool = false, output: Output
    ) {
        self.family = family
        self.imageSize = imageSize
        self.patchSize = patchSize
        self.width = width
        self.layerCount = layerCount
        self.headCount = headCount
        self.intermediateSize = intermediateSize
        self.activation = activation
        self.normEpsilon = normEpsilon
        self.registerCount = registerCount
        self.hasPoolingHead = hasPoolingHead
        self.output = output
    }

    /// `openai/clip-vit-base-patch16`, as MiniMind-V of 2025 uses it: 196 tokens of 768.
    public static let clipBase16 = VisionTransformerConfiguration(
        family: .clip, imageSize: 224, patchSize: 16, width: 768, layerCount: 12, headCount: 12,
        intermediateSize: 3072, activation: .quick, normEpsilon: 1e-5, output: .lastBlock)

    /// `google/siglip2-base-patch32-256`, as MiniMind-V of 2026 uses it: 64 tokens of 768.
    public static let siglip2Base32 = VisionTransformerConfiguration(
        family: .siglip, imageSize: 256, patchSize: 32, width: 768, layerCount: 12, headCount: 12,
        intermediateSize: 3072, activation: .tanh, normEpsilon: 1e-6, hasPoolingHead: true, output: .normalized)

    /// DINOv2 ViT-L/14 with four registers at 224, as OpenVLA uses it: 256 tokens of 1024.
    public static let dinov2Large14 = VisionTransformerConfiguration(
        family: .dinov2, imageSize: 224, patchSize: 14, width: 1024, layerCount: 24, headCount: 16,
        intermediateSize: 4096, activation: .exact, normEpsilon: 1e-6, registerCount: 4, output: .secondToLastBlock)

    /// SigLIP so400m/14 at 224, as OpenVLA uses it: 256 tokens of 1152.
    public static let siglipSo400m14 = VisionTransformerConfiguration(
        family: .siglip, imageSize: 224, patchSize: 14, width: 1152, layerCount: 27, headCount: 16,
        intermediateSize: 4304, activation: .tanh, normEpsilon: 1e-6, hasPoolingHead: true,
        output: .secondToLastBlock)

    /// Patches along an axis.
    public var gridSize: Int { imageSize / max(1, patchSize) }
    public var patchCount: Int { gridSize * gridSize }
    /// Tokens before the patches.
    public var prefixCount: Int {
        switch family {
        case .clip: 1
        case .siglip: 0
        case .dinov2: 1 + registerCount
        }
    }

    /// - Throws: ``ConfigurationError`` when the sizes do not fit each other.
    public func validate() throws {
        let sizes = [
            ("imageSize", imageSize), ("patchSize", patchSize), ("width", width), ("layerCount", layerCount),
            ("headCount", headCount), ("intermediateSize", intermediateSize),
        ]
        for (name, size) in sizes where size <= 0 || size > 1 << 16 {
            throw ConfigurationError("a vision tower whose \(name) is \(size)", advice: "It has to be from 1 to 65536.")
        }
        guard layerCount <= 1024 else {
            throw ConfigurationError("\(layerCount) vision layers", advice: "At most 1024.")
        }
        guard imageSize % patchSize == 0 else {
            throw ConfigurationError(
                "images of \(imageSize) in patches of \(patchSize)", advice: "The first has to be a multiple.")
        }
        guard width % headCount == 0 else {
            throw ConfigurationError(
                "a vision width of \(width) for \(headCount) heads", advice: "The first has to be a multiple.")
        }
        guard (0...1024).contains(registerCount), registerCount == 0 || family == .dinov2 else {
            throw ConfigurationError(
                "\(registerCount) register tokens in a \(family) tower", advice: "Only dinov2 has them.")
        }
        guard !hasPoolingHead || family == .siglip else {
            throw ConfigurationError("a pooling head in a \(family) tower", advice: "Only siglip has one.")
        }
        guard output != .secondToLastBlock || layerCount > 1 else {
            throw ConfigurationError("one block, of which the last but one is asked for", advice: "Take two or more.")
        }
    }
}
