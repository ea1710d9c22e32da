import TensorCore
public import TensorNN

/// One block of a ``VisionTransformer``:
///
///     x ← x + s₁ ⊙ attention(norm₁(x));  x ← x + s₂ ⊙ mlp(norm₂(x))
///
/// with s learned in DINOv2 and 1 elsewhere. Names of the family.
public struct VisionTransformerBlock: Module {
    public var attention: GroupedQueryAttention
    public var attentionNorm: LayerNorm
    public var mlp: MLP
    public var mlpNorm: LayerNorm
    /// `[width]`.
    var attentionScale: Parameter?
    var feedForwardScale: Parameter?
    let family: VisionTransformerConfiguration.Family

    init(
        _ c: VisionTransformerConfiguration, initialization: Initialization,
        using generator: inout some RandomNumberGenerator
    ) {
        attention = GroupedQueryAttention(
            hiddenSize: c.width, headCount: c.headCount, keyValueHeadCount: c.headCount, bias: true,
            outputName: "out_proj", initialization: initialization, using: &generator)
        mlp = MLP(
            hiddenSize: c.width, intermediateSize: c.intermediateSize, activation: c.activation,
            initialization: initialization, using: &generator)
        attentionNorm = LayerNorm(c.width, epsilon: c.normEpsilon)
        mlpNorm = LayerNorm(c.width, epsilon: c.normEpsilon)
        family = c.family
        if c.family == .dinov2 {
            attentionScale = Parameter(.ones([c.width]))
            feedForwardScale = Parameter(.ones([c.width]))
        }
    }

    /// `[B, tokens, width]` → the same.
    func callAsFunction(_ x: Tensor) -> Tensor {
        var attended = Profiler.module("self_attn") { attention(attentionNorm(x), mask: .full) }
        if let attentionScale { attended = attended * attentionScale.value }
        let a = x + attended
        var fed = Profiler.module("mlp") { mlp(mlpNorm(a)) }
        if let feedForwardScale { fed = fed * feedForwardScale.value }
        return a + fed
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        switch family {
        case .clip, .siglip:
            try visitor.visit("layer_norm1", &attentionNorm)
            try visitor.visit("self_attn", &attention)
            try visitor.visit("layer_norm2", &mlpNorm)
        case .dinov2:
            try visitor.visit("norm1", &attentionNorm)
            try visitor.visit("attention.attention.query", &attention.query)
            try visitor.visit("attention.attention.key", &attention.key)
            try visitor.visit("attention.attention.value", &attention.value)
            try visitor.visit("attention.output.dense", &attention.output)
            try visitor.visit("layer_scale1.lambda1", &attentionScale)
            try visitor.visit("norm2", &mlpNorm)
            try visitor.visit("layer_scale2.lambda1", &feedForwardScale)
        }
        try visitor.visit("mlp", &mlp)
    }
}
