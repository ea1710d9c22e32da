import FileSupport
public import Foundation
public import SuccessStatistics

/// Several policies on the same starts, as `comparison.json` holds them.
public struct PolicyComparison: Hashable, Codable, Sendable {
    public struct Candidate: Hashable, Codable, Sendable {
        public var name: String
        public var successRate: Double
        /// Wilson's interval of 95 %: lower and upper end.
        public var interval: [Double]
        public var successCount: Int
        public var episodeCount: Int

        public init(_ result: EvaluationResult) {
            name = result.provenance.agent.name
            (successRate, interval) = (result.successRate, result.interval)
            (successCount, episodeCount) = (result.successCount, result.episodeCount)
        }
    }

    /// Two of the policies on the episodes that both have.
    public struct Pair: Hashable, Codable, Sendable {
        public var first: String
        public var second: String
        public var bothCount: Int
        public var onlyFirstCount: Int
        public var onlySecondCount: Int
        public var neitherCount: Int
        /// The first rate minus the second.
        public var difference: Double
        /// Of 95 %, Tango's.
        public var interval: [Double]
        /// McNemar's exact test.
        public var pValue: Double
        /// Shared episodes with which four comparisons in five find a difference of this size; `nil` when it is found
        /// already, or none is seen.
        public var neededEpisodeCount: Int?

        public init(first: String, second: String, _ comparison: PairedComparison) {
            (self.first, self.second) = (first, second)
            (bothCount, neitherCount) = (comparison.bothCount, comparison.neitherCount)
            (onlyFirstCount, onlySecondCount) = (comparison.onlyFirstCount, comparison.onlySecondCount)
            difference = comparison.difference ?? 0
            let range = comparison.differenceInterval()
            interval = [range.lowerBound, range.upperBound]
            pValue = comparison.pValue
            if pValue > 0.05, difference != 0, let a = comparison.first.value, let b = comparison.second.value {
                let differing = onlyFirstCount + onlySecondCount
                neededEpisodeCount = SampleSize.pairedEpisodes(
                    first: a, second: b, discordance: Double(differing) / Double(comparison.trialCount))
            }
        }

        /// One line.
        public var text: String {
            func points(_ share: Double) -> String { "\((share * 1000).rounded() / 10)" }
            let probability = String(format: "%.2g", pValue)
            return "\(first) − \(second): \(points(difference)) points (\(points(interval[0])) to "
                + "\(points(interval[1]))), p = \(probability); only the first \(onlyFirstCount), only the second "
                + "\(onlySecondCount) of \(bothCount + neitherCount + onlyFirstCount + onlySecondCount) shared episodes"
                + (neededEpisodeCount.map { "; \($0) would tell a difference of this size" } ?? "")
        }
    }

    public var policies: [Candidate]
    public var pairs: [Pair]

    /// Compares every pair of evaluations on the episodes that both have.
    public init(_ evaluations: [(result: EvaluationResult, outcomes: [EpisodeOutcome])]) {
        policies = evaluations.map { Candidate($0.result) }
        pairs = []
        for i in evaluations.indices {
            for j in evaluations.indices where j > i {
                pairs.append(
                    Pair(
                        first: policies[i].name, second: policies[j].name,
                        PairedComparison(evaluations[i].outcomes, evaluations[j].outcomes)))
            }
        }
    }

    /// One line per policy and per pair.
    public var text: String {
        let percent = TextFormat.percent
        let rates = policies.map {
            "\($0.name): \(percent($0.successRate)) (\(percent($0.interval[0]))–\(percent($0.interval[1]))), "
                + "\($0.successCount) of \($0.episodeCount)"
        }
        return (rates + pairs.map(\.text)).joined(separator: "\n")
    }

    /// The file's bytes.
    public func encoded() throws -> Data {
        let encoder = JSONEncoder.sorted(indented: true)
        return try encoder.encode(self)
    }
}

extension PairedComparison {
    /// Compares two agents on the episodes that both have finished.
    public init(_ first: [EpisodeOutcome], _ second: [EpisodeOutcome]) {
        let other = Dictionary(uniqueKeysWithValues: second.map { ($0.episode, $0.isSuccess) })
        let pairs = first.compactMap { outcome in other[outcome.episode].map { (outcome.isSuccess, $0) } }
        self.init(first: pairs.map(\.0), second: pairs.map(\.1))
    }

    /// Which agent is better, by a sequential test that may be looked at after every episode: `true` for the first,
    /// `nil` while it is not known with an error of at most `alpha`.
    public func decision(alpha: Double = 0.05) -> Bool? {
        let limit = -log(alpha / 2)
        if SequentialTest.logEvidenceThatFirstIsBetter(self) >= limit { return true }
        return SequentialTest.logEvidenceThatFirstIsBetter(exchanged) >= limit ? false : nil
    }

    /// The second agent beside the first.
    private var exchanged: PairedComparison {
        PairedComparison(
            bothCount: bothCount, onlyFirstCount: onlySecondCount, onlySecondCount: onlyFirstCount,
            neitherCount: neitherCount)
    }
}
