import SuccessStatistics
import TensorCore
import Testing

/// Thousands of simulated evaluations with known rates: intervals hold them and tests err as often as they promise.
@Suite struct CalibrationTests {
    static let runCount = 3000

    /// Three standard errors of a share that is found in ``runCount`` runs.
    static func margin(_ share: Double) -> Double { 3 * (share * (1 - share) / Double(runCount)).squareRoot() }

    /// The share of simulated evaluations for which something holds, by the number of their successes.
    private func share(rate: Double, episodes: Int, _ holds: [Bool]) -> Double {
        var generator = PhiloxGenerator(seed: 31, stream: UInt64(rate * 1000) << 16 | UInt64(episodes))
        var count = 0
        for _ in 0..<Self.runCount {
            var successes = 0
            for _ in 0..<episodes where Double.random(in: 0..<1, using: &generator) < rate { successes += 1 }
            if holds[successes] { count += 1 }
        }
        return Double(count) / Double(Self.runCount)
    }

    /// Clopper–Pearson's interval holds the rate in at least 95 % of evaluations at any rate; Wilson's does so on average
    /// over rates, and at none much less often.
    @Test(arguments: [20, 50, 200])
    func intervalsHoldTheRate(episodes: Int) {
        let counts = (0...episodes).map { SuccessRate(successCount: $0, trialCount: episodes) }
        let (wilson, exact) = (counts.map { $0.wilsonInterval() }, counts.map { $0.exactInterval() })
        let rates = [0.05, 0.3, 0.5, 0.8, 0.95]
        var sum = 0.0
        for rate in rates {
            let exactShare = share(rate: rate, episodes: episodes, exact.map { $0.contains(rate) })
            #expect(exactShare >= 0.95 - Self.margin(0.95), "\(rate)")
            let wilsonShare = share(rate: rate, episodes: episodes, wilson.map { $0.contains(rate) })
            #expect(wilsonShare >= 0.92 - Self.margin(0.92), "\(rate)")
            sum += wilsonShare
        }
        #expect(abs(sum / Double(rates.count) - 0.95) < 0.015)
    }

    /// Two policies on the same 50 starts, each of which is easy or hard for both: McNemar's test calls equal ones
    /// different in at most 5 % of comparisons, and the interval of the difference holds it in about 95 %.
    @Test(arguments: [(0.0, 0.15), (0.0, 0.4), (0.1, 0.3), (0.3, 0.4)])
    func pairsAreComparedAsPromised(difference: Double, discordance: Double) {
        var generator = PhiloxGenerator(seed: 32, stream: UInt64(difference * 100) << 8 | UInt64(discordance * 100))
        let onlyFirst = (discordance + difference) / 2
        var (found, held) = (0, 0)
        for _ in 0..<Self.runCount {
            var counts = [0, 0, 0, 0]
            for _ in 0..<50 {
                let draw = Double.random(in: 0..<1, using: &generator)
                counts[draw < onlyFirst ? 0 : draw < discordance ? 1 : draw < (1 + discordance) / 2 ? 2 : 3] += 1
            }
            let comparison = PairedComparison(
                bothCount: counts[2], onlyFirstCount: counts[0], onlySecondCount: counts[1], neitherCount: counts[3])
            if comparison.pValue <= 0.05 { found += 1 }
            if comparison.differenceInterval().contains(difference) { held += 1 }
        }
        let (foundShare, heldShare) = (Double(found) / Double(Self.runCount), Double(held) / Double(Self.runCount))
        if difference == 0 { #expect(foundShare <= 0.05 + Self.margin(0.05)) }
        #expect(heldShare >= 0.94 - Self.margin(0.94) && heldShare < 0.98)
    }

    /// The planned number of episodes gives an interval as narrow as asked for, on average.
    @Test(arguments: [(0.1, 0.5), (0.05, 0.9)])
    func plannedIntervalsAreAsNarrow(halfWidth: Double, rate: Double) {
        let episodes = SampleSize.episodes(forHalfWidth: halfWidth, rate: rate)
        var generator = PhiloxGenerator(seed: 33)
        var sum = 0.0
        let runs = 300
        for _ in 0..<runs {
            let outcomes = (0..<episodes).map { _ in Double.random(in: 0..<1, using: &generator) < rate }
            let interval = SuccessRate(outcomes).wilsonInterval()
            sum += (interval.upperBound - interval.lowerBound) / 2
        }
        #expect(abs(sum / Double(runs) - halfWidth) < 0.05 * halfWidth)
    }
}
