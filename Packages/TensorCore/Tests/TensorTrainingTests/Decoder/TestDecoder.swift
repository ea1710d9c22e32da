import Foundation
import TensorCore
import TensorNN
import TensorTestSupport

/// A MiniMind decoder made of TensorNN's layers, of either generation, dense or with experts.
struct TestDecoder: Module {
    /// The fields of a fixture's `case.json` that matter here.
    struct Configuration: Decodable {
        var hidden_size: Int
        var num_hidden_layers: Int
        var num_attention_heads: Int
        var num_key_value_heads: Int
        var vocab_size: Int
        var intermediate_size: Int
        var rms_norm_eps: Float
        var rope_theta: Float
        var max_position_embeddings: Int
        var head_dim: Int?
        var use_moe: Bool?
        var num_experts_per_tok: Int?
        var n_routed_experts: Int?
        var n_shared_experts: Int?
        var num_experts: Int?
        var moe_intermediate_size: Int?
        var norm_topk_prob: Bool?
        var aux_loss_alpha: Float?
        var seq_aux: Bool?
        var router_aux_loss_coef: Float?
    }

    struct Block: Module {
        var attention: GroupedQueryAttention
        var attentionNorm: RMSNorm
        var mlpNorm: RMSNorm
        var dense: GatedMLP?
        var experts: MixtureOfExperts?

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("self_attn", &attention)
            try visitor.visit("input_layernorm", &attentionNorm)
            try visitor.visit("post_attention_layernorm", &mlpNorm)
            try visitor.visit("mlp", &dense)
            try visitor.visit("mlp", &experts)
        }

        /// The block's output and its experts' auxiliary loss.
        func callAsFunction(
            _ h: Tensor, _ rotary: RotaryTable, _ mask: AttentionMask, _ cache: inout KeyValueCache.Layer?
        ) -> (Tensor, Tensor?) {
            let a = h + attention(attentionNorm(h), rotary: rotary, mask: mask, cache: &cache)
            if let dense { return (a + dense(mlpNorm(a)), nil) }
            let (y, loss) = experts!(mlpNorm(a))
            return (a + y, loss)
        }
    }

    var embedding: Embedding
    var blocks: [Block]
    var norm: RMSNorm
    let rotary: RotaryTable

    init(_ c: Configuration, generation: String) {
        var generator = PhiloxGenerator(seed: 0)
        let is26 = generation == "26"
        embedding = Embedding(count: c.vocab_size, width: c.hidden_size, using: &generator)
        norm = RMSNorm(c.hidden_size, epsilon: c.rms_norm_eps)
        rotary = RotaryTable(
            headSize: c.head_dim ?? c.hidden_size / c.num_attention_heads, positionCount: c.max_position_embeddings,
            base: c.rope_theta)
        blocks = []
        for _ in 0..<c.num_hidden_layers {
            var block = Block(
                attention: GroupedQueryAttention(
                    hiddenSize: c.hidden_size, headCount: c.num_attention_heads,
                    keyValueHeadCount: c.num_key_value_heads, headSize: c.head_dim,
                    queryKeyNormEpsilon: is26 ? c.rms_norm_eps : nil, using: &generator),
                attentionNorm: RMSNorm(c.hidden_size, epsilon: c.rms_norm_eps),
                mlpNorm: RMSNorm(c.hidden_size, epsilon: c.rms_norm_eps))
            if c.use_moe == true {
                block.experts = MixtureOfExperts(
                    hiddenSize: c.hidden_size, intermediateSize: c.moe_intermediate_size ?? c.intermediate_size,
                    expertCount: c.n_routed_experts ?? c.num_experts ?? 4, expertsPerToken: c.num_experts_per_tok ?? 1,
                    sharedExpertCount: c.n_shared_experts ?? 0, normalizesWeights: c.norm_topk_prob ?? true,
                    auxiliaryLoss: is26
                        ? .perSlot(c.router_aux_loss_coef ?? 5e-4)
                        : (c.seq_aux ?? true
                            ? .perSequence(c.aux_loss_alpha ?? 0.1) : .perBatch(c.aux_loss_alpha ?? 0.1)),
                    using: &generator)
            } else {
                block.dense = GatedMLP(
                    hiddenSize: c.hidden_size, intermediateSize: c.intermediate_size, using: &generator)
            }
            blocks.append(block)
        }
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("model.embed_tokens", &embedding)
        try visitor.visit("model.layers", &blocks)
        try visitor.visit("model.norm", &norm)
    }

    /// Normalized hidden states and the sum of the auxiliary losses.
    func hidden(
        _ ids: Tensor, mask: AttentionMask = .causal, cache: inout KeyValueCache?
    ) -> (Tensor, auxiliaryLoss: Tensor) {
        var h = embedding(ids)
        var losses = Tensor(0)
        for (index, block) in blocks.enumerated() {
            var layer = cache?.layers[index]
            cache?.layers[index] = KeyValueCache.Layer()
            let (y, loss) = block(h, rotary, mask, &layer)
            if let layer { cache?.layers[index] = layer }
            h = y
            if let loss { losses = losses + loss }
        }
        return (norm(h), losses)
    }

    func logits(_ ids: Tensor, mask: AttentionMask = .causal) -> Tensor {
        var none: KeyValueCache?
        return matmul(hidden(ids, mask: mask, cache: &none).0, transposed: embedding.weight.value)
    }

    /// Mean cross-entropy of each token's successor, and the auxiliary loss. Labels stand at their own token.
    ///
    /// The last token predicts nothing and is left out, as in the reference's training loop: its router's choices do not
    /// count for the auxiliary loss.
    func losses(_ ids: Tensor, labels: Tensor) -> (crossEntropy: Tensor, auxiliary: Tensor) {
        var none: KeyValueCache?
        let length = ids.shape[1]
        let (h, auxiliary) = hidden(ids.slice(axis: 1, 0..<length - 1), cache: &none)
        let targets = labels.slice(axis: 1, 1..<length).integers
        return (linearCrossEntropy(hidden: h, weight: embedding.weight.value, targets: targets), auxiliary)
    }

    /// The weights of a fixture, of which the tied output matrix is checked and left out.
    mutating func load(fixture url: URL) throws {
        var weights = try Golden(url).tensors()
        if let output = weights.removeValue(forKey: "lm_head.weight"),
            output.elements() != weights["model.embed_tokens.weight"]?.elements()
        {
            throw WeightMismatch(unexpected: ["lm_head.weight, which differs from the embedding it is tied to"])
        }
        try load(weights)
    }
}
