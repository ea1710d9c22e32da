/// A success rate with its confidence intervals.
///
/// Two successes in two trials are no 100 %: the interval reaches from 34 % to 100 %.
public struct SuccessRate: Hashable, Sendable {
    /// Episodes that reached the goal.
    public let successCount: Int
    /// Episodes that were run, failed ones included; an episode that ended in an error is a failed one.
    public let trialCount: Int

    public init(successCount: Int, trialCount: Int) {
        precondition(
            successCount >= 0 && successCount <= trialCount, "SuccessRate: \(successCount) successes of \(trialCount)")
        self.successCount = successCount
        self.trialCount = trialCount
    }

    /// Counts outcomes, `true` for success.
    public init(_ outcomes: some Sequence<Bool>) {
        var (successes, trials) = (0, 0)
        for outcome in outcomes {
            trials += 1
            if outcome { successes += 1 }
        }
        self.init(successCount: successes, trialCount: trials)
    }

    /// Successes per trial, 0…1; nil before the first trial.
    public var value: Double? { trialCount == 0 ? nil : Double(successCount) / Double(trialCount) }

    /// The trials of both, as if run in one evaluation.
    public static func + (a: SuccessRate, b: SuccessRate) -> SuccessRate {
        SuccessRate(successCount: a.successCount + b.successCount, trialCount: a.trialCount + b.trialCount)
    }

    /// Wilson's score interval: the rates p for which the observed one is within z standard errors of p.
    ///
    ///     (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n)        z: the normal quantile of (1 + confidence)/2
    ///
    /// Holds the true rate in `confidence` of all evaluations on average over the rates; the one to report. Without a
    /// trial 0…1. Source: Wilson 1927, J. Am. Stat. Assoc. 22(158).
    public func wilsonInterval(confidence: Double = 0.95) -> ClosedRange<Double> {
        precondition(0 < confidence && confidence < 1, "wilsonInterval: a confidence of \(confidence)")
        guard let value else { return 0...1 }
        let n = Double(trialCount)
        let z = -SpecialFunctions.normalQuantile((1 - confidence) / 2)
        let half = z * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        let center = value + z * z / (2 * n)
        let scale = 1 / (1 + z * z / n)

        // at the ends both terms cancel but for rounding
        let lower = successCount == 0 ? 0 : (center - half) * scale
        let upper = successCount == trialCount ? 1 : (center + half) * scale
        return lower...upper
    }

    /// The exact interval of Clopper and Pearson: the rates that neither one-sided binomial test at
    /// `(1 − confidence)/2` rejects.
    ///
    ///     B(α/2; k, n − k + 1) … B(1 − α/2; k + 1, n − k)        B: the quantile of the beta distribution
    ///
    /// Holds the true rate in at least `confidence` of all evaluations, whatever the rate; wider than Wilson's. Without a
    /// trial 0…1. Source: Clopper & Pearson 1934, Biometrika 26(4).
    public func exactInterval(confidence: Double = 0.95) -> ClosedRange<Double> {
        precondition(0 < confidence && confidence < 1, "exactInterval: a confidence of \(confidence)")
        let (k, n, tail) = (Double(successCount), Double(trialCount), (1 - confidence) / 2)
        let lower = successCount == 0 ? 0 : SpecialFunctions.betaQuantile(tail, k, n - k + 1)
        // the upper tail is the lower tail of the failures
        let upper = successCount == trialCount ? 1 : 1 - SpecialFunctions.betaQuantile(tail, n - k, k + 1)
        return lower...upper
    }
}

extension SuccessRate: CustomStringConvertible {
    /// Counts, rate and Wilson's interval: `2 of 2, 100.0 % (95 % interval 34.2 % to 100.0 %)`.
    public var description: String {
        guard let value else { return "0 of 0" }
        let interval = wilsonInterval()
        return "\(successCount) of \(trialCount), \(percent(value)) "
            + "(95 % interval \(percent(interval.lowerBound)) to \(percent(interval.upperBound)))"
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int((min(max(share, 0), 1) * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
