import SuccessStatistics
import Foundation
import TensorCore
import Testing

@Suite struct SequentialTestTests {
    /// One failure, asked whether the rate is below ½: ∫₀^½ (1 − q)/½ dq / ½ = 3/2.
    @Test func oneTrialByHand() {
        let failure = SuccessRate(successCount: 0, trialCount: 1)
        #expect(abs(exp(SequentialTest.logEvidence(thatRateIsBelow: 0.5, failure)) - 1.5) < 1e-12)
        #expect(abs(exp(SequentialTest.logEvidence(thatRateIsAbove: 0.5, failure)) - 0.5) < 1e-12)
        #expect(
            abs(SequentialTest.logEvidence(thatRateIsBelow: 0.3, SuccessRate(successCount: 0, trialCount: 0))) < 1e-12)
    }

    /// The expectation over the next trial at the boundary rate is the value itself.
    @Test(arguments: [(0.5, 3, 10), (0.9, 40, 60), (0.05, 0, 7), (0.8, 12, 15)])
    func evidenceIsAMartingaleAtTheBoundary(rate: Double, k: Int, n: Int) {
        func evidence(_ k: Int, _ n: Int) -> Double {
            exp(SequentialTest.logEvidence(thatRateIsBelow: rate, SuccessRate(successCount: k, trialCount: n)))
        }
        let next = rate * evidence(k + 1, n + 1) + (1 - rate) * evidence(k, n + 1)
        #expect(abs(next / evidence(k, n) - 1) < 1e-9)
    }

    @Test func farTailsStayFinite() {
        let never = SuccessRate(successCount: 0, trialCount: 5000)
        let always = SuccessRate(successCount: 5000, trialCount: 5000)
        for rate in [0.02, 0.5, 0.98] {
            for observed in [never, always] {
                #expect(SequentialTest.logEvidence(thatRateIsBelow: rate, observed).isFinite)
                #expect(SequentialTest.logEvidence(thatRateIsAbove: rate, observed).isFinite)
            }
        }
    }

    /// Looked at after each of 300 episodes, a policy of exactly the rate in question is called broken in at most 5 %.
    @Test(arguments: [0.5, 0.9])
    func looksCostNothing(rate: Double) {
        var generator = PhiloxGenerator(seed: 5, stream: UInt64(rate * 100))
        let stop = EarlyStop(.isBelow(rate), error: 0.05)
        var alarms = 0
        let runs = 300
        for _ in 0..<runs {
            let outcomes = (0..<300).map { _ in Double.random(in: 0..<1, using: &generator) < rate }
            if stop.decision(outcomes) != nil { alarms += 1 }
        }
        // three standard errors above 5 %
        #expect(Double(alarms) / Double(runs) < 0.05 + 3 * (0.05 * 0.95 / Double(runs)).squareRoot())
    }

    /// A fixed test looked at again and again would not pass the test above.
    @Test func peekingAtAFixedTestCosts() {
        var generator = PhiloxGenerator(seed: 5)
        var alarms = 0
        for _ in 0..<200 {
            var successes = 0
            for n in 1...300 {
                if Bool.random(using: &generator) { successes += 1 }
                let interval = SuccessRate(successCount: successes, trialCount: n).wilsonInterval(confidence: 0.9)
                if n >= 10, interval.upperBound < 0.5 {
                    alarms += 1
                    break
                }
            }
        }
        #expect(Double(alarms) / 200 > 0.15)
    }

    /// A broken policy is found out soon: by seven failures at best, when (2⁸ − 1)/8 exceeds 20.
    @Test func aBrokenPolicyIsFoundSoon() throws {
        var generator = PhiloxGenerator(seed: 6)
        let stop = EarlyStop(.isBelow(0.5))
        var lengths: [Int] = []
        for _ in 0..<100 {
            let outcomes = (0..<300).map { _ in Double.random(in: 0..<1, using: &generator) < 0.1 }
            let decision = try #require(stop.decision(outcomes))
            lengths.append(decision.episodeCount)
        }
        #expect(lengths.sorted()[50] <= 15 && lengths.max()! < 80)
        #expect(stop.decision([Bool](repeating: false, count: 100))?.episodeCount == 7)
    }

    /// Two equal policies are told apart in at most 5 % of runs, however often one looks; a better one is found.
    @Test func betterIsOnlySaidOfTheBetter() {
        func share(_ first: Double, _ second: Double, seed: UInt64) -> Double {
            var generator = PhiloxGenerator(seed: seed)
            var found = 0
            for _ in 0..<200 {
                var (firsts, seconds) = ([Bool](), [Bool]())
                for _ in 0..<150 {
                    firsts.append(Double.random(in: 0..<1, using: &generator) < first)
                    seconds.append(Double.random(in: 0..<1, using: &generator) < second)
                    let comparison = PairedComparison(first: firsts, second: seconds)
                    if SequentialTest.logEvidenceThatFirstIsBetter(comparison) >= log(20) {
                        found += 1
                        break
                    }
                }
            }
            return Double(found) / 200
        }
        #expect(share(0.7, 0.7, seed: 1) < 0.05 + 3 * (0.05 * 0.95 / 200).squareRoot())
        #expect(share(0.4, 0.7, seed: 2) < 0.01)
        #expect(share(0.8, 0.5, seed: 3) > 0.95)
    }

    /// The interval holds the rate at all of 200 looks in at least 95 % of runs.
    @Test(arguments: [0.03, 0.5, 0.95])
    func anytimeIntervalHolds(rate: Double) {
        var generator = PhiloxGenerator(seed: 8, stream: UInt64(rate * 100))
        var misses = 0
        for _ in 0..<200 {
            var successes = 0
            for n in 1...200 {
                if Double.random(in: 0..<1, using: &generator) < rate { successes += 1 }
                let observed = SuccessRate(successCount: successes, trialCount: n)
                if !SequentialTest.interval(observed).contains(rate) {
                    misses += 1
                    break
                }
            }
        }
        #expect(Double(misses) / 200 < 0.05 + 3 * (0.05 * 0.95 / 200).squareRoot())
    }

    @Test func anytimeIntervalIsWiderThanWilsons() {
        for (k, n) in [(0, 10), (5, 10), (190, 200), (10, 10)] {
            let rate = SuccessRate(successCount: k, trialCount: n)
            let (anytime, wilson) = (SequentialTest.interval(rate), rate.wilsonInterval())
            #expect(anytime.upperBound - anytime.lowerBound > wilson.upperBound - wilson.lowerBound)
        }
        #expect(SequentialTest.interval(SuccessRate(successCount: 0, trialCount: 0)) == 0...1)
    }
}
