import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing

/// The layers in their place: decoders of both generations against the MiniMind reference in PyTorch.
@Suite struct DecoderGoldenTests {
    struct Case: Decodable {
        var generation: String
        var config: TestDecoder.Configuration
    }

    static let folders = SharedFixtures.folders(in: "golden/models") {
        $0.hasPrefix("lm07") || $0.hasPrefix("lm26")
    }

    /// The fixtures' README: 1e-4 relative to max(1, |value|) for logits and gradients of the tiny models.
    static let tolerance = Tolerance(relative: 1e-4, absolute: 1e-4)

    private func decoder(_ folder: URL) throws -> TestDecoder {
        let description: Case = try Golden.json(folder.appendingPathComponent("case.json"))
        var decoder = TestDecoder(description.config, generation: description.generation)
        try decoder.load(fixture: folder.appendingPathComponent("weights.safetensors"))
        return decoder
    }

    @Test(arguments: folders)
    func logitsMatchPyTorch(folder: URL) throws {
        let decoder = try decoder(folder)
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let ids = try io("input_ids")
        expectClose(decoder.logits(ids), try io("logits"), within: Self.tolerance, "logits")
        let mask = AttentionMask.causal.padding(try io("attention_mask"))
        expectClose(decoder.logits(ids, mask: mask), try io("logits_masked"), within: Self.tolerance, "masked logits")
    }

    @Test(arguments: folders)
    func cachedDecodingMatchesPyTorch(folder: URL) throws {
        let decoder = try decoder(folder)
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let prompt = try io("decode_prompt").integers
        let expected = try io("decode_logits_cached")
        var sequence = prompt
        var next = prompt
        var cache: KeyValueCache? = KeyValueCache(layerCount: decoder.blocks.count)
        for step in 0..<expected.shape[0] {
            let (h, _) = decoder.hidden(Tensor(integers: next, [1, next.count]), cache: &cache)
            let last = h.select(axis: 1, h.shape[1] - 1)
            let logits = matmul(last, transposed: decoder.embedding.weight.value)
            expectClose(logits, expected[step..<step + 1], within: Self.tolerance, "step \(step)")
            next = logits.argmax()
            sequence += next
        }
        #expect(try sequence == io("decode_sequence").integers)
        let layer = try #require(cache?.layers.first)
        #expect(layer.tokenCount == sequence.count - 1)
    }

    @Test(arguments: folders)
    func lossesAndGradientsMatchPyTorch(folder: URL) throws {
        let decoder = try decoder(folder)
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let expected = try Golden(folder.appendingPathComponent("grads.safetensors"))
        let (ids, labels) = (try io("input_ids"), try io("labels"))
        let (_, parts, gradients) = valueAndGradient(of: decoder) { decoder -> (Tensor, (Tensor, Tensor)) in
            let (loss, auxiliary) = decoder.losses(ids, labels: labels)
            return (loss + auxiliary, (loss.detached, auxiliary.detached))
        }
        expectClose(parts.0.reshaped([1]), try io("ce_loss"), within: Self.tolerance, "cross-entropy")
        expectClose(parts.1.reshaped([1]), try io("aux_loss"), within: Self.tolerance, "auxiliary loss")
        #expect(Set(gradients.names).isSubset(of: Set(decoder.parameters.keys)))
        for name in expected.names {
            let reference = try expected(name)
            // an expert that no token chose has no gradient here and zeros in the reference
            expectClose(gradients[name] ?? .zeros(reference.shape), reference, within: Self.tolerance, name)
        }
    }

    @Test(arguments: folders)
    func checkpointedBlocksGiveTheSameGradients(folder: URL) throws {
        let decoder = try decoder(folder)
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let ids = try io("input_ids")
        guard let block = decoder.blocks.first, block.dense != nil else { return }
        let rotary = decoder.rotary
        let run: @Sendable (TestDecoder.Block, Tensor) -> Tensor = { block, h in
            var none: KeyValueCache.Layer?
            return block(h, rotary, .causal, &none).0
        }
        let h = decoder.embedding(ids)
        let plain = valueAndGradient(of: block) { run($0, h).squared().mean() }
        let again = valueAndGradient(of: block) { checkpointed($0, h, run).squared().mean() }
        #expect(plain.value == again.value)
        for name in plain.gradients.names {
            #expect(plain.gradients[name]?.elements() == again.gradients[name]?.elements(), "\(name)")
        }
    }
}
