import SuccessStatistics
import FileSupport
import Evaluation
import Foundation
import TensorCore

/// Evaluations of several policies on the same starts.
struct PairedEvaluation {
    let runs: [EvaluationRun]
    /// Ends when the first of two is known to be better or worse.
    let stopsWhenDecided: Bool

    init(_ runs: [EvaluationRun], stopsWhenDecided: Bool) throws {
        (self.runs, self.stopsWhenDecided) = (runs, stopsWhenDecided)
        let names = runs.map(\.plan.agent.name)
        if Set(names).count < names.count {
            throw RunFolderError(
                path: "\(names)", reason: "policies need different names; rename a checkpoint's folder")
        }
    }

    /// Runs all; says whether nothing is missing.
    func run(workerCount: Int) throws -> Bool {
        guard stopsWhenDecided else {
            for run in runs {
                try run.run(workerCount: workerCount)
                if Interruption.isRequested { return runs.allSatisfy(\.isComplete) }
            }
            return true
        }
        // in turn, so that both have the same episodes whenever it is looked
        for round in 1...runs[0].roundCount {
            for run in runs {
                try run.run(workerCount: workerCount, roundLimit: round)
                if Interruption.isRequested { return false }
            }
            if decision != nil { return true }
        }
        return true
    }

    /// Which is better, as far as both have been run: true for the first; nil when it is not known.
    private var decision: Bool? {
        let (first, second) = Self.shared(runs[0].outcomes, runs[1].outcomes)
        let comparison = PairedComparison(first: first, second: second)
        let limit = -log(0.05 / 2)
        if SequentialTest.logEvidenceThatFirstIsBetter(comparison) >= limit { return true }
        let swapped = PairedComparison(first: second, second: first)
        return SequentialTest.logEvidenceThatFirstIsBetter(swapped) >= limit ? false : nil
    }

    /// The outcomes of the episodes that both have.
    private static func shared(_ a: [EpisodeOutcome], _ b: [EpisodeOutcome]) -> (first: [Bool], second: [Bool]) {
        let other = Dictionary(uniqueKeysWithValues: b.map { ($0.episode, $0.isSuccess) })
        let pairs = a.compactMap { outcome in other[outcome.episode].map { (outcome.isSuccess, $0) } }
        return (pairs.map(\.0), pairs.map(\.1))
    }

    /// Compares every pair and writes `comparison.json`.
    func finish(_ results: [EvaluationResult], in folder: URL) throws -> PolicyComparison {
        var pairs: [PolicyComparison.Pair] = []
        for i in runs.indices {
            for j in runs.indices where j > i {
                let (first, second) = Self.shared(runs[i].outcomes, runs[j].outcomes)
                pairs.append(
                    PolicyComparison.Pair(
                        first: runs[i].plan.agent.name, second: runs[j].plan.agent.name,
                        PairedComparison(first: first, second: second)))
            }
        }
        let comparison = PolicyComparison(policies: results.map(PolicyComparison.Policy.init), pairs: pairs)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(comparison), to: folder.appendingPathComponent("comparison.json"))
        for (run, result) in zip(runs, results) {
            let name = run.plan.agent.name
            try run.report(
                result, comparisons: pairs.filter { $0.first == name || $0.second == name }.map(\.text))
        }
        return comparison
    }
}

/// Several policies on the same starts, as `comparison.json` holds them.
struct PolicyComparison: Codable {
    struct Policy: Codable {
        var name: String
        var successRate: Double
        var interval: [Double]
        var successCount: Int
        var episodeCount: Int

        init(_ result: EvaluationResult) {
            name = result.provenance.agent.name
            (successRate, interval) = (result.successRate, result.interval)
            (successCount, episodeCount) = (result.successCount, result.episodeCount)
        }
    }

    struct Pair: Codable {
        var first: String
        var second: String
        var bothCount: Int
        var onlyFirstCount: Int
        var onlySecondCount: Int
        var neitherCount: Int
        /// The first rate minus the second.
        var difference: Double
        /// Of 95 %, Tango's.
        var interval: [Double]
        /// McNemar's exact test.
        var pValue: Double
        /// Shared episodes with which four comparisons in five find a difference like this one; nil when it is found
        /// already, or none is seen.
        var neededEpisodeCount: Int?

        init(first: String, second: String, _ comparison: PairedComparison) {
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
        var text: String {
            func points(_ share: Double) -> String { "\((share * 1000).rounded() / 10)" }
            let probability = String(format: "%.2g", pValue)
            return "\(first) − \(second): \(points(difference)) points (\(points(interval[0])) to "
                + "\(points(interval[1]))), p = \(probability); only the first \(onlyFirstCount), only the second "
                + "\(onlySecondCount) of \(bothCount + neitherCount + onlyFirstCount + onlySecondCount) shared episodes"
                + (neededEpisodeCount.map { "; \($0) would tell a difference of this size" } ?? "")
        }
    }

    var policies: [Policy]
    var pairs: [Pair]

    var text: String {
        let rates = policies.map {
            "\($0.name): \(percent($0.successRate)) (\(percent($0.interval[0]))–\(percent($0.interval[1]))), "
                + "\($0.successCount) of \($0.episodeCount)"
        }
        return (rates + pairs.map(\.text)).joined(separator: "\n")
    }
}
