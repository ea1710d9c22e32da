import BenchmarkKit
import TensorCore
import TensorNN

/// The forward pass of 12 ViT-B layers on two images of 197 tokens.
enum VisionForward {
    struct Block: Module {
        var firstNorm = LayerNorm(768)
        var attention: GroupedQueryAttention
        var secondNorm = LayerNorm(768)
        var mlp: MLP

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("layer_norm1", &firstNorm)
            try visitor.visit("self_attn", &attention)
            try visitor.visit("layer_norm2", &secondNorm)
            try visitor.visit("mlp", &mlp)
        }

        func callAsFunction(_ h: Tensor) -> Tensor {
            let a = h + attention(firstNorm(h), mask: .full)
            return a + mlp(secondNorm(a))
        }
    }

    static var benchmark: BenchmarkCase {
        BenchmarkCase("vit_forward") {
            var generator = SplitMix64(state: 1)
            let blocks = (0..<12).map { _ in
                Block(
                    attention: GroupedQueryAttention(
                        hiddenSize: 768, headCount: 12, keyValueHeadCount: 12, bias: true, outputName: "out_proj",
                        using: &generator),
                    mlp: MLP(
                        hiddenSize: 768, intermediateSize: 3072, activation: .quick, using: &generator))
            }
            let x = Tensor.normal([2, 197, 768], using: &generator)
            func run() -> Tensor { blocks.reduce(x) { $1($0) } }
            _ = run()
            return { [MeasuredValue("vit_forward", secondsToRun { _ = run() }, unit: "s")] }
        }
    }
}
