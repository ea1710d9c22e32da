import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

@Suite struct DecoderTests {
    static func small(_ change: (inout DecoderConfiguration) -> Void = { _ in }) -> DecoderConfiguration {
        var c = DecoderConfiguration.miniMind07(hiddenSize: 32, layerCount: 2)
        (c.vocabularySize, c.headCount, c.headSize, c.intermediateSize, c.positionCount) = (50, 4, 8, 48, 64)
        change(&c)
        return c
    }

    static func small26(_ change: (inout DecoderConfiguration) -> Void = { _ in }) -> DecoderConfiguration {
        var c = DecoderConfiguration.miniMind26(hiddenSize: 32, layerCount: 2)
        (c.vocabularySize, c.headCount, c.headSize, c.intermediateSize, c.positionCount) = (50, 4, 8, 48, 64)
        c.keyValueHeadCount = 2
        change(&c)
        return c
    }

    /// The numbers of the published models.
    @Test func parameterCountsAreThePublishedOnes() {
        #expect(DecoderConfiguration.miniMind07().parameterCount == 25_829_888)
        #expect(DecoderConfiguration.miniMind07(hiddenSize: 768, layerCount: 16).parameterCount == 104_030_976)
        #expect(
            DecoderConfiguration.miniMind07(hiddenSize: 640, layerCount: 8, experts: .init()).parameterCount
                == 145_029_760)
        #expect(DecoderConfiguration.miniMind26().parameterCount == 63_912_192)
        #expect(DecoderConfiguration.miniMind26(experts: .miniMind26).parameterCount == 198_416_640)
    }

    @Test func parametersAreAsManyAsCounted() {
        var generator = PhiloxGenerator(seed: 1)
        for change: (inout DecoderConfiguration) -> Void in [
            { _ in }, { $0.experts = .init() }, { $0.tiesEmbeddings = false }, { $0.normalizesQueriesAndKeys = true },
        ] {
            let configuration = Self.small(change)
            #expect(
                Decoder(configuration, using: &generator).parameterCount() == configuration.parameterCount)
        }
    }

    @Test func configurationsSurviveCoding() throws {
        let configuration = Self.small {
            $0.experts = .miniMind26
            $0.yarn = .init()
        }
        let data = try JSONEncoder().encode(configuration)
        #expect(try JSONDecoder().decode(DecoderConfiguration.self, from: data) == configuration)
    }

    @Test func wrongConfigurationsAreNamed() {
        #expect(throws: ConfigurationError.self) { try Self.small { $0.keyValueHeadCount = 3 }.validate() }
        #expect(throws: ConfigurationError.self) { try Self.small { $0.headSize = 7 }.validate() }
        #expect(throws: ConfigurationError.self) { try Self.small { $0.dropout = 1 }.validate() }
        let json = Data(#"{"hidden_act": "relu", "num_experts": 4}"#.utf8)
        #expect { try DecoderConfiguration(miniMind: json) } throws: { "\($0)".contains("relu") }
        #expect(throws: ConfigurationError.self) { try DecoderConfiguration(miniMind: Data("{}".utf8)) }
        #expect { try DecoderConfiguration(miniMind: Data(#"{"num_experts": "x"}"#.utf8)) } throws: {
            "\($0)".contains("num_experts")
        }
    }

    /// Every query sees every key: the order of the other tokens does not matter to a model without positions, and the
    /// first token changes when the last one does.
    @Test func fullMaskSeesLaterTokens() {
        var generator = PhiloxGenerator(seed: 2)
        let decoder = Decoder(Self.small(), using: &generator)
        let x = Tensor.normal([1, 5, 32], using: &generator)
        let y = x.replacingLastToken(with: .normal([1, 1, 32], using: &generator))
        let (causal, other) = (decoder(x).hidden, decoder(y).hidden)
        #expect(causal.slice(axis: 1, 0..<4).elements() == other.slice(axis: 1, 0..<4).elements())
        let (full, changed) = (decoder(x, mask: .full).hidden, decoder(y, mask: .full).hidden)
        #expect(full.select(axis: 1, 0).elements() != changed.select(axis: 1, 0).elements())
        let prefix = decoder(x, mask: .prefix(lengths: [5])).hidden
        expectClose(prefix, full, within: .reduction)
    }

    @Test func dropoutDrawsFromItsGenerator() {
        var generator = PhiloxGenerator(seed: 3)
        let decoder = Decoder(Self.small { $0.dropout = 0.2 }, using: &generator)
        let x = Tensor.normal([2, 6, 32], using: &generator)
        func run(_ stream: UInt64) -> [Float] {
            var dropout = decoder.trainingDropout(PhiloxGenerator(seed: 5, stream: stream))
            var none: KeyValueCache?
            return decoder(x, cache: &none, dropout: &dropout).hidden.elements()
        }
        #expect(run(1) == run(1))
        #expect(run(1) != run(2))
        #expect(run(1) != decoder(x).hidden.elements())
    }

    /// With a probability so small that nothing is dropped, the attention with its scores in memory is the other one.
    @Test func attentionWithDropoutComputesTheSame() {
        var generator = PhiloxGenerator(seed: 4)
        let decoder = Decoder(Self.small(), using: &generator)
        let x = Tensor.normal([2, 6, 32], using: &generator)
        let padding = Tensor(scalars: [1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1] as [UInt8], [2, 6])
        for mask in [
            AttentionMask.causal, .full, .prefix(lengths: [2, 4]), .blocks(openedBy: [1, 0, 1, 0, 1, 1]),
            .causal.padding(padding),
        ] {
            var dropout: Dropout? = Dropout(probability: 1e-12, generator: PhiloxGenerator(seed: 5))
            var none: KeyValueCache?
            let dropped = decoder(x, mask: mask, cache: &none, dropout: &dropout).hidden
            expectClose(dropped, decoder(x, mask: mask).hidden, within: .init(relative: 1e-4, absolute: 1e-5))
        }
    }

    /// A model that is only going to be loaded does not draw its weights.
    @Test func zeroWeightsTakeNoMemory() {
        var generator = PhiloxGenerator(seed: 4)
        let decoder = Decoder(Self.small { $0.initialization = .zero }, using: &generator)
        #expect(generator == PhiloxGenerator(seed: 4))
        decoder.forEachParameter { name, parameter in
            if parameter.value.rank == 2 { #expect(parameter.value.strides == [0, 0], "\(name)") }
        }
    }
}

extension Tensor {
    fileprivate func replacingLastToken(with token: Tensor) -> Tensor {
        .concatenated([slice(axis: 1, 0..<shape[1] - 1), token], axis: 1)
    }
}
