import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

@Suite struct FusionTests {
    @Test func runsAreFoundAlsoWhenTheyTouch() throws {
        let sequences = [[1, 9, 9, 9, 9, 2], [9, 9, 3, 3, 9, 9], [1, 2, 3, 4, 5, 6]]
        #expect(
            try ImageRun.find(in: sequences, placeholder: 9, tokensPerImage: 2) == [
                ImageRun(sequence: 0, tokens: 1..<3, image: 0), ImageRun(sequence: 0, tokens: 3..<5, image: 1),
                ImageRun(sequence: 1, tokens: 0..<2, image: 2), ImageRun(sequence: 1, tokens: 4..<6, image: 3),
            ])
        #expect(throws: ImageRunError(sequence: 0, start: 1, count: 3, tokensPerImage: 2)) {
            try ImageRun.find(in: [[0, 9, 9, 9, 0]], placeholder: 9, tokensPerImage: 2)
        }
    }

    @Test func neighboursAreJoinedRowByRow() {
        var generator = PhiloxGenerator(seed: 1)
        // 4 × 4 tokens of one number each, their index
        let tokens = Tensor((0..<16).map(Float.init), [1, 16, 1])
        let projector = Projector(.perceptron(merge: 2), inputWidth: 1, outputWidth: 3, using: &generator)
        #expect(projector(tokens).shape == [1, 4, 3])
        // the second square holds the tokens 2, 3, 6, 7; joining them by hand gives the same row
        let plain = Projector(.perceptron(merge: 1), inputWidth: 4, outputWidth: 3, using: &generator)
        var other = plain
        var weights: [String: Tensor] = projector.parameters
        weights["unused"] = nil
        other.updateParameters { name, parameter in parameter.value = weights[name]! }
        expectClose(
            other(Tensor([2, 3, 6, 7], [1, 1, 4]))[0][0], projector(tokens)[0][1], within: .elementwise)
    }

    @Test func imagesStandWhereTheRunsSay() {
        var generator = PhiloxGenerator(seed: 2)
        let vision = VisionTransformerConfiguration(
            family: .siglip, imageSize: 8, patchSize: 4, width: 32, layerCount: 1, headCount: 2, intermediateSize: 16,
            activation: .tanh, normEpsilon: 1e-6, output: .normalized)
        let model = VisionLanguageModel(
            vision: vision, projector: .identity, decoder: DecoderTests.small(), using: &generator)
        let rows = Tensor.normal([2, 4, 32], using: &generator)
        let ids = Tensor(integers: Array(0..<20), [2, 10])
        let vectors = model.embed(
            ids, rows: rows,
            at: [.init(sequence: 1, tokens: 5..<9, image: 0), .init(sequence: 0, tokens: 0..<4, image: 1)])
        let plain = model.decoder.embed(ids)
        #expect(vectors[1].slice(axis: 0, 5..<9).elements() == rows[0].elements())
        #expect(vectors[0].slice(axis: 0, 0..<4).elements() == rows[1].elements())
        #expect(vectors[0].slice(axis: 0, 4..<10).elements() == plain[0].slice(axis: 0, 4..<10).elements())
        #expect(vectors[1].slice(axis: 0, 0..<5).elements() == plain[1].slice(axis: 0, 0..<5).elements())
    }

    @Test func openVLAProjectorsHaveItsNames() {
        var generator = PhiloxGenerator(seed: 3)
        let fused = Projector(.openVLAFused, inputWidth: 6, outputWidth: 8, using: &generator)
        #expect(fused.parameters.mapValues(\.shape)["fc1.weight"] == [24, 6])
        #expect(fused.parameters.mapValues(\.shape)["fc2.weight"] == [8, 24])
        #expect(fused.parameters.mapValues(\.shape)["fc3.weight"] == [8, 8])
        #expect(fused(.zeros([1, 2, 6])).shape == [1, 2, 8])
        let single = Projector(.openVLA, inputWidth: 6, outputWidth: 8, using: &generator)
        #expect(Set(single.parameters.keys) == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"])
    }
}
