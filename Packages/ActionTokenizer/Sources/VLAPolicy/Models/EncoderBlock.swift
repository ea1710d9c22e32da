public import TensorCore
public import TensorNN

/// A block of a transformer in which every token sees every other one: norms before attention and feed-forward part.
///
///     a = h + attention(norm₁ h);  h′ = a + W₂ gelu(W₁ norm₂ a)
///
/// Source: Vaswani et al. 2017, arXiv:1706.03762, with the norms' place of Xiong et al. 2020, arXiv:2002.04745.
public struct EncoderBlock: Module {
    var attentionNorm: LayerNorm
    var attention: GroupedQueryAttention
    var mlpNorm: LayerNorm
    var mlp: MLP

    public init(
        width: Int, headCount: Int, intermediateSize: Int, using generator: inout some RandomNumberGenerator
    ) {
        attentionNorm = LayerNorm(width)
        attention = GroupedQueryAttention(
            hiddenSize: width, headCount: headCount, keyValueHeadCount: headCount, bias: true, using: &generator)
        mlpNorm = LayerNorm(width)
        mlp = MLP(
            hiddenSize: width, intermediateSize: intermediateSize, activation: .tanh, using: &generator)
    }

    /// `[B, T, D]` → `[B, T, D]`.
    public func callAsFunction(_ h: Tensor, mask: AttentionMask) -> Tensor {
        let a = h + attention(attentionNorm(h), mask: mask)
        return a + mlp(mlpNorm(a))
    }

    /// The last `count` tokens alone, which see all of them: `[B, T, D]` → `[B, count, D]`. For a last block.
    public func callAsFunction(_ h: Tensor, lastTokens count: Int, mask: AttentionMask) -> Tensor {
        let (batch, tokens, heads) = (h.shape[0], h.shape[1], attention.headCount)
        let x = attentionNorm(h)
        let asking = x.slice(axis: 1, tokens - count..<tokens)
        let q = attention.query(asking).reshaped([batch, count, heads, -1])
        let k = attention.key(x).reshaped([batch, tokens, heads, -1])
        let v = attention.value(x).reshaped([batch, tokens, heads, -1])
        let context = TensorCore.attention(q, k, v, mask: mask).reshaped([batch, count, -1])
        let a = h.slice(axis: 1, tokens - count..<tokens) + attention.output(context)
        return a + mlp(mlpNorm(a))
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("attention_norm", &attentionNorm)
        try visitor.visit("attention", &attention)
        try visitor.visit("feed_forward_norm", &mlpNorm)
        try visitor.visit("feed_forward", &mlp)
    }
}
