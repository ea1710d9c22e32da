import Foundation

/// How many episodes an evaluation needs.
public enum SampleSize {
    /// The fewest episodes after which Wilson's interval reaches at most `halfWidth` to each side on average.
    ///
    /// - Parameters:
    ///   - halfWidth: Between 0 and ½.
    ///   - rate: The success rate that is expected; ½ needs most.
    ///   - confidence: That of the interval.
    public static func episodes(forHalfWidth halfWidth: Double, rate: Double = 0.5, confidence: Double = 0.95) -> Int {
        precondition(
            0 < halfWidth && halfWidth < 0.5 && 0...1 ~= rate, "SampleSize: ±\(halfWidth) at a rate of \(rate)")
        return first { count in
            let interval = SuccessRate(
                successCount: Int((rate * Double(count)).rounded()), trialCount: count
            ).wilsonInterval(confidence: confidence)
            return interval.upperBound - interval.lowerBound <= 2 * halfWidth
        }
    }

    /// The fewest shared episodes with which McNemar's exact test finds the difference of two policies.
    ///
    /// - Parameters:
    ///   - first: The success rate expected of one.
    ///   - second: That of the other.
    ///   - power: Probability of finding it.
    ///   - significance: Probability of finding one that does not exist.
    ///   - discordance: The share of episodes on which the two differ; nil for that of independent outcomes,
    ///     p(1 − q) + q(1 − p). Policies that fail on the same starts differ less, which needs fewer episodes.
    /// - Returns: nil when the two rates are equal, or so near that more than a million episodes are needed.
    public static func pairedEpisodes(
        first: Double, second: Double, power: Double = 0.8, significance: Double = 0.05, discordance: Double? = nil
    ) -> Int? {
        precondition(0...1 ~= first && 0...1 ~= second && 0 < power && power < 1, "SampleSize: \(first), \(second)")
        let difference = abs(first - second)
        guard difference > 0 else { return nil }
        let discordance = min(max(discordance ?? first * (1 - second) + second * (1 - first), difference), 1)
        // the share of differing episodes that the better one wins
        let share = (discordance + difference) / (2 * discordance)
        guard pairedPower(1_000_000, discordance, share, significance) >= power else { return nil }
        return Self.first { pairedPower($0, discordance, share, significance) >= power }
    }

    /// How often the exact test rejects: over the number m of episodes on which the two differ, and the b of them that the
    /// better one wins.
    static func pairedPower(_ count: Int, _ discordance: Double, _ share: Double, _ significance: Double) -> Double {
        let mean = Double(count) * discordance
        let spread = 7 * (mean * (1 - discordance) + 1).squareRoot()
        let (low, high) = (max(Int(mean - spread), 0), min(Int(mean + spread) + 1, count))
        // few values of m stand for all when there are many
        let stride = max((high - low) / 400, 1)
        var (power, weight) = (0.0, 0.0)
        for m in Swift.stride(from: low, through: high, by: stride) {
            let probability = exp(logBinomial(m, count, discordance))
            weight += probability
            guard let critical = criticalCount(m, significance) else { continue }
            // P(b ≤ critical) + P(b ≥ m − critical)
            let lower = distribution(critical, m, share)
            let upper = distribution(critical, m, 1 - share)
            power += probability * (lower + upper)
        }
        return power / weight
    }

    /// The largest k with `2 P(X ≤ k) ≤ significance` for X ~ Binomial(m, ½); nil when there is none.
    private static func criticalCount(_ m: Int, _ significance: Double) -> Int? {
        guard m > 0, 2 * distribution(0, m, 0.5) <= significance else { return nil }
        var (low, high) = (0, m / 2)
        while low < high {
            let middle = (low + high + 1) / 2
            if 2 * distribution(middle, m, 0.5) <= significance { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// `P(X ≤ k)`, X ~ Binomial(n, p)
    private static func distribution(_ k: Int, _ n: Int, _ p: Double) -> Double {
        k >= n ? 1 : SpecialFunctions.incompleteBeta(1 - p, Double(n - k), Double(k + 1))
    }

    private static func logBinomial(_ k: Int, _ n: Int, _ p: Double) -> Double {
        func logFactorial(_ i: Int) -> Double { SpecialFunctions.logGamma(Double(i) + 1) }
        let (k0, rest) = (Double(k), Double(n - k))
        return logFactorial(n) - logFactorial(k) - logFactorial(n - k) + (k == 0 ? 0 : k0 * log(p))
            + (k == n ? 0 : rest * log1p(-p))
    }

    /// The first count that is enough; what is enough stays so, but for small steps.
    private static func first(where isEnough: (Int) -> Bool) -> Int {
        var high = 1
        while !isEnough(high) { high *= 2 }
        var low = high / 2
        while high - low > 1 {
            let middle = (low + high) / 2
            if isEnough(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
