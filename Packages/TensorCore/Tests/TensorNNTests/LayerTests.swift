import TensorCore
import TensorNN
import TensorTestSupport
import Testing

/// A small generator for test data (SplitMix64).
private struct TestGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct LayerTests {
    struct Model: Module {
        var first: Linear
        var second: Linear
        mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("first", &first)
            try visitor.visit("second", &second)
        }
        func callAsFunction(_ x: Tensor) -> Tensor { second(first(x).silu()) }
    }

    private func model(seed: UInt64 = 3) -> Model {
        var generator = TestGenerator(state: seed)
        return Model(first: Linear(12, 20, using: &generator), second: Linear(20, 5, using: &generator))
    }

    private var x: Tensor {
        var generator = TestGenerator(state: 9)
        return .uniform(-1...1, [4, 12], using: &generator)
    }

    @Test func newAdaptersChangeNothingAndTrainAlone() throws {
        var adapted = model()
        var generator = TestGenerator(state: 4)
        adapted.addAdapters(rank: 2, scale: 0.5, standardDeviation: 0.5, using: &generator)
        expectClose(adapted(x), model()(x), within: .exact)
        let (_, gradients) = valueAndGradient(of: adapted) { $0(x).squared().mean() }
        #expect(
            gradients.names == [
                "first.lora.A.weight", "first.lora.B.weight", "second.lora.A.weight", "second.lora.B.weight",
            ])
    }

    @Test(arguments: [(DType.float16, 2e-3), (.bfloat16, 1.6e-2), (.int8, 2e-2)])
    func storedWeightsStayCloseForOneAndForManyRows(dtype: DType, error: Double) {
        var stored = model()
        stored.storeLinearWeights(as: dtype)
        #expect(stored.first.weight.value.dtype == dtype)
        let tolerance = Tolerance(relative: error, absolute: error)
        expectClose(stored(x), model()(x), within: tolerance, "4 rows")
        expectClose(stored(x[0..<1]), model()(x[0..<1]), within: tolerance, "1 row")
    }

    @Test func loadingNamesEverythingThatDoesNotFitAndChangesNothing() throws {
        var target = model()
        let before = target.parameters
        var weights = model(seed: 8).parameters
        weights["first.weight"] = nil
        weights["extra"] = Tensor([1])
        weights["first.bias"] = .zeros([19])
        weights["second.bias"] = Tensor([1, .nan, 0, 0, 0])
        let mismatch = try #require(throws: WeightMismatch.self) { try target.load(weights) }
        #expect(mismatch.missing == ["first.weight"])
        #expect(mismatch.unexpected == ["extra"])
        #expect(mismatch.wrongShapes == [.init(name: "first.bias", found: [19], expected: [20])])
        #expect(mismatch.notFinite == ["second.bias"])
        for (name, value) in target.parameters { #expect(value.elements() == before[name]?.elements()) }
    }

    @Test func loadingReportsWhatMayBeAbsent() throws {
        var target = model()
        var weights = model(seed: 8).parameters
        weights["second.bias"] = nil
        let report = try target.load(weights) { $0 == "second.bias" }
        #expect(report.absent == ["second.bias"])
        #expect(report.tensorCount == 3 && report.elementCount == 12 * 20 + 20 + 20 * 5)
        #expect(target.parameters["first.weight"]?.elements() == weights["first.weight"]?.elements())
    }

    @Test func clippingScalesToTheLimit() {
        let (_, gradients) = valueAndGradient(of: model()) { $0(x).squared().sum() }
        let clipped = gradients.clipped(toNorm: 0.5)
        expectClose(clipped.norm, 0.5, within: .reduction)
        #expect(gradients.clipped(toNorm: 1e6).norm == gradients.norm)
    }

    @Test func cacheContinuesWhereTheLastTokensEnded() {
        var generator = TestGenerator(state: 5)
        let attention = GroupedQueryAttention(
            hiddenSize: 16, headCount: 4, keyValueHeadCount: 2, queryKeyNormEpsilon: 1e-6, using: &generator)
        let rotary = RotaryTable(headSize: 4, positionCount: 64, base: 1e4)
        let x = Tensor.uniform(-1...1, [2, 40, 16], using: &generator)
        let whole = attention(x, rotary: rotary, mask: .causal)
        var cache: KeyValueCache.Layer? = KeyValueCache.Layer()
        var parts: [Tensor] = []
        // 40 tokens in pieces, beyond the first capacity of 16
        for range in [0..<7, 7..<8, 8..<31, 31..<40] {
            parts.append(attention(x.slice(axis: 1, range), rotary: rotary, mask: .causal, cache: &cache))
        }
        expectClose(.concatenated(parts, axis: 1), whole, within: .reduction)
    }

    /// Rows that were cut go on at their own places, to the bit of a row alone.
    @Test func rowsOfDifferentLengthsGoOnAlone() {
        var generator = TestGenerator(state: 5)
        let attention = GroupedQueryAttention(
            hiddenSize: 16, headCount: 4, keyValueHeadCount: 2, queryKeyNormEpsilon: 1e-6, using: &generator)
        let rotary = RotaryTable(headSize: 4, positionCount: 64, base: 1e4)
        let (x, next) = (
            Tensor.uniform(-1...1, [3, 20, 16], using: &generator),
            Tensor.uniform(-1...1, [3, 18, 16], using: &generator)
        )
        let lengths = [20, 3, 11]
        var cache = KeyValueCache(layerCount: 1)
        var layer: KeyValueCache.Layer? = cache.layers[0]
        _ = attention(x, rotary: rotary, mask: .causal, cache: &layer)
        cache.layers[0] = layer!
        cache.cut(toLengths: lengths)
        #expect(cache.tokenCount == 20 && cache.layers[0].lengths == lengths)
        layer = cache.layers[0]
        var alone = lengths.enumerated().map { row, length -> KeyValueCache.Layer? in
            var own: KeyValueCache.Layer? = KeyValueCache.Layer()
            _ = attention(x[row..<row + 1].slice(axis: 1, 0..<length), rotary: rotary, mask: .causal, cache: &own)
            return own
        }
        // one token, several, beyond the memory that is there
        for range in [0..<1, 1..<4, 4..<5, 5..<18] {
            let together = attention(next.slice(axis: 1, range), rotary: rotary, mask: .causal, cache: &layer)
            for row in 0..<3 {
                let part = next[row..<row + 1].slice(axis: 1, range)
                let own = attention(part, rotary: rotary, mask: .causal, cache: &alone[row])
                #expect(together[row..<row + 1].elements() == own.elements(), "row \(row), \(range)")
            }
        }
        #expect(layer?.lengths == [38, 21, 29])
    }

    @Test func routerGetsNoGradientFromOneNormalizedExpert() throws {
        var generator = TestGenerator(state: 6)
        let experts = MixtureOfExperts(
            hiddenSize: 6, intermediateSize: 8, expertCount: 3, expertsPerToken: 1, auxiliaryLoss: .none,
            using: &generator)
        let x = Tensor.uniform(-1...1, [2, 5, 6], using: &generator)
        let (_, gradients) = valueAndGradient(of: experts) { $0(x).output.squared().sum() }
        let router = try #require(gradients["gate.weight"])
        // the weight is p / (p + 1e-20) = 1 whatever p is
        expectClose(router, .zeros(router.shape), within: .init(relative: 0, absolute: 1e-6))
    }
}
