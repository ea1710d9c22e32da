import TensorCore
public import TensorNN

/// A layer of Llama, or of an expert beside it: attention and a gated feed-forward part, without biases.
///
/// Names of Hugging Face's Llama.
public struct LlamaLayer: Module {
    public var query: Linear
    public var key: Linear
    public var value: Linear
    public var output: Linear
    public var attentionNorm: RMSNorm
    public var mlpNorm: RMSNorm
    public var mlp: GatedMLP
    public let headSize: Int

    /// - Parameters:
    ///   - name: Of the layer in the file.
    ///   - width: Of the layer's vectors.
    ///   - headCount: Query heads.
    ///   - keyValueHeadCount: Heads of keys and values.
    ///   - headSize: Elements of a head.
    ///   - keyValueInput: Width of what keys and values are computed from; the layer's when nil.
    ///   - epsilon: Of the norms.
    init(
        _ name: String, width: Int, headCount: Int, keyValueHeadCount: Int, headSize: Int, keyValueInput: Int? = nil,
        epsilon: Float, from source: WeightSource
    ) {
        self.headSize = headSize
        let (queries, pairs) = (headCount * headSize, keyValueHeadCount * headSize)
        query = source.linear("\(name).self_attn.q_proj", width, queries, bias: false)
        key = source.linear("\(name).self_attn.k_proj", keyValueInput ?? width, pairs, bias: false)
        value = source.linear("\(name).self_attn.v_proj", keyValueInput ?? width, pairs, bias: false)
        output = source.linear("\(name).self_attn.o_proj", queries, width, bias: false)
        attentionNorm = RMSNorm(weight: source.tensor("\(name).input_layernorm.weight", [width]), epsilon: epsilon)
        mlpNorm = RMSNorm(
            weight: source.tensor("\(name).post_attention_layernorm.weight", [width]), epsilon: epsilon)
        let inner = source.shape("\(name).mlp.gate_proj.weight")?.first
        mlp = GatedMLP(
            gate: source.linear("\(name).mlp.gate_proj", width, inner, bias: false),
            up: source.linear("\(name).mlp.up_proj", width, inner, bias: false),
            down: source.linear("\(name).mlp.down_proj", inner, width, bias: false))
    }

    /// `[batch, tokens, heads · headSize]` → `[batch, tokens, heads, headSize]`.
    func heads(_ x: Tensor) -> Tensor { x.reshaped([x.shape[0], x.shape[1], -1, headSize]) }

    /// The rest of the layer: h + o(context), then + feed-forward.
    func finish(_ h: Tensor, context: Tensor) -> Tensor {
        let a = h + output(context.reshaped([context.shape[0], context.shape[1], -1]))
        return a + mlp(mlpNorm(a))
    }

    /// Self-attention with positions and a mask.
    ///
    /// - Parameters:
    ///   - h: `[batch, tokens, width]`.
    ///   - rotary: Of the head size.
    ///   - positions: One for each token.
    ///   - mask: Over the earlier keys and the tokens.
    ///   - earlier: Rotated keys, and values of the tokens before; nil for none.
    /// - Returns: The result, and all keys and values.
    func callAsFunction(
        _ h: Tensor, rotary: RotaryTable, positions: [Int], mask: AttentionMask,
        earlier: (keys: Tensor, values: Tensor)? = nil
    ) -> (h: Tensor, keys: Tensor, values: Tensor) {
        let x = attentionNorm(h)
        let q = rotaryEmbedding(heads(query(x)), rotary, positions: positions)
        var k = rotaryEmbedding(heads(key(x)), rotary, positions: positions)
        var v = heads(value(x))
        if let earlier {
            k = .concatenated([earlier.keys, k], axis: 1)
            v = .concatenated([earlier.values, v], axis: 1)
        }
        return (finish(h, context: attention(q, k, v, mask: mask)), k, v)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("self_attn.q_proj", &query)
        try visitor.visit("self_attn.k_proj", &key)
        try visitor.visit("self_attn.v_proj", &value)
        try visitor.visit("self_attn.o_proj", &output)
        try visitor.visit("input_layernorm", &attentionNorm)
        try visitor.visit("post_attention_layernorm", &mlpNorm)
        try visitor.visit("mlp", &mlp)
    }
}
