public import SuccessStatistics
import FileSupport
public import Foundation
import RobotInterface
import Synchronization
import TensorCore

/// Evaluates an agent on tasks of a suite, with several workers; resumes an earlier run of the same plan.
///
/// Which worker runs an episode has no influence on its outcome, and the number of workers none on the result.
public final class SuiteEvaluator: Sendable {
    public typealias Pool = WorkerPool<PlannedEpisode, EpisodeOutcome>

    /// How far an evaluation is.
    public struct Progress: Sendable {
        /// Episodes that count so far and those that were planned.
        public var finishedCount: Int
        public var plannedCount: Int
        public var successRate: SuccessRate
        /// The episode that was finished last; nil at the beginning.
        public var last: EpisodeOutcome?
    }

    public let plan: EvaluationPlan
    private let folder: RunFolder<EvaluationPlan, EpisodeOutcome>
    private let times: Mutex<[PlannedEpisode: EpisodeTimes]>

    /// Opens the folder of a new or resumed evaluation.
    ///
    /// - Throws: ``RunFolderError`` when the folder holds another evaluation, with the differences.
    public init(_ plan: EvaluationPlan, in url: URL) throws {
        self.plan = plan
        folder = try RunFolder(at: url, plan: plan) { found, wanted in
            try FieldDifference.between(found, and: wanted).map(\.description)
        }
        times = Mutex(EpisodeTimes.read(in: url))
        let planned = Set(plan.episodes)
        if let stranger = folder.entries.first(where: { !planned.contains($0.episode) }) {
            throw RunFolderError(
                path: url.path,
                reason: "log.jsonl holds episode \(stranger.episode.number) of task \(stranger.episode.task), "
                    + "which is not in the plan")
        }
        for (index, outcome) in folder.entries.enumerated() { try outcome.check(in: url, line: index + 1) }
        guard Set(folder.entries.map(\.episode)).count == folder.entries.count else {
            throw RunFolderError(path: url.path, reason: "log.jsonl holds an episode twice; remove one of the lines")
        }
        do {
            try FileManager.default.createDirectory(
                at: url.appendingPathComponent(Self.recordFolder), withIntermediateDirectories: true)
        } catch {
            throw RunFolderError(path: url.path, reason: "'\(Self.recordFolder)' cannot be made: \(error)")
        }
    }

    /// Where the records lie in an evaluation's folder.
    public static let recordFolder = "records"

    /// The name of an episode's files, without ending.
    public static func fileName(of episode: PlannedEpisode) -> String {
        func digits(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(width - String(number).count, 0)) + String(number)
        }
        return "task\(digits(episode.task, 2))_episode\(digits(episode.number, 3))"
    }

    /// The outcomes that count, in the plan's order: those finished, up to the early stop where there was one.
    public var outcomes: [EpisodeOutcome] {
        let finished = Dictionary(folder.entries.map { ($0.episode, $0) }) { first, _ in first }
        let times = times.withLock { $0 }
        let ordered = plan.episodes.compactMap { episode -> EpisodeOutcome? in
            var outcome = finished[episode]
            outcome?.inference = times[episode]?.inference
            return outcome
        }
        return Array(ordered.prefix(decision?.episodeCount ?? ordered.count))
    }

    /// The early stop, when it has been reached.
    ///
    /// Counted along the plan's order, as far as it is finished without a gap, so that it does not depend on which
    /// worker was faster.
    public var decision: EarlyStop.Decision? {
        guard let earlyStop = plan.earlyStop else { return nil }
        let finished = Dictionary(folder.entries.map { ($0.episode, $0.isSuccess) }) { first, _ in first }
        var prefix: [Bool] = []
        for episode in plan.episodes {
            guard let isSuccess = finished[episode] else { break }
            prefix.append(isSuccess)
        }
        return earlyStop.decision(prefix)
    }

    /// Whether all episodes that count are finished.
    public var isComplete: Bool { decision != nil || folder.entries.count >= plan.episodes.count }

    /// Runs the episodes that are missing.
    ///
    /// - Parameters:
    ///   - pool: Runs episodes, several at a time.
    ///   - roundLimit: How many of the plan's rounds to run; nil for all.
    ///   - shouldStop: Asked after each episode; a wish to stop lets running episodes finish.
    ///   - progress: Told the beginning and each finished episode, one at a time.
    /// - Throws: The first error; what was finished before is kept.
    public func run(
        _ pool: Pool, roundLimit: Int? = nil, shouldStop: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws {
        progress(currentProgress(last: nil))
        guard !isComplete else { return }
        let finished = Set(folder.entries.map(\.episode))
        let rounds = plan.rounds.prefix(roundLimit ?? .max).map { $0.filter { !finished.contains($0) } }
        do {
            try pool.run(rounds) { [self] outcome in
                var logged = outcome
                (logged.seconds, logged.inference) = (0, nil)
                try folder.append(logged)
                let episodeTimes = EpisodeTimes(outcome)
                episodeTimes.append(to: folder.url)
                times.withLock { $0[outcome.episode] = episodeTimes }
                progress(currentProgress(last: outcome))
                return !shouldStop() && decision == nil
            }
        } catch {
            try? putInOrder()
            throw error
        }
        try putInOrder()
    }

    /// The log as one worker would have written it. With an early stop, what other workers had begun does not count; it
    /// is removed, with its files, so that the folder is the same for any number of workers.
    private func putInOrder() throws {
        var queue = JobQueue(rounds: plan.rounds) { $0.task }
        var places: [PlannedEpisode: Int] = [:]
        while let episode = queue.next(for: 0) { places[episode] = places.count }
        let counted = decision == nil ? nil : Set(outcomes.map(\.episode))
        var (kept, left): ([EpisodeOutcome], [EpisodeOutcome]) = ([], [])
        for entry in folder.entries {
            if counted?.contains(entry.episode) ?? true { kept.append(entry) } else { left.append(entry) }
        }
        kept.sort { places[$0.episode]! < places[$1.episode]! }
        try folder.replaceEntries(by: kept)
        for outcome in left {
            for path in [outcome.record, outcome.images.video, outcome.images.contactSheet].compactMap({ $0 }) {
                guard let file = ContainedPath.file(path, in: folder.url) else { continue }
                try? FileManager.default.removeItem(at: file)
            }
        }
    }

    private func currentProgress(last: EpisodeOutcome?) -> Progress {
        let outcomes = outcomes
        return Progress(
            finishedCount: outcomes.count, plannedCount: plan.episodes.count,
            successRate: SuccessRate(outcomes.map(\.isSuccess)), last: last)
    }
}
