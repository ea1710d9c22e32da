import TensorCore
public import TensorNN

/// OpenVLA: two vision transformers, a projector and Llama.
///
/// Weights of matrices stay in the type of the file, on its pages, and are widened in registers or a strip at a time;
/// ``storeLinearWeights(as:where:)`` makes them `int8` with a scale for each row. Source: Kim et al. 2024,
/// arXiv:2406.09246; names of transformers 4.40.1.
public struct OpenVLAModel: Module {
    public let configuration: OpenVLAConfiguration
    public var dino: TimmVisionTransformer
    public var siglip: TimmVisionTransformer
    public var projector: [Linear]
    public var embedding: Embedding
    public var layers: [LlamaLayer]
    public var norm: RMSNorm
    public var head: Linear
    let rotary: RotaryTable

    /// The most tokens of a sequence.
    static let positionCount = 8192

    /// - Parameters:
    ///   - c: The settings.
    ///   - source: The folder's tensors.
    ///   - vision: Tensors of the vision transformers that replace the folder's (FiLM), by the folder's names.
    /// - Throws: ``PeerPolicyError`` with every name and shape that does not fit.
    public init(_ c: OpenVLAConfiguration, from source: WeightSource, vision: WeightSource? = nil) throws {
        configuration = c
        source.keepsStoredTypes = true
        let towers = vision ?? source
        if vision != nil { source.ignore { $0.hasPrefix("vision_backbone.") } }
        dino = TimmVisionTransformer(
            "vision_backbone.featurizer", headCount: c.visionHeadCount, imageSize: c.images[0].size,
            languageSize: c.hiddenSize, from: towers)
        siglip = TimmVisionTransformer(
            "vision_backbone.fused_featurizer", headCount: c.visionHeadCount, imageSize: c.images[1].size,
            languageSize: c.hiddenSize, from: towers)
        try vision?.finish()
        let features = [dino, siglip].map { $0.patchBias.value.shape.sizes.first ?? 0 }.reduce(0, +)
        projector = [
            source.linear("projector.fc1", features, nil),
            source.linear("projector.fc2", source.shape("projector.fc1.weight")?.first, c.hiddenSize),
            source.linear("projector.fc3", c.hiddenSize, c.hiddenSize),
        ]
        embedding = Embedding(
            weight: source.tensor("language_model.model.embed_tokens.weight", [c.vocabularySize, c.hiddenSize]))
        layers = (0..<c.layerCount).map {
            LlamaLayer(
                "language_model.model.layers.\($0)", width: c.hiddenSize, headCount: c.headCount,
                keyValueHeadCount: c.keyValueHeadCount, headSize: c.hiddenSize / c.headCount, epsilon: c.epsilon,
                from: source)
        }
        norm = RMSNorm(
            weight: source.tensor("language_model.model.norm.weight", [c.hiddenSize]), epsilon: c.epsilon)
        head = source.linear("language_model.lm_head", c.hiddenSize, c.vocabularySize, bias: false)
        try source.finish()
        rotary = RotaryTable(
            headSize: c.hiddenSize / c.headCount, positionCount: Self.positionCount, base: c.rotaryBase)
    }

    // MARK: Parts

    /// Features of an image, both transformers side by side: `[1, patches, width₁ + width₂]`.
    ///
    /// - Parameters:
    ///   - pixels: `[1, 6, size, size]`: channels of DINOv2's preparation, then of SigLIP's.
    ///   - language: For FiLM.
    ///   - observe: Called with the name and result of each block.
    func features(
        _ pixels: Tensor, language: Tensor? = nil, observe: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let first = dino(pixels.slice(axis: 1, 0..<3).contiguous, language: language) {
            observe("dino.\($0)", $1)
        }
        let second = siglip(pixels.slice(axis: 1, 3..<6).contiguous, language: language) {
            observe("siglip.\($0)", $1)
        }
        return .concatenated([first, second], axis: 2)
    }

    /// Features as tokens of the language model: linear, GELU, linear, GELU, linear.
    func projected(_ features: Tensor) -> Tensor {
        projector[2](projector[1](projector[0](features).gelu(.exact)).gelu(.exact))
    }

    /// Vectors of ids: `[1, count, hiddenSize]`.
    func embed(_ ids: [Int]) -> Tensor { embedding(Tensor(integers: ids, [1, ids.count])) }

    /// Rotated keys, and values of each layer.
    struct Cache {
        var layers: [(keys: Tensor, values: Tensor)?]
        var tokenCount = 0
    }

    func makeCache() -> Cache { Cache(layers: [(keys: Tensor, values: Tensor)?](repeating: nil, count: layers.count)) }

    /// States after the last norm: `[1, tokens, hiddenSize]`.
    ///
    /// - Parameters:
    ///   - vectors: Of new tokens.
    ///   - mask: Causal for OpenVLA; every token sees every other in OFT.
    ///   - cache: The tokens before; gets these.
    ///   - observe: Called with the index and result of each layer.
    func states(
        _ vectors: Tensor, mask: AttentionMask, cache: inout Cache, observe: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let positions = Array(cache.tokenCount..<cache.tokenCount + vectors.shape[1])
        var h = vectors
        for (index, layer) in layers.enumerated() {
            let result = layer(
                h, rotary: rotary, positions: positions, mask: mask, earlier: cache.layers[index])
            h = result.h
            cache.layers[index] = (result.keys, result.values)
            observe(index, h)
        }
        cache.tokenCount += vectors.shape[1]
        return norm(h)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("vision_backbone.featurizer", &dino)
        try visitor.visit("vision_backbone.fused_featurizer", &siglip)
        for index in projector.indices { try visitor.visit("projector.fc\(index + 1)", &projector[index]) }
        try visitor.visit("language_model.model.embed_tokens", &embedding)
        try visitor.visit("language_model.model.layers", &layers)
        try visitor.visit("language_model.model.norm", &norm)
        try visitor.visit("language_model.lm_head", &head)
    }
}
