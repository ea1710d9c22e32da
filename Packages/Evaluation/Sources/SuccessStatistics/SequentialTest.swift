import Foundation

/// Evidence that grows with the episodes and may be looked at after each of them.
///
/// An e-process: under the hypothesis its expected value is at most 1 at every moment at which one may stop, so that it
/// ever reaches 1/α with probability at most α (Ville's inequality). A p value of a fixed test is wrong when one looks
/// again and again; this one is not. Source: Ramdas et al. 2023, "Game-theoretic statistics and safe anytime-valid
/// inference", Statistical Science 38(4).
public enum SequentialTest {
    /// The logarithm of the evidence that a success rate is below `rate`.
    ///
    ///     E = ∫₀^r  (q/r)^k ((1 − q)/(1 − r))^(n−k)  dq / r         k successes of n
    ///
    /// The average likelihood ratio over lower rates q; for every rate at or above r its expectation does not grow.
    public static func logEvidence(thatRateIsBelow rate: Double, _ observed: SuccessRate) -> Double {
        precondition(0 < rate && rate < 1, "SequentialTest: a rate of \(rate)")
        let (k, n) = (Double(observed.successCount), Double(observed.trialCount))
        return logBetaIntegral(0, rate, k, n - k) - log(rate) - k * log(rate) - (n - k) * log1p(-rate)
    }

    /// The logarithm of the evidence that a success rate is above `rate`.
    public static func logEvidence(thatRateIsAbove rate: Double, _ observed: SuccessRate) -> Double {
        logEvidence(
            thatRateIsBelow: 1 - rate,
            SuccessRate(
                successCount: observed.trialCount - observed.successCount, trialCount: observed.trialCount))
    }

    /// The logarithm of the evidence that the first of two policies succeeds more often.
    ///
    /// Only episodes on which they differ count: if both were equally good, each would be a fair coin toss.
    public static func logEvidenceThatFirstIsBetter(_ comparison: PairedComparison) -> Double {
        logEvidence(
            thatRateIsAbove: 0.5,
            SuccessRate(
                successCount: comparison.onlyFirstCount,
                trialCount: comparison.onlyFirstCount + comparison.onlySecondCount))
    }

    /// The rates that are not rejected at any moment so far: an interval that holds the rate at all moments at once with
    /// probability `confidence`.
    ///
    /// Those rates p for which the average likelihood ratio over all rates, `B(k+1, n−k+1) / (p^k (1−p)^(n−k))`, is below
    /// 1/(1 − confidence). Wider than an interval that is looked at once.
    public static func interval(_ observed: SuccessRate, confidence: Double = 0.95) -> ClosedRange<Double> {
        precondition(0 < confidence && confidence < 1, "interval: a confidence of \(confidence)")
        let (k, n) = (Double(observed.successCount), Double(observed.trialCount))
        guard let value = observed.value else { return 0...1 }
        let limit = -log(1 - confidence)
        let logMean = logBeta(k + 1, n - k + 1)
        func excess(_ p: Double) -> Double {
            let logLikelihood = (k == 0 ? 0 : k * log(p)) + (k == n ? 0 : (n - k) * log1p(-p))
            return logMean - logLikelihood - limit
        }
        let lower = k == 0 ? 0 : SpecialFunctions.root(in: 0...value) { -excess($0) }
        let upper = k == n ? 1 : SpecialFunctions.root(in: value...1, of: excess)
        return lower...upper
    }

    /// `log ∫ q^a (1 − q)^b dq` from lower to upper, where one of the ends is 0.
    private static func logBetaIntegral(_ lower: Double, _ upper: Double, _ a: Double, _ b: Double) -> Double {
        let share = SpecialFunctions.incompleteBeta(upper, a + 1, b + 1)
        guard share > 1e-280 else {
            // the integrand rises all the way to the upper end: substitute q = upper · s
            return logLeftTail(upper, a, b)
        }
        return log(share) + logBeta(a + 1, b + 1)
    }

    /// The same far in the left tail: the continued fraction's leading factor alone underflows, its logarithm does not.
    private static func logLeftTail(_ x: Double, _ a: Double, _ b: Double) -> Double {
        // ∫₀^x q^a (1−q)^b dq = x^(a+1) (1−x)^b / (a+1) · Σ (terms of the hypergeometric series 2F1(−b, 1; a+2; x/(x−1)))
        let z = x / (x - 1)
        var (term, sum) = (1.0, 1.0)
        for i in 0..<100_000 {
            let i = Double(i)
            term *= (i - b) / (a + 2 + i) * z
            sum += term
            if abs(term) < 1e-16 * abs(sum) { break }
        }
        return (a + 1) * log(x) + b * log1p(-x) - log(a + 1) + log(sum)
    }

    private static func logBeta(_ a: Double, _ b: Double) -> Double {
        SpecialFunctions.logGamma(a) + SpecialFunctions.logGamma(b) - SpecialFunctions.logGamma(a + b)
    }
}
