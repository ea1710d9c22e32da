public import RobotInterface
public import ActionTokenizer

/// Signs that a policy does not look: the same action always, or none.
public struct ActionDetectors: Hashable, Codable, Sendable {
    /// Share of the actions whose motion is below a threshold in every dimension: a policy that stands still.
    public var stillShare: Double
    /// Standard deviation of each dimension over the actions, in the space's units.
    public var deviation: [Double]
    /// The same of the data, where it is known.
    public var deviationOfData: [Double]?

    /// - Parameters:
    ///   - chunks: Predictions for different observations; the first action of each counts.
    ///   - statistics: Of the recorded actions.
    ///   - threshold: As LIBERO's filter of frames without motion: 1e-2 of the controller's range for decoded bins.
    public init(_ chunks: [ActionChunk], statistics: ActionStatistics? = nil, threshold: Double = 1e-2) {
        let actions = chunks.map { $0[0] }
        let width = actions.first?.count ?? 0
        let still = actions.filter { $0.dropLast().allSatisfy { abs($0) < threshold } }
        stillShare = actions.isEmpty ? 0 : Double(still.count) / Double(actions.count)
        deviation = (0..<width).map { d in
            let values = actions.map { $0[d] }
            let mean = values.reduce(0, +) / Double(values.count)
            return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
        }
        deviationOfData = statistics?.standardDeviation
    }

    /// What is wrong, in words; empty when nothing is.
    public var findings: [String] {
        var findings: [String] = []
        if stillShare > 0.9 {
            findings.append("The policy stands still in \(Int(stillShare * 100)) % of the observations.")
        }
        let motion = deviation.dropLast()
        if !motion.isEmpty {
            let isConstant = motion.enumerated().allSatisfy { d, deviation in
                deviation < 0.02 * (deviationOfData.map { max($0[d], 1e-3) } ?? 0.05)
            }
            if isConstant { findings.append("The policy's action is the same whatever it sees.") }
        }
        return findings
    }
}

extension Policy {
    /// How far the first actions move when the images of observations are exchanged for others, the mean absolute
    /// difference over dimensions: 0 for a policy that ignores them.
    ///
    /// - Parameters:
    ///   - observations: The observations that are changed.
    ///   - others: Observations whose images are put in the place of the own ones, one for each.
    ///   - generator: Every call of the policy gets a copy, so that chance is the same.
    public func imageInfluence<Generator: RandomNumberGenerator>(
        _ observations: [Observation], imagesOf others: [Observation], using generator: Generator
    ) throws -> Double {
        precondition(observations.count == others.count && !others.isEmpty, "imageInfluence: unequal counts")
        var sum = 0.0
        var count = 0
        for (observation, other) in zip(observations, others) {
            var changed = observation
            changed.cameras = other.cameras
            // the same noise for both
            var (first, second) = (generator, generator)
            let a = try actionChunk(for: observation, using: &first)
            let b = try actionChunk(for: changed, using: &second)
            for (x, y) in zip(a.values, b.values) {
                sum += abs(x - y)
                count += 1
            }
        }
        return sum / Double(count)
    }
}
