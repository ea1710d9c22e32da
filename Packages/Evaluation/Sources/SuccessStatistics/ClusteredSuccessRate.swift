/// Episodes of several tasks, where those of one task resemble each other.
///
/// Ten tasks with fifty episodes each are not five hundred independent trials when the question is how the policy does
/// on tasks like these: whether a task works is decided once for all its episodes.
public struct ClusteredSuccessRate: Hashable, Sendable {
    /// One per task.
    public let clusters: [SuccessRate]

    public init(_ clusters: [SuccessRate]) { self.clusters = clusters.filter { $0.trialCount > 0 } }

    /// All episodes together.
    public var pooled: SuccessRate {
        clusters.reduce(SuccessRate(successCount: 0, trialCount: 0)) { $0 + $1 }
    }

    /// How many times larger the variance of the rate is than that of as many independent episodes, at least 1.
    ///
    ///     deff = G/(G − 1) Σ_g (k_g − n_g p̂)² / (N p̂ (1 − p̂))         g: tasks, k_g successes of n_g
    ///
    /// 1 for a single task and where all episodes ended alike.
    public var designEffect: Double {
        let (pooled, count) = (pooled, Double(clusters.count))
        guard let p = pooled.value, clusters.count > 1, p > 0, p < 1 else { return 1 }
        let squares = clusters.reduce(0.0) {
            let excess = Double($1.successCount) - Double($1.trialCount) * p
            return $0 + excess * excess
        }
        return max(count / (count - 1) * squares / (Double(pooled.trialCount) * p * (1 - p)), 1)
    }

    /// Wilson's interval with the effective number of episodes: for the rate on tasks of this kind.
    ///
    ///     n = N / deff · (z/t)²          t: quantile of Student's distribution with G − 1 degrees of freedom
    ///
    /// For the rate on exactly these tasks, ``SuccessRate/wilsonInterval(confidence:)`` of ``pooled`` holds. One task says
    /// nothing about others: 0…1. Source: Korn & Graubard 1998, Survey Methodology 24; Dean & Pagano 2015, JSSAM 3(4).
    public func interval(confidence: Double = 0.95) -> ClosedRange<Double> {
        precondition(0 < confidence && confidence < 1, "interval: a confidence of \(confidence)")
        guard let p = pooled.value, clusters.count > 1 else { return 0...1 }
        let z = -SpecialFunctions.normalQuantile((1 - confidence) / 2)
        let t = SpecialFunctions.studentQuantile((1 + confidence) / 2, freedom: Double(clusters.count - 1))
        let n = Double(pooled.trialCount) / designEffect * (z / t) * (z / t)

        let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        let (center, scale) = (p + z * z / (2 * n), 1 / (1 + z * z / n))
        return (p == 0 ? 0 : max((center - half) * scale, 0))...(p == 1 ? 1 : min((center + half) * scale, 1))
    }
}
