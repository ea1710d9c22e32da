import SuccessStatistics
import Testing

@Suite struct PairedComparisonTests {
    @Test func pairsAreCounted() {
        let comparison = PairedComparison(
            first: [true, true, false, false, true], second: [true, false, true, false, false])
        #expect(comparison.bothCount == 1)
        #expect(comparison.onlyFirstCount == 2)
        #expect(comparison.onlySecondCount == 1)
        #expect(comparison.neitherCount == 1)
        #expect(comparison.first == SuccessRate(successCount: 3, trialCount: 5))
        #expect(comparison.second == SuccessRate(successCount: 2, trialCount: 5))
        #expect(comparison.difference == 0.2)
    }

    /// Five episodes won by the first, none by the second: 2 · ½⁵.
    @Test func fiveToNothingIsNoProof() {
        let comparison = PairedComparison(bothCount: 10, onlyFirstCount: 5, onlySecondCount: 0, neitherCount: 5)
        #expect(abs(comparison.pValue - 0.0625) < 1e-14)
        // episodes on which both do the same do not change it
        let alone = PairedComparison(bothCount: 0, onlyFirstCount: 5, onlySecondCount: 0, neitherCount: 0)
        #expect(alone.pValue == comparison.pValue)
    }

    @Test func policiesThatNeverDifferAreNotToldApart() {
        let comparison = PairedComparison(bothCount: 20, onlyFirstCount: 0, onlySecondCount: 0, neitherCount: 5)
        #expect(comparison.pValue == 1)
        // z²/(n + z²), as for no success in n trials
        let bound = SuccessRate(successCount: 0, trialCount: 25).wilsonInterval().upperBound
        let interval = comparison.differenceInterval()
        #expect(abs(interval.upperBound - bound) < 1e-12)
        #expect(abs(interval.lowerBound + bound) < 1e-12)
    }

    @Test func withoutTrialsNothingIsKnown() {
        let comparison = PairedComparison(first: [], second: [])
        #expect(comparison.difference == nil)
        #expect(comparison.pValue == 1)
        #expect(comparison.differenceInterval() == -1...1)
    }

    /// Against a policy that never fails the difference is minus the failure rate, and so is its lower end.
    @Test(arguments: [0, 1, 7, 20])
    func againstAPerfectPolicyTheLowerEndIsWilsons(successes: Int) {
        let comparison = PairedComparison(
            bothCount: successes, onlyFirstCount: 0, onlySecondCount: 20 - successes, neitherCount: 0)
        let wilson = SuccessRate(successCount: successes, trialCount: 20).wilsonInterval()
        let interval = comparison.differenceInterval()
        #expect(abs(interval.lowerBound - (wilson.lowerBound - 1)) < 1e-12)
        #expect(interval.contains(comparison.difference ?? 2))
    }

    @Test(arguments: ProportionReference.pairs)
    func testAndIntervalMatchTheReference(reference: ProportionReference.Pairs) {
        let comparison = PairedComparison(
            bothCount: reference.both, onlyFirstCount: reference.onlyFirst, onlySecondCount: reference.onlySecond,
            neitherCount: reference.neither)
        #expect(abs(comparison.pValue - reference.pValue) < 1e-12)
        let interval = comparison.differenceInterval()
        #expect(abs(interval.lowerBound - reference.lower) < 1e-7)
        #expect(abs(interval.upperBound - reference.upper) < 1e-7)
    }

    @Test func exchangingThePoliciesMirrorsTheResult() {
        let ab = PairedComparison(bothCount: 30, onlyFirstCount: 9, onlySecondCount: 4, neitherCount: 7)
        let ba = PairedComparison(bothCount: 30, onlyFirstCount: 4, onlySecondCount: 9, neitherCount: 7)
        #expect(ab.pValue == ba.pValue)
        #expect(abs(ab.differenceInterval().lowerBound + ba.differenceInterval().upperBound) < 1e-12)
        #expect(abs(ab.differenceInterval().upperBound + ba.differenceInterval().lowerBound) < 1e-12)
    }
}
