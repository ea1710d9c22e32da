public import TensorCore
public import TensorNN

/// A vision transformer: CLIP's, SigLIP's or DINOv2's, with the published names, or a small one to train from nothing.
///
///     x = [prefix; patches · W + b] + positions;  x = block(x) …;  tokens as ``VisionTransformerConfiguration/output``
///
/// Pixels are normalized with the constants the model was trained with; the tower does not do it. Source: Dosovitskiy
/// et al. 2020, arXiv:2010.11929.
public struct VisionTransformer: VisionTower {
    public let configuration: VisionTransformerConfiguration
    var patches: PatchEmbedding
    /// `[width]` in CLIP, `[1, 1, width]` in DINOv2.
    var classToken: Parameter?
    /// `[1, width]`; used in DINOv2's own training only, and kept so that its files load and save whole.
    var maskToken: Parameter?
    /// `[1, registers, width]`.
    var registers: Parameter?
    /// `[tokens, width]`, in DINOv2 `[1, 1 + patches, width]` without the registers.
    var positions: Parameter
    var firstNorm: LayerNorm?
    public var blocks: [VisionTransformerBlock]
    var lastNorm: LayerNorm
    var poolingHead: AttentionPoolingHead?

    /// Draws all weights. Traps when the sizes do not fit each other (see
    /// ``VisionTransformerConfiguration/validate()``).
    ///
    /// - Parameters:
    ///   - configuration: The sizes.
    ///   - initialization: Of matrices; `Initialization.zero` for a tower that is going to be loaded.
    ///   - generator: Draws the weights.
    public init(
        _ configuration: VisionTransformerConfiguration,
        initialization: Initialization = .normal(standardDeviation: 0.02),
        using generator: inout some RandomNumberGenerator
    ) {
        do { try configuration.validate() } catch { fatalError("\(error)") }
        let c = configuration
        self.configuration = c
        func draw(_ shape: Shape) -> Parameter {
            initialization == .zero
                ? Parameter(.zeros(shape)) : Parameter(.normal(standardDeviation: 0.02, shape, using: &generator))
        }
        patches = PatchEmbedding(
            patchSize: c.patchSize, hiddenSize: c.width, bias: c.family != .clip, initialization: initialization,
            using: &generator)
        switch c.family {
        case .clip:
            classToken = draw([c.width])
            positions = draw([1 + c.patchCount, c.width])
            firstNorm = LayerNorm(c.width, epsilon: c.normEpsilon)
        case .siglip:
            positions = draw([c.patchCount, c.width])
        case .dinov2:
            classToken = draw([1, 1, c.width])
            maskToken = draw([1, c.width])
            if c.registerCount > 0 { registers = draw([1, c.registerCount, c.width]) }
            positions = draw([1, 1 + c.patchCount, c.width])
        }
        blocks = (0..<c.layerCount).map { _ in
            VisionTransformerBlock(c, initialization: initialization, using: &generator)
        }
        lastNorm = LayerNorm(c.width, epsilon: c.normEpsilon)
        if c.hasPoolingHead {
            poolingHead = AttentionPoolingHead(c, initialization: initialization, using: &generator)
        }
    }

    public var imageSize: Int { configuration.imageSize }
    public var tokenCount: Int { configuration.patchCount }
    public var width: Int { configuration.width }

    /// `[B, 3, imageSize, imageSize]` → `[B, tokenCount, width]`.
    public func callAsFunction(_ pixels: Tensor) -> Tensor {
        var x = embed(pixels)
        let count = configuration.output == .secondToLastBlock ? blocks.count - 1 : blocks.count
        for (index, block) in blocks.prefix(count).enumerated() {
            x = Profiler.module("layers.\(index)") { block(x) }
        }
        if configuration.prefixCount > 0 { x = x.slice(axis: 1, configuration.prefixCount..<x.shape[1]) }
        return configuration.output == .normalized ? lastNorm(x) : x.contiguous
    }

    /// Everything along the way: the input of the first block and the output of each, `[B, tokens, width]` with class
    /// and register tokens.
    public func hiddenStates(_ pixels: Tensor) -> [Tensor] {
        var states = [embed(pixels)]
        for block in blocks { states.append(block(states[states.count - 1])) }
        return states
    }

    /// The last hidden state after the last norm.
    public func normalized(_ lastHiddenState: Tensor) -> Tensor { lastNorm(lastHiddenState) }

    /// One vector for the whole image, `[B, width]`, from the last of ``hiddenStates(_:)``: of the class token after
    /// the last norm, or of the pooling head. nil for a SigLIP tower without a head.
    public func pooled(_ lastHiddenState: Tensor) -> Tensor? {
        if configuration.prefixCount > 0 { return lastNorm(lastHiddenState.select(axis: 1, 0).contiguous) }
        return poolingHead.map { $0(lastNorm(lastHiddenState)) }
    }

    /// The input of the first block.
    private func embed(_ pixels: Tensor) -> Tensor {
        checkPixels(pixels)
        let c = configuration
        var x = patches(pixels)
        let batch = x.shape[0]
        func repeated(_ token: Parameter, _ count: Int) -> Tensor {
            token.value.reshaped([1, count, c.width]).broadcast(to: [batch, count, c.width])
        }
        if let classToken { x = .concatenated([repeated(classToken, 1), x], axis: 1) }
        x = x + positions.value
        if let registers {
            // behind the class token, without positions
            let parts = x.split([1, c.patchCount], axis: 1)
            x = .concatenated([parts[0], repeated(registers, c.registerCount), parts[1]], axis: 1)
        }
        return firstNorm.map { $0(x) } ?? x
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        switch configuration.family {
        case .clip, .siglip:
            try visitor.visit("vision_model.embeddings.class_embedding", &classToken)
            try visitor.visit("vision_model.embeddings.patch_embedding", &patches)
            try visitor.visit("vision_model.embeddings.position_embedding.weight", &positions)
            // spelt so in the published files
            try visitor.visit("vision_model.pre_layrnorm", &firstNorm)
            try visitor.visit("vision_model.encoder.layers", &blocks)
            try visitor.visit("vision_model.post_layernorm", &lastNorm)
            try visitor.visit("vision_model.head", &poolingHead)
        case .dinov2:
            try visitor.visit("embeddings.cls_token", &classToken)
            try visitor.visit("embeddings.mask_token", &maskToken)
            try visitor.visit("embeddings.register_tokens", &registers)
            try visitor.visit("embeddings.position_embeddings", &positions)
            try visitor.visit("embeddings.patch_embeddings.projection", &patches)
            try visitor.visit("encoder.layer", &blocks)
            try visitor.visit("layernorm", &lastNorm)
        }
    }
}

/// SigLIP's head: a learned query attends to all tokens. `[B, tokens, width]` → `[B, width]`.
struct AttentionPoolingHead: Module {
    /// `[1, 1, width]`.
    var probe: Parameter
    /// Queries, keys and values one below the other: `[3 · width, width]` and `[3 · width]`.
    var inputWeight: Parameter
    var inputBias: Parameter
    var output: Linear
    var norm: LayerNorm
    var mlp: MLP
    let headCount: Int

    init(
        _ c: VisionTransformerConfiguration, initialization: Initialization,
        using generator: inout some RandomNumberGenerator
    ) {
        let input = Linear(c.width, 3 * c.width, initialization: initialization, using: &generator)
        inputWeight = input.weight
        inputBias = Parameter(.zeros([3 * c.width]))
        probe = Parameter(.ones([1, 1, c.width]))
        output = Linear(c.width, c.width, initialization: initialization, using: &generator)
        norm = LayerNorm(c.width, epsilon: c.normEpsilon)
        mlp = MLP(
            hiddenSize: c.width, intermediateSize: c.intermediateSize, activation: c.activation,
            initialization: initialization, using: &generator)
        headCount = c.headCount
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let (batch, width) = (x.shape[0], x.shape[2])
        let query = probe.value.broadcast(to: [batch, 1, width])
        func heads(_ x: Tensor, _ part: Int) -> Tensor {
            let rows = part * width..<(part + 1) * width
            return linear(x, weight: inputWeight.value[rows].contiguous, bias: inputBias.value[rows].contiguous)
                .reshaped([batch, x.shape[1], headCount, -1])
        }
        let context = attention(heads(query, 0), heads(x, 1), heads(x, 2), mask: .full)
        let pooled = output(context.reshaped([batch, width]))
        return pooled + mlp(norm(pooled))
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("probe", &probe)
        try visitor.visit("attention.in_proj_weight", &inputWeight)
        try visitor.visit("attention.in_proj_bias", &inputBias)
        try visitor.visit("attention.out_proj", &output)
        try visitor.visit("layernorm", &norm)
        try visitor.visit("mlp", &mlp)
    }
}
