import TensorCore
import TensorNN

/// The decoder of the training-step benchmark: 25.8 M parameters, as MiniMind's small language model.
struct Decoder: Module {
    struct Block: Module {
        var attention: GroupedQueryAttention
        var attentionNorm: RMSNorm
        var mlpNorm: RMSNorm
        var mlp: GatedMLP

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("self_attn", &attention)
            try visitor.visit("input_layernorm", &attentionNorm)
            try visitor.visit("post_attention_layernorm", &mlpNorm)
            try visitor.visit("mlp", &mlp)
        }
    }

    /// Sizes of the benchmark, the same on the peer's side.
    enum Size {
        static let hidden = 512, layers = 8, heads = 8, keyValueHeads = 2, intermediate = 1408
        static let vocabulary = 6400, tokens = 440, batch = 2
    }

    var embedding: Embedding
    var blocks: [Block]
    var norm: RMSNorm
    let rotary: RotaryTable

    init(using generator: inout some RandomNumberGenerator) {
        embedding = Embedding(
            count: Size.vocabulary, width: Size.hidden, initialization: .uniformByInputSize, using: &generator)
        norm = RMSNorm(Size.hidden, epsilon: 1e-5)
        rotary = RotaryTable(headSize: Size.hidden / Size.heads, positionCount: Size.tokens, base: 1e6)
        blocks = []
        for _ in 0..<Size.layers {
            blocks.append(
                Block(
                    attention: GroupedQueryAttention(
                        hiddenSize: Size.hidden, headCount: Size.heads, keyValueHeadCount: Size.keyValueHeads,
                        using: &generator),
                    attentionNorm: RMSNorm(Size.hidden, epsilon: 1e-5),
                    mlpNorm: RMSNorm(Size.hidden, epsilon: 1e-5),
                    mlp: GatedMLP(
                        hiddenSize: Size.hidden, intermediateSize: Size.intermediate, using: &generator)))
        }
    }

    func loss(_ ids: Tensor, targets: [Int]) -> Tensor {
        var h = embedding(ids)
        for (index, block) in blocks.enumerated() {
            h = Profiler.module("layers.\(index)") {
                let a = h + block.attention(block.attentionNorm(h), rotary: rotary, mask: .causal)
                return a + block.mlp(block.mlpNorm(a))
            }
        }
        return linearCrossEntropy(hidden: norm(h), weight: embedding.weight.value, targets: targets)
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("model.embed_tokens", &embedding)
        try visitor.visit("model.layers", &blocks)
        try visitor.visit("model.norm", &norm)
    }
}
