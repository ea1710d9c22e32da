import Parallel
import TensorCore
import TensorNN
import TensorTestSupport
import Testing

/// The bits of losses and gradients do not depend on the number of kernel threads.
@Suite(.serialized) struct ThreadCountTests {
    /// Large enough that products, norms, sums and the loss are split into many pieces.
    private static func lossAndGradients() -> (Float, Gradients) {
        var generator = MersenneTwister(seed: 11)
        let configuration = TestDecoder.Configuration(
            hidden_size: 128, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, vocab_size: 2000,
            intermediate_size: 320, rms_norm_eps: 1e-5, rope_theta: 1e4, max_position_embeddings: 256)
        var decoder = TestDecoder(configuration, generation: "07")
        decoder.updateParameters { _, parameter in
            parameter.value = .uniform(-0.1...0.1, parameter.value.shape, using: &generator)
        }
        let ids = (0..<2 * 200).map { _ in Int.random(in: 0..<2000, using: &generator) }
        let tensor = Tensor(integers: ids, [2, 200])
        return valueAndGradient(of: decoder) { $0.losses(tensor, labels: tensor).crossEntropy }
    }

    @Test func bitsAreTheSameForAnyNumberOfThreads() {
        let before = KernelThreads.count
        defer { KernelThreads.count = before }
        KernelThreads.count = 1
        let (loss, gradients) = Self.lossAndGradients()
        #expect(loss.isFinite && loss > 0)
        for count in [2, 3, 5] {
            KernelThreads.count = count
            let (again, others) = Self.lossAndGradients()
            #expect(again == loss, "\(count) threads")
            #expect(others.names == gradients.names)
            for name in gradients.names {
                #expect(others[name]?.elements() == gradients[name]?.elements(), "\(name) with \(count) threads")
            }
        }
    }
}
