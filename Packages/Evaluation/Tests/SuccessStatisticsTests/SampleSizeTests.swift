import TensorCore
import Testing

@testable import SuccessStatistics

@Suite struct SampleSizeTests {
    /// (1.96 / 2h)² for Wald's interval at ½; Wilson's needs z² less.
    @Test func halfWidthsMatchTheFormula() {
        for halfWidth in [0.05, 0.1, 0.02] {
            let wald = (1.959964 / (2 * halfWidth)) * (1.959964 / (2 * halfWidth))
            let count = SampleSize.episodes(forHalfWidth: halfWidth)
            #expect(abs(Double(count) - (wald - 3.84)) <= 2)
        }
        #expect(SampleSize.episodes(forHalfWidth: 0.05, rate: 0.95) < 120)
    }

    /// The planned number of episodes finds the difference about as often as it was asked to.
    @Test(arguments: [(0.9, 0.7, 0.8), (0.6, 0.4, 0.9)])
    func plannedPowerIsReached(first: Double, second: Double, power: Double) throws {
        let count = try #require(SampleSize.pairedEpisodes(first: first, second: second, power: power))
        var generator = PhiloxGenerator(seed: 4, stream: UInt64(power * 10))
        var found = 0
        let runs = 600
        for _ in 0..<runs {
            func outcomes(_ rate: Double) -> [Bool] {
                (0..<count).map { _ in Double.random(in: 0..<1, using: &generator) < rate }
            }
            if PairedComparison(first: outcomes(first), second: outcomes(second)).pValue <= 0.05 { found += 1 }
        }
        let error = (power * (1 - power) / Double(runs)).squareRoot()
        #expect(abs(Double(found) / Double(runs) - power) < 0.02 + 3 * error)
        #expect(SampleSize.pairedPower(count - 2, first * (1 - second) + second * (1 - first), 0.5, 0.05) < 0.05)
    }

    @Test func alikePoliciesNeedFewerOrNone() throws {
        let independent = try #require(SampleSize.pairedEpisodes(first: 0.8, second: 0.7))
        let alike = try #require(SampleSize.pairedEpisodes(first: 0.8, second: 0.7, discordance: 0.12))
        #expect(alike < independent / 2)
        #expect(SampleSize.pairedEpisodes(first: 0.5, second: 0.5) == nil)
    }
}
