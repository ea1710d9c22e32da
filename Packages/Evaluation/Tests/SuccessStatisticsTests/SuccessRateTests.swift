import SuccessStatistics
import Testing

@Suite struct SuccessRateTests {
    @Test func outcomesAreCounted() {
        let rate = SuccessRate([true, false, true, true])
        #expect(rate == SuccessRate(successCount: 3, trialCount: 4))
        #expect(rate.value == 0.75)
        #expect(rate + SuccessRate(successCount: 1, trialCount: 6) == SuccessRate(successCount: 4, trialCount: 10))
    }

    @Test func withoutTrialsNothingIsKnown() {
        let rate = SuccessRate(successCount: 0, trialCount: 0)
        #expect(rate.value == nil)
        #expect(rate.wilsonInterval() == 0...1)
        #expect(rate.exactInterval() == 0...1)
        #expect(rate.description == "0 of 0")
    }

    /// With z = 1.96: 2/2 gives n/(n + z²) = 2/5.84 as the lower end of Wilson's interval, √0.025 of the exact one.
    @Test func twoOfTwoIsNoCertainty() {
        let rate = SuccessRate(successCount: 2, trialCount: 2)
        #expect(abs(rate.wilsonInterval().lowerBound - 2 / 5.841_459) < 1e-6)
        #expect(rate.wilsonInterval().upperBound == 1)
        #expect(abs(rate.exactInterval().lowerBound - 0.025.squareRoot()) < 1e-14)
        #expect(rate.description == "2 of 2, 100.0 % (95 % interval 34.2 % to 100.0 %)")
    }

    /// No success in n trials: z²/(n + z²), and exactly 1 − (α/2)^(1/n).
    @Test(arguments: [1, 10, 50, 1000])
    func noSuccessBoundsTheRateFromAbove(trials: Int) {
        let rate = SuccessRate(successCount: 0, trialCount: trials)
        let n = Double(trials)
        #expect(rate.wilsonInterval().lowerBound == 0)
        #expect(abs(rate.wilsonInterval().upperBound - 3.841_458_820_694_124 / (n + 3.841_458_820_694_124)) < 1e-14)
        let exact = rate.exactInterval()
        #expect(exact.lowerBound == 0)
        // (1 − upper)ⁿ = α/2
        var power = 1.0
        for _ in 0..<trials { power *= 1 - exact.upperBound }
        #expect(abs(power - 0.025) < 1e-12)
    }

    @Test(arguments: ProportionReference.proportions)
    func intervalsMatchStatsmodels(reference: ProportionReference.Proportion) {
        let rate = SuccessRate(successCount: reference.successes, trialCount: reference.trials)
        let wilson = rate.wilsonInterval(confidence: reference.confidence)
        #expect(abs(wilson.lowerBound - reference.wilsonLower) < 1e-12)
        #expect(abs(wilson.upperBound - reference.wilsonUpper) < 1e-12)
        let exact = rate.exactInterval(confidence: reference.confidence)
        #expect(abs(exact.lowerBound - reference.exactLower) < 1e-11)
        #expect(abs(exact.upperBound - reference.exactUpper) < 1e-11)
    }

    @Test func successesAndFailuresMirror() {
        for k in 0...25 {
            let (rate, mirrored) = (
                SuccessRate(successCount: k, trialCount: 25), SuccessRate(successCount: 25 - k, trialCount: 25)
            )
            #expect(abs(rate.wilsonInterval().lowerBound + mirrored.wilsonInterval().upperBound - 1) < 1e-14)
            #expect(abs(rate.exactInterval().lowerBound + mirrored.exactInterval().upperBound - 1) < 1e-14)
            #expect(rate.exactInterval().contains(rate.value ?? -1))
        }
    }

    /// What "exact" promises: at the lower end k or more successes have probability α/2.
    @Test(arguments: [(1, 5), (4, 9), (30, 40)])
    func exactIntervalEndsWhereTheTestRejects(k: Int, n: Int) {
        let p = SuccessRate(successCount: k, trialCount: n).exactInterval(confidence: 0.9).lowerBound
        var (tail, term) = (0.0, 1.0)
        for _ in 0..<n { term *= 1 - p }
        for i in 0...n {
            if i >= k { tail += term }
            term *= Double(n - i) / Double(i + 1) * p / (1 - p)
        }
        #expect(abs(tail - 0.05) < 1e-12)
    }

    @Test func moreConfidenceIsWider() {
        let rate = SuccessRate(successCount: 37, trialCount: 50)
        let widths = [0.5, 0.9, 0.99, 0.999_999].map { confidence in
            let interval = rate.wilsonInterval(confidence: confidence)
            return interval.upperBound - interval.lowerBound
        }
        #expect(widths == widths.sorted())
    }
}
