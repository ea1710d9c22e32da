import ActionTokenizer
import Testing

@Suite struct BinActionTokenizerTests {
    let tokenizer = BinActionTokenizer(vocabularySize: 32_000)

    /// `np.digitize([-1, 0, 1], np.linspace(-1, 1, 256))` gives bins 1, 128, 256 (NumPy 2.4).
    @Test(arguments: [(Float(-1), 31_999), (0, 31_872), (1, 31_744)])
    func tokenIDsMatchOpenVLA(value: Float, expected: Int) {
        #expect(tokenizer.tokenID(for: value) == expected)
    }

    @Test func valuesOutsideTheRangeTakeItsEnds() {
        #expect(tokenizer.bin(for: -7) == 0)
        #expect(tokenizer.bin(for: 7) == 255)
        #expect(tokenizer.bin(for: -.infinity) == 0)
        #expect(tokenizer.bin(for: .infinity) == 255)
        #expect(tokenizer.bin(for: -0.0) == tokenizer.bin(for: 0.0))
    }

    /// An edge belongs to the bin above it; the last one to a bin of its own.
    @Test func edgesBelongToTheBinAbove() {
        let tokenizer = BinActionTokenizer(tokens: ActionTokenMap(lastIDsOf: 10, binCount: 5), range: 0...4)
        #expect([0, 0.999, 1, 1.5, 3, 3.999, 4].map { tokenizer.bin(for: $0) } == [0, 0, 1, 1, 3, 3, 4])
        #expect((0..<5).map { tokenizer.value(for: 9 - $0) } == [0.5, 1.5, 2.5, 3.5, 3.5])
    }

    @Test func everyBinComesBackButTheLast() throws {
        for bin in 0..<256 {
            let id = tokenizer.tokens.tokenID(ofBin: bin)
            let value = try #require(tokenizer.value(for: id))
            #expect(tokenizer.bin(for: value) == min(bin, 254))
        }
    }

    @Test func roundTripErrorIsHalfABin() throws {
        for step in 0...1_000 {
            let x = -1 + 0.002 * Double(step)
            let back = try #require(tokenizer.value(for: tokenizer.tokenID(for: x)))
            #expect(abs(back - x) <= 1.0 / 255 + 1e-15)
        }
    }

    @Test func tokensOfTextDecodeToNothing() {
        #expect(tokenizer.value(for: 31_743) == nil)
        #expect(tokenizer.value(for: 32_000) == nil)
        #expect(throws: ActionTokenError.notAnActionToken(5, dimension: 1)) {
            try tokenizer.action(for: [31_999, 5])
        }
    }

    @Test func notANumberIsRefused() {
        #expect(throws: ActionTokenError.notANumber(dimension: 2)) { try tokenizer.tokenIDs(for: [0, 1, .nan]) }
    }

    @Test func everyDimensionHasItsRange() throws {
        let statistics = try ActionStatistics(lowerQuantile: [-0.5, 3, -1], upperQuantile: [0.5, 3, 1])
        let tokens = ActionTokenMap(lastIDsOf: 6_400)
        let tokenizer = try BinActionTokenizer(tokens: tokens, quantilesOf: statistics)
        #expect(tokenizer.dimensionCount == 3)

        // the ends of each range; a dimension that never changes has one value
        let ids = try tokenizer.tokenIDs(for: [-0.5, 3, 1])
        #expect(ids == [6_399, 6_144, 6_144])
        let back = try tokenizer.action(for: ids)
        #expect(back[1] == 3)
        #expect(abs(back[0] + 0.5) <= 0.5 / 255)
        #expect(throws: ActionTokenError.dimensionCount(2, expected: 3)) { try tokenizer.tokenIDs(for: [0, 0]) }
        #expect(throws: ActionStatisticsError.self) {
            try BinActionTokenizer(tokens: tokens, quantilesOf: ActionStatistics(mean: [0]))
        }
    }
}
