import TensorCore
public import TensorNN

/// A layer of ACT's encoders. Positions are added to queries and keys in every layer.
///
///     post-norm  x = LN₁(x + SA(x + p, x + p, x));        x = LN₂(x + W₂ act(W₁ x))
///     pre-norm   y = LN₁ x;  x += SA(y + p, y + p, y);    x += W₂ act(W₁ LN₂ x)
public struct ACTEncoderLayer: Module {
    public var selfAttention: PackedAttention
    public var first: Linear
    public var second: Linear
    public var norm1: LayerNorm
    public var norm2: LayerNorm
    let normalizesFirst: Bool
    let activation: ACTConfiguration.Activation

    init(_ name: String, _ configuration: ACTConfiguration, from source: WeightSource) {
        let width = configuration.width
        selfAttention = PackedAttention(
            "\(name).self_attn", width: width, headCount: configuration.headCount, from: source)
        first = source.linear("\(name).linear1", width, configuration.feedForwardSize)
        second = source.linear("\(name).linear2", configuration.feedForwardSize, width)
        norm1 = source.layerNorm("\(name).norm1", width)
        norm2 = source.layerNorm("\(name).norm2", width)
        normalizesFirst = configuration.normalizesFirst
        activation = configuration.activation
    }

    /// - Parameters:
    ///   - x: `[batch, T, width]`.
    ///   - positions: Broadcast to `x`.
    ///   - mask: Which tokens are seen.
    ///   - dropout: In training.
    func callAsFunction(
        _ x: Tensor, positions: Tensor, mask: AttentionMask = .full, dropout: inout Dropout?
    ) -> Tensor {
        let y = normalizesFirst ? norm1(x) : x
        let placed = y + positions
        let attended = selfAttention(query: placed, key: placed, value: y, mask: mask, dropout: &dropout)
        var x = x + attended.dropped(&dropout)
        if !normalizesFirst { x = norm1(x) }
        let z = normalizesFirst ? norm2(x) : x
        x = x + second(activation(first(z)).dropped(&dropout)).dropped(&dropout)
        return normalizesFirst ? x : norm2(x)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("self_attn", &selfAttention)
        try visitor.visit("linear1", &first)
        try visitor.visit("linear2", &second)
        try visitor.visit("norm1", &norm1)
        try visitor.visit("norm2", &norm2)
    }
}

/// A layer of ACT's decoder: self-attention, attention to the encoder's tokens, feed-forward.
public struct ACTDecoderLayer: Module {
    public var selfAttention: PackedAttention
    public var crossAttention: PackedAttention
    public var first: Linear
    public var second: Linear
    public var norm1: LayerNorm
    public var norm2: LayerNorm
    public var norm3: LayerNorm
    let normalizesFirst: Bool
    let activation: ACTConfiguration.Activation

    init(_ name: String, _ configuration: ACTConfiguration, from source: WeightSource) {
        let (width, heads) = (configuration.width, configuration.headCount)
        selfAttention = PackedAttention("\(name).self_attn", width: width, headCount: heads, from: source)
        crossAttention = PackedAttention("\(name).multihead_attn", width: width, headCount: heads, from: source)
        first = source.linear("\(name).linear1", width, configuration.feedForwardSize)
        second = source.linear("\(name).linear2", configuration.feedForwardSize, width)
        norm1 = source.layerNorm("\(name).norm1", width)
        norm2 = source.layerNorm("\(name).norm2", width)
        norm3 = source.layerNorm("\(name).norm3", width)
        normalizesFirst = configuration.normalizesFirst
        activation = configuration.activation
    }

    /// - Parameters:
    ///   - x: `[batch, n, width]`.
    ///   - positions: Of the actions.
    ///   - memory: The encoder's tokens, `[batch, T, width]`.
    ///   - memoryPositions: Theirs.
    ///   - dropout: In training.
    func callAsFunction(
        _ x: Tensor, positions: Tensor, memory: Tensor, memoryPositions: Tensor, dropout: inout Dropout?
    ) -> Tensor {
        let y = normalizesFirst ? norm1(x) : x
        let placed = y + positions
        let attended = selfAttention(query: placed, key: placed, value: y, dropout: &dropout)
        var x = x + attended.dropped(&dropout)
        if !normalizesFirst { x = norm1(x) }

        let z = normalizesFirst ? norm2(x) : x
        let seen = crossAttention(
            query: z + positions, key: memory + memoryPositions, value: memory, dropout: &dropout)
        x = x + seen.dropped(&dropout)
        if !normalizesFirst { x = norm2(x) }

        let u = normalizesFirst ? norm3(x) : x
        x = x + second(activation(first(u)).dropped(&dropout)).dropped(&dropout)
        return normalizesFirst ? x : norm3(x)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("self_attn", &selfAttention)
        try visitor.visit("multihead_attn", &crossAttention)
        try visitor.visit("linear1", &first)
        try visitor.visit("linear2", &second)
        try visitor.visit("norm1", &norm1)
        try visitor.visit("norm2", &norm2)
        try visitor.visit("norm3", &norm3)
    }
}

/// Layers in order and an optional final norm.
public struct ACTStack<Layer: Module>: Module {
    public var layers: [Layer]
    public var norm: LayerNorm?

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("layers", &layers)
        try visitor.visit("norm", &norm)
    }
}

extension Tensor {
    func dropped(_ dropout: inout Dropout?) -> Tensor {
        guard dropout != nil, dropout!.probability > 0 else { return self }
        return dropout!(self)
    }
}
