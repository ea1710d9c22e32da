public import TensorCore
public import TensorNN

/// One layer of a ``Decoder``:
///
///     a = h + attention(norm₁(h));  y = a + mlp(norm₂(a))
///
/// Names of LLaMA and MiniMind. The feed-forward part is dense or a mixture of experts.
public struct DecoderBlock: Module {
    public var attention: GroupedQueryAttention
    public var attentionNorm: RMSNorm
    public var mlpNorm: RMSNorm
    public var dense: GatedMLP?
    public var experts: MixtureOfExperts?
    let dropsFeedForward: Bool

    public init(_ configuration: DecoderConfiguration, using generator: inout some RandomNumberGenerator) {
        let c = configuration
        attention = GroupedQueryAttention(
            hiddenSize: c.hiddenSize, headCount: c.headCount, keyValueHeadCount: c.keyValueHeadCount,
            headSize: c.headSize, queryKeyNormEpsilon: c.normalizesQueriesAndKeys ? c.normEpsilon : nil,
            initialization: c.initialization, using: &generator)
        attentionNorm = RMSNorm(c.hiddenSize, epsilon: c.normEpsilon)
        mlpNorm = RMSNorm(c.hiddenSize, epsilon: c.normEpsilon)
        dropsFeedForward = c.dropsFeedForward
        if let e = c.experts {
            experts = MixtureOfExperts(
                hiddenSize: c.hiddenSize, intermediateSize: e.intermediateSize ?? c.intermediateSize,
                expertCount: e.count, expertsPerToken: e.perToken, sharedExpertCount: e.sharedCount,
                normalizesWeights: e.normalizesWeights, auxiliaryLoss: e.auxiliaryLoss,
                initialization: c.initialization, using: &generator)
        } else {
            dense = GatedMLP(
                hiddenSize: c.hiddenSize, intermediateSize: c.intermediateSize, initialization: c.initialization,
                using: &generator)
        }
    }

    /// - Parameters:
    ///   - h: `[batch, tokens, hiddenSize]`.
    ///   - rotary: Rotation of queries and keys by position.
    ///   - mask: Which tokens a token sees.
    ///   - cache: The layer's tokens before; it gets these.
    ///   - dropout: In training; nil for none.
    /// - Returns: The same shape, and the experts' auxiliary loss.
    public func callAsFunction(
        _ h: Tensor, rotary: RotaryTable, mask: AttentionMask, cache: inout KeyValueCache.Layer?,
        dropout: inout Dropout?
    ) -> (output: Tensor, auxiliaryLoss: Tensor?) {
        var attended = Profiler.module("self_attn") {
            attention(attentionNorm(h), rotary: rotary, mask: mask, cache: &cache, dropout: &dropout)
        }
        if dropout != nil { attended = dropout!(attended) }
        let a = h + attended
        let normalized = mlpNorm(a)

        var (fed, loss): (Tensor, Tensor?) = (normalized, nil)
        if let dense { fed = Profiler.module("mlp") { dense(normalized) } }
        if let experts { (fed, loss) = Profiler.module("mlp") { experts(normalized) } }
        if dropout != nil, dropsFeedForward { fed = dropout!(fed) }
        return (a + fed, loss)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("self_attn", &attention)
        try visitor.visit("input_layernorm", &attentionNorm)
        try visitor.visit("post_attention_layernorm", &mlpNorm)
        try visitor.visit("mlp", &dense)
        try visitor.visit("mlp", &experts)
    }
}
