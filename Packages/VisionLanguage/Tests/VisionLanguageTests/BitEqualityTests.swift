import Parallel
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

/// The same bits, whichever way a sequence is computed.
@Suite(.serialized) struct BitEqualityTests {
    static let configurations: [DecoderConfiguration] = [
        sized(.miniMind07()), sized(.miniMind26()), sized(.miniMind07(), experts: .init()),
        sized(.miniMind26(), experts: .miniMind26),
    ]

    /// Widths with remainders for every register, and positions beyond one block of an inner axis.
    private static func sized(
        _ base: DecoderConfiguration, experts: DecoderConfiguration.Experts? = nil
    ) -> DecoderConfiguration {
        var c = base
        (c.hiddenSize, c.layerCount, c.headCount, c.keyValueHeadCount, c.headSize) = (72, 2, 6, 2, 12)
        (c.intermediateSize, c.vocabularySize, c.positionCount) = (100, 131, 700)
        c.experts = experts
        return c
    }

    private static func decoder(_ configuration: DecoderConfiguration) -> Decoder {
        var generator = PhiloxGenerator(seed: 3)
        return Decoder(configuration, using: &generator)
    }

    private static func ids(_ batch: Int, _ length: Int) -> Tensor {
        var generator = PhiloxGenerator(seed: 5)
        return Tensor(
            integers: (0..<batch * length).map { _ in Int.random(in: 0..<131, using: &generator) }, [batch, length])
    }

    @Test(arguments: configurations)
    func cachedStepsAreTheWholeSequence(configuration: DecoderConfiguration) {
        let decoder = Self.decoder(configuration)
        let (batch, length, prompt) = (2, 41, 23)
        let ids = Self.ids(batch, length)
        let whole = decoder(decoder.embed(ids)).hidden
        let logits = decoder.logits(whole)
        var cache: KeyValueCache? = decoder.makeCache()
        // the prompt, a piece of several tokens, then one by one
        for range in [0..<prompt, prompt..<prompt + 5] + (prompt + 5..<length).map({ $0..<$0 + 1 }) {
            let part = decoder(decoder.embed(ids.slice(axis: 1, range)), cache: &cache).hidden
            #expect(part.elements() == whole.slice(axis: 1, range).elements(), "hidden states of \(range)")
            #expect(decoder.logits(part).elements() == logits.slice(axis: 1, range).elements(), "logits of \(range)")
        }
    }

    /// Beyond 512 keys the sums over them are taken in several blocks.
    @Test func longSequencesToo() {
        let decoder = Self.decoder(Self.configurations[0])
        let ids = Self.ids(1, 600)
        let whole = decoder(decoder.embed(ids)).hidden
        var cache: KeyValueCache? = decoder.makeCache()
        for range in [0..<500, 500..<590] + (590..<600).map({ $0..<$0 + 1 }) {
            let part = decoder(decoder.embed(ids.slice(axis: 1, range)), cache: &cache).hidden
            #expect(part.elements() == whole.slice(axis: 1, range).elements(), "\(range)")
        }
    }

    @Test(arguments: configurations)
    func rowsOfABatchAreThoseAlone(configuration: DecoderConfiguration) {
        let decoder = Self.decoder(configuration)
        let ids = Self.ids(5, 33)
        let together = decoder(decoder.embed(ids)).hidden
        for row in 0..<5 {
            let alone = decoder(decoder.embed(ids[row..<row + 1])).hidden
            #expect(alone.elements() == together[row..<row + 1].elements(), "row \(row)")
        }
        // padding on the right, behind a causal mask, is not seen
        let short = decoder(decoder.embed(ids.slice(axis: 1, 0..<20))).hidden
        #expect(short.elements() == together.slice(axis: 1, 0..<20).elements())
    }

    @Test(arguments: configurations)
    func bitsDoNotDependOnThreads(configuration: DecoderConfiguration) {
        let before = KernelThreads.count
        defer { KernelThreads.count = before }
        let decoder = Self.decoder(configuration)
        let ids = Self.ids(3, 150)
        func run() -> (hidden: [Float], loss: Float, gradients: Gradients) {
            let (loss, hidden, gradients) = valueAndGradient(of: decoder) { decoder -> (Tensor, [Float]) in
                let hidden = decoder(decoder.embed(ids)).hidden
                let targets = ids.integers
                return (
                    linearCrossEntropy(hidden: hidden, weight: decoder.headWeight, targets: targets), hidden.elements()
                )
            }
            return (hidden, loss, gradients)
        }
        KernelThreads.count = 1
        let one = run()
        KernelThreads.count = 2
        let two = run()
        #expect(one.hidden == two.hidden && one.loss == two.loss)
        for name in one.gradients.names {
            #expect(one.gradients[name]?.elements() == two.gradients[name]?.elements(), "\(name)")
        }
    }

    /// Images, projector, decoder and their gradients.
    @Test func bitsOfImagesDoNotDependOnThreads() {
        let before = KernelThreads.count
        defer { KernelThreads.count = before }
        var generator = PhiloxGenerator(seed: 11)
        let model = VisionLanguageModel(
            vision: .init(
                family: .clip, imageSize: 96, patchSize: 8, width: 60, layerCount: 2, headCount: 3,
                intermediateSize: 70, activation: .quick, normEpsilon: 1e-5, output: .lastBlock),
            projector: .linear, decoder: Self.configurations[0], using: &generator)
        let pixels = Tensor.uniform(-1...1, [3, 3, 96, 96], using: &generator)
        let example = (0..<3).map { image in
            VisionLanguageExample(
                ids: [1] + [Int](repeating: 0, count: 144) + [5, 6 + image, 2],
                labels: [Int](repeating: -100, count: 145) + [5, 6 + image, 2], pixels: pixels[image..<image + 1],
                runs: [ImageRun(sequence: 0, tokens: 1..<145, image: 0)])
        }
        func run() -> (loss: Float, gradients: Gradients) {
            let (loss, gradients) = valueAndGradient(of: model) { model in
                var none: Dropout?
                return model.loss(on: VisionLanguageBatch(example), dropout: &none)
            }
            return (loss, gradients)
        }
        KernelThreads.count = 1
        let one = run()
        KernelThreads.count = 2
        let two = run()
        #expect(one.loss == two.loss && one.gradients.names.contains { $0.hasPrefix("vision_encoder.") })
        for name in one.gradients.names {
            #expect(one.gradients[name]?.elements() == two.gradients[name]?.elements(), "\(name)")
        }
    }

    /// Weights stored in half the bytes are multiplied in the same order too.
    @Test(arguments: [DType.bfloat16, .float16])
    func storedWeightsKeepTheBits(dtype: DType) {
        var decoder = Self.decoder(Self.configurations[1])
        decoder.storeLinearWeights(as: dtype)
        decoder.embedding.weight.value = decoder.embedding.weight.value.converted(to: dtype)
        let ids = Self.ids(1, 12)
        let whole = decoder.logits(decoder(decoder.embed(ids)).hidden)
        var cache: KeyValueCache? = decoder.makeCache()
        for range in [0..<9, 9..<10, 10..<12] {
            let part = decoder(decoder.embed(ids.slice(axis: 1, range)), cache: &cache).hidden
            #expect(decoder.logits(part).elements() == whole.slice(axis: 1, range).elements(), "\(range)")
        }
    }

    @Test func imagesOfABatchAreThoseAlone() {
        var generator = PhiloxGenerator(seed: 7)
        let tower = VisionTransformer(
            .init(
                family: .clip, imageSize: 32, patchSize: 8, width: 60, layerCount: 2, headCount: 3,
                intermediateSize: 70, activation: .quick, normEpsilon: 1e-5, output: .lastBlock), using: &generator)
        let pixels = Tensor.uniform(-1...1, [3, 3, 32, 32], using: &generator)
        let together = tower(pixels)
        for row in 0..<3 { #expect(tower(pixels[row..<row + 1]).elements() == together[row..<row + 1].elements()) }
        let small = ConvolutionalVisionTower(
            .init(imageSize: 32, stageWidths: [8, 12], tokenWidth: 10), using: &generator)
        let tokens = small(pixels)
        for row in 0..<3 { #expect(small(pixels[row..<row + 1]).elements() == tokens[row..<row + 1].elements()) }
    }
}
