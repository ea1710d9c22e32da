public import TensorCore

/// Multi-head attention in which groups of query heads share a key/value head.
///
/// With as many key/value heads as query heads it is plain multi-head attention. Source: Ainslie et al. 2023,
/// arXiv:2305.13245. Names of LLaMA and MiniMind; the output layer is `o_proj` there, `out_proj` in CLIP.
public struct GroupedQueryAttention: Module {
    public var query: Linear
    public var key: Linear
    public var value: Linear
    public var output: Linear
    /// Normalization over the head size before rotation, each shared by all heads.
    public var queryNorm: RMSNorm?
    public var keyNorm: RMSNorm?
    public let headCount: Int
    public let keyValueHeadCount: Int
    /// The name of the output layer in weight files.
    public let outputName: String

    public init(
        hiddenSize: Int, headCount: Int, keyValueHeadCount: Int, headSize: Int? = nil, bias: Bool = false,
        queryKeyNormEpsilon: Float? = nil, outputName: String = "o_proj",
        initialization: Initialization = .uniformByInputSize, using generator: inout some RandomNumberGenerator
    ) {
        require(
            headCount % keyValueHeadCount == 0, "\(headCount) query heads over \(keyValueHeadCount) key/value heads")
        let size = headSize ?? hiddenSize / headCount
        func layer(_ input: Int, _ output: Int) -> Linear {
            Linear(input, output, bias: bias, initialization: initialization, using: &generator)
        }
        query = layer(hiddenSize, headCount * size)
        key = layer(hiddenSize, keyValueHeadCount * size)
        value = layer(hiddenSize, keyValueHeadCount * size)
        output = layer(headCount * size, hiddenSize)
        if let epsilon = queryKeyNormEpsilon {
            queryNorm = RMSNorm(size, epsilon: epsilon)
            keyNorm = RMSNorm(size, epsilon: epsilon)
        }
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.outputName = outputName
    }

    public var headSize: Int { query.outputSize / headCount }

    /// - Parameters:
    ///   - x: `[batch, tokens, hiddenSize]`.
    ///   - rotary: Rotation of queries and keys by position; nil for models with learned positions.
    ///   - mask: Which keys a query sees.
    ///   - cache: The tokens before; it gets these. Positions count from its tokens, of each row. Rows of different
    ///     lengths take the mask `AttentionMask.causal`.
    ///   - dropout: Of the attention probabilities, in training; nil for none.
    public func callAsFunction(
        _ x: Tensor, rotary: RotaryTable? = nil, mask: AttentionMask, cache: inout KeyValueCache.Layer?,
        dropout: inout Dropout?
    ) -> Tensor {
        let (batch, tokens) = (x.shape[0], x.shape[1])
        let (q, k, v) = projections(x, rotary: rotary, cache: &cache)
        var mask = mask
        if let lengths = cache?.lengths {
            require(mask.isPlainCausal, "a cache of rows of \(lengths) tokens: the mask has to be causal")
            mask = .causal(keyCounts: lengths)
        }
        let context =
            dropout == nil
            ? attention(q, k, v, mask: mask) : droppedAttention(q, k, v, mask: mask, dropout: &dropout!)
        return output(context.reshaped([batch, tokens, -1]))
    }

    /// As ``callAsFunction(_:rotary:mask:cache:dropout:)`` without dropout.
    public func callAsFunction(
        _ x: Tensor, rotary: RotaryTable? = nil, mask: AttentionMask, cache: inout KeyValueCache.Layer?
    ) -> Tensor {
        var none: Dropout?
        return self(x, rotary: rotary, mask: mask, cache: &cache, dropout: &none)
    }

    /// Queries of `x`, and keys and values of the cache and `x`: `[batch, tokens, heads, headSize]`, normalized and
    /// rotated.
    public func projections(
        _ x: Tensor, rotary: RotaryTable? = nil, cache: inout KeyValueCache.Layer?
    ) -> (query: Tensor, key: Tensor, value: Tensor) {
        let (batch, tokens) = (x.shape[0], x.shape[1])
        var q = query(x).reshaped([batch, tokens, headCount, -1])
        var k = key(x).reshaped([batch, tokens, keyValueHeadCount, -1])
        var v = value(x).reshaped([batch, tokens, keyValueHeadCount, -1])
        if let queryNorm, let keyNorm { (q, k) = (queryNorm(q), keyNorm(k)) }
        if let rotary {
            func rotated(_ x: Tensor) -> Tensor {
                cache?.lengths.map { rotaryEmbedding(x, rotary, firstPositions: $0) }
                    ?? rotaryEmbedding(x, rotary, firstPosition: cache?.tokenCount ?? 0)
            }
            (q, k) = (rotated(q), rotated(k))
        }
        if cache != nil { (k, v) = cache!.append(keys: k, values: v) }
        return (q, k, v)
    }

    /// Without a cache.
    public func callAsFunction(_ x: Tensor, rotary: RotaryTable? = nil, mask: AttentionMask) -> Tensor {
        var none: KeyValueCache.Layer?
        return self(x, rotary: rotary, mask: mask, cache: &none)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("q_proj", &query)
        try visitor.visit("k_proj", &key)
        try visitor.visit("v_proj", &value)
        try visitor.visit(outputName, &output)
        try visitor.visit("q_norm", &queryNorm)
        try visitor.visit("k_norm", &keyNorm)
    }
}
