/// Two policies on the same episodes: same tasks, same initial states.
///
/// Only episodes on which they differ show which one is better; comparing two success rates as if the episodes were not the
/// same discards that information.
public struct PairedComparison: Hashable, Sendable {
    /// Episodes on which both succeeded.
    public let bothCount: Int
    /// Episodes on which only the first succeeded.
    public let onlyFirstCount: Int
    /// Episodes on which only the second succeeded.
    public let onlySecondCount: Int
    /// Episodes on which neither succeeded.
    public let neitherCount: Int

    public init(bothCount: Int, onlyFirstCount: Int, onlySecondCount: Int, neitherCount: Int) {
        precondition(
            min(bothCount, onlyFirstCount, onlySecondCount, neitherCount) >= 0,
            "PairedComparison: counts \([bothCount, onlyFirstCount, onlySecondCount, neitherCount])")
        self.bothCount = bothCount
        self.onlyFirstCount = onlyFirstCount
        self.onlySecondCount = onlySecondCount
        self.neitherCount = neitherCount
    }

    /// Counts outcomes, `true` for success; entry i of both lists is the same episode.
    public init(first: [Bool], second: [Bool]) {
        precondition(first.count == second.count, "PairedComparison: \(first.count) and \(second.count) episodes")
        let pairs = Array(zip(first, second))
        func count(_ a: Bool, _ b: Bool) -> Int { pairs.count { $0 == (a, b) } }
        self.init(
            bothCount: count(true, true), onlyFirstCount: count(true, false), onlySecondCount: count(false, true),
            neitherCount: count(false, false))
    }

    public var trialCount: Int { bothCount + onlyFirstCount + onlySecondCount + neitherCount }
    public var first: SuccessRate { SuccessRate(successCount: bothCount + onlyFirstCount, trialCount: trialCount) }
    public var second: SuccessRate { SuccessRate(successCount: bothCount + onlySecondCount, trialCount: trialCount) }

    /// The first rate minus the second, −1…1; nil before the first trial.
    public var difference: Double? {
        trialCount == 0 ? nil : Double(onlyFirstCount - onlySecondCount) / Double(trialCount)
    }

    /// The two-sided p value of McNemar's exact test: how often two equally good policies differ at least as unevenly.
    ///
    ///     min(1, 2 · P(X ≤ min(b, c))),   X ~ Binomial(b + c, ½)        b, c: episodes on which only one succeeded
    ///
    /// 1 when they never differ. Source: McNemar 1947, Psychometrika 12(2), with the binomial in place of χ².
    public var pValue: Double {
        let (smaller, count) = (min(onlyFirstCount, onlySecondCount), onlyFirstCount + onlySecondCount)
        guard 2 * smaller < count else { return 1 }
        // P(X ≤ k) = I_½(n − k, k + 1)
        return min(1, 2 * SpecialFunctions.incompleteBeta(0.5, Double(count - smaller), Double(smaller + 1)))
    }

    /// The score interval of the difference of the rates: the differences Δ for which the observed one is within z
    /// standard errors, the rates being the most likely ones with this Δ.
    ///
    ///     |b − c − nΔ| ≤ z √(n(2q + Δ − Δ²))
    ///     q = (√(B² + 8n c Δ(1 − Δ)) − B) / 4n,   B = (2n − b + c)Δ − b − c
    ///
    /// For pairs what ``SuccessRate/wilsonInterval(confidence:)`` is for one rate. Without a trial −1…1.
    /// Source: Tango 1998, Statistics in Medicine 17(8).
    public func differenceInterval(confidence: Double = 0.95) -> ClosedRange<Double> {
        precondition(0 < confidence && confidence < 1, "differenceInterval: a confidence of \(confidence)")
        guard let difference else { return -1...1 }
        let z = -SpecialFunctions.normalQuantile((1 - confidence) / 2)

        // the excess falls as Δ grows, through 0 at the observed difference
        let lower =
            difference == -1 ? -1 : SpecialFunctions.root(in: -1...difference) { z - standardizedExcess(over: $0) }
        let upper =
            difference == 1 ? 1 : SpecialFunctions.root(in: difference...1) { -z - standardizedExcess(over: $0) }
        return lower...upper
    }

    /// `(b − c − nΔ) / √(n(2q + Δ − Δ²))`
    private func standardizedExcess(over delta: Double) -> Double {
        let (b, c, n) = (Double(onlyFirstCount), Double(onlySecondCount), Double(trialCount))
        let linear = (2 * n - b + c) * delta - b - c
        let root = (linear * linear + 8 * n * c * delta * (1 - delta)).squareRoot()
        let q = max((root - linear) / (4 * n), 0)
        let variance = n * (2 * q + delta - delta * delta)
        let excess = b - c - n * delta
        return excess == 0 ? 0 : excess / max(variance, 0).squareRoot()
    }
}
