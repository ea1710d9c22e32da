import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

/// Decoders of both generations, dense and with experts, against MiniMind in PyTorch.
@Suite struct DecoderGoldenTests {
    static let cases = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("lm07") || $0.hasPrefix("lm26") }
        .map(DecoderFixture.init)
    static let tolerance = DecoderFixture.tolerance

    @Test(arguments: cases)
    func logitsMatchPyTorch(fixture: DecoderFixture) throws {
        let decoder = try fixture.decoder()
        let io = try fixture.golden("io")
        let vectors = decoder.embed(try io("input_ids"))
        expectClose(decoder.logits(decoder(vectors).hidden), try io("logits"), within: Self.tolerance, "logits")
        let mask = AttentionMask.causal.padding(try io("attention_mask"))
        let masked = decoder.logits(decoder(vectors, mask: mask).hidden)
        expectClose(masked, try io("logits_masked"), within: Self.tolerance, "masked logits")
    }

    @Test(arguments: cases)
    func activationsMatchPyTorch(fixture: DecoderFixture) throws {
        let decoder = try fixture.decoder()
        let acts = try fixture.golden("acts")
        var h = decoder.embed(try fixture.golden("io")("input_ids"))
        func check(_ tensor: Tensor, _ name: String) throws {
            guard acts.names.contains(name) else { return }
            expectClose(tensor, try acts(name), within: Self.tolerance, name)
        }
        try check(h, "embed")
        for (index, block) in decoder.blocks.enumerated() {
            var noCache: KeyValueCache.Layer?
            var noDropout: Dropout?
            let normalized = block.attentionNorm(h)
            try check(normalized, "layers.\(index).input_layernorm")
            let projections = block.attention.projections(normalized, rotary: decoder.rotary, cache: &noCache)
            try check(projections.query, "layers.\(index).q_rope")
            try check(projections.key, "layers.\(index).k_rope")
            let attended = block.attention(normalized, rotary: decoder.rotary, mask: .causal, cache: &noCache)
            try check(attended, "layers.\(index).self_attn")
            let second = block.mlpNorm(h + attended)
            try check(second, "layers.\(index).post_attention_layernorm")
            let fed = block.dense.map { $0(second) } ?? block.experts!(second).output
            try check(fed, "layers.\(index).mlp")
            h = block(h, rotary: decoder.rotary, mask: .causal, cache: &noCache, dropout: &noDropout).output
            try check(h, "layers.\(index).out")
        }
        try check(decoder.norm(h), "final_norm")
        #expect(acts.names.contains { $0.hasSuffix(".out") || $0 == "final_norm" })
    }

    @Test(arguments: cases)
    func decodingMatchesPyTorch(fixture: DecoderFixture) throws {
        let decoder = try fixture.decoder()
        let io = try fixture.golden("io")
        let expected = try io("decode_logits_cached")
        var (sequence, next) = (try io("decode_prompt").integers, try io("decode_prompt").integers)
        var cache: KeyValueCache? = decoder.makeCache()
        for step in 0..<expected.shape[0] {
            let hidden = decoder(decoder.embed(Tensor(integers: next, [1, next.count])), cache: &cache).hidden
            let logits = decoder.logits(hidden.select(axis: 1, hidden.shape[1] - 1))
            expectClose(logits, expected[step..<step + 1], within: Self.tolerance, "step \(step)")
            let whole = decoder(decoder.embed(Tensor(integers: sequence, [1, sequence.count]))).hidden
            let uncached = decoder.logits(whole.select(axis: 1, sequence.count - 1))
            #expect(logits.elements() == uncached.elements(), "step \(step): the cache changes bits")
            expectClose(
                uncached, try io("decode_logits_full")[step..<step + 1], within: Self.tolerance, "uncached step \(step)"
            )
            next = logits.argmax()
            sequence += next
        }
        #expect(try sequence == io("decode_sequence").integers)
        #expect(cache?.tokenCount == sequence.count - 1)

        // keys after rotation and values of the first layer
        let block = decoder.blocks[0]
        let seen = Tensor(integers: Array(sequence.dropLast()), [1, sequence.count - 1])
        var none: KeyValueCache.Layer?
        let (_, keys, values) = block.attention.projections(
            block.attentionNorm(decoder.embed(seen)), rotary: decoder.rotary, cache: &none)
        expectClose(keys, try io("cache_k_layer0"), within: Self.tolerance, "keys")
        expectClose(values, try io("cache_v_layer0"), within: Self.tolerance, "values")
    }

    /// Each row of the fixture's batch has the bits it has alone, also as a prompt beside longer ones.
    @Test(arguments: cases)
    func rowsAreThoseAlone(fixture: DecoderFixture) throws {
        let decoder = try fixture.decoder()
        let ids = try fixture.golden("io")("input_ids")
        let (batch, length) = (ids.shape[0], ids.shape[1])
        let together = decoder(decoder.embed(ids)).hidden
        let prompts = (0..<batch).map { row in Array(ids[row].integers.prefix(max(1, length - 3 * row))) }
        let padded = prompts.flatMap { $0 + [Int](repeating: 0, count: length - $0.count) }
        var options = SamplingOptions.greedy
        (options.maximumTokenCount, options.stopIDs) = (4, [])
        var generation = TokenGeneration(
            decoder, vectors: decoder.embed(Tensor(integers: padded, [batch, length])), lengths: prompts.map(\.count),
            ids: prompts, options: options, seed: 0)
        var logits = [generation.nextLogits]
        while generation.next() != nil { logits.append(generation.nextLogits) }
        for row in 0..<batch {
            let alone = decoder(decoder.embed(ids[row..<row + 1])).hidden
            #expect(alone.elements() == together[row..<row + 1].elements(), "row \(row)")
            for step in 0..<4 {
                let prefix = Array(generation.ids[row].prefix(prompts[row].count + step))
                let hidden = decoder(decoder.embed(Tensor(integers: prefix, [1, prefix.count]))).hidden
                let own = decoder.logits(hidden.select(axis: 1, prefix.count - 1))
                #expect(own.elements() == logits[step][row..<row + 1].elements(), "row \(row), step \(step)")
            }
        }
    }

    @Test(arguments: cases)
    func lossesAndGradientsMatchPyTorch(fixture: DecoderFixture) throws {
        let decoder = try fixture.decoder()
        let io = try fixture.golden("io")
        let expected = try fixture.golden("grads")
        let (ids, labels) = (try io("input_ids"), try io("labels"))
        let length = ids.shape[1]
        // the last token predicts nothing and is left out, as in the reference's training
        let inputs = ids.slice(axis: 1, 0..<length - 1)
        let targets = labels.slice(axis: 1, 1..<length).integers
        let (_, parts, gradients) = valueAndGradient(of: decoder) { decoder -> (Tensor, (Tensor, Tensor)) in
            let output = decoder(decoder.embed(inputs))
            let loss = linearCrossEntropy(hidden: output.hidden, weight: decoder.headWeight, targets: targets)
            let auxiliary = output.auxiliaryLoss ?? Tensor(0)
            return (loss + auxiliary, (loss.detached, auxiliary.detached))
        }
        expectClose(parts.0.reshaped([1]), try io("ce_loss"), within: Self.tolerance, "cross-entropy")
        expectClose(parts.1.reshaped([1]), try io("aux_loss"), within: Self.tolerance, "auxiliary loss")
        #expect(Set(expected.names).subtracting(["lm_head.weight"]).isSubset(of: decoder.parameters.keys))
        for name in expected.names {
            let reference = try expected(name)
            // an expert that no token chose has no gradient here and zeros in the reference
            expectClose(gradients[name] ?? .zeros(reference.shape), reference, within: Self.tolerance, name)
        }
    }
}
