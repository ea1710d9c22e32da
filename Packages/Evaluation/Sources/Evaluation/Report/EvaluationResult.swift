public import SuccessStatistics
public import RobotInterface
import FileSupport
public import Foundation
import TensorCore

/// The result of an evaluation, as `result.json` holds it: rates with intervals, every episode, and where it comes from.
///
/// The same plan gives the same bytes; times are in the log only.
public struct EvaluationResult: Hashable, Codable, Sendable {
    /// One rate with what is known of it.
    public struct Rate: Hashable, Codable, Sendable {
        public var successCount: Int
        public var episodeCount: Int
        /// Successes per episode, 0…1.
        public var successRate: Double
        /// Wilson's interval of 95 %: lower and upper end.
        public var interval: [Double]

        public init(_ rate: SuccessRate) {
            successCount = rate.successCount
            episodeCount = rate.trialCount
            successRate = rate.value ?? 0
            interval = Self.ends(rate.wilsonInterval())
        }

        static func ends(_ range: ClosedRange<Double>) -> [Double] { [range.lowerBound, range.upperBound] }
    }

    /// All intervals of 95 % of the overall rate.
    public struct Intervals: Hashable, Codable, Sendable {
        /// For the rate on these tasks; the one to report.
        public var wilson: [Double]
        /// The same, exact: never too narrow.
        public var clopperPearson: [Double]
        /// For the rate on tasks of this kind, of which these are a sample.
        public var clusteredByTask: [Double]
        /// Holds at every moment at once: for looking while it runs.
        public var anytime: [Double]
    }

    public struct Task: Hashable, Codable, Sendable {
        public var number: Int
        public var name: String
        public var instruction: String
        public var rate: Rate
        /// The mean steps of the episodes that succeeded; nil without one.
        public var meanSuccessSteps: Double?
    }

    public struct Episode: Hashable, Codable, Sendable {
        public var task: Int
        public var number: Int
        public var start: EpisodeStart
        public var seed: UInt64
        public var isSuccess: Bool
        public var end: RolloutRecord.End
        public var stepCount: Int
        public var record: String
        public var recordHash: String
        public var images: EpisodeImages

        private enum CodingKeys: String, CodingKey {
            case task, number, start, seed, isSuccess, end, stepCount, record, recordHash
            // the name in files since version 0.1
            case images = "pictures"
        }

        /// Whether it reached its goal, and how it ended, in words.
        public var outcome: (isSuccess: Bool, text: String) {
            switch end {
            case .success: (true, "success after \(stepCount) steps")
            case .stepLimit: (false, "not reached in \(stepCount) steps")
            case .fault(let reason): (false, reason)
            }
        }
    }

    public struct Provenance: Hashable, Codable, Sendable {
        public var agent: AgentIdentity
        public var suite: String
        /// Versions and hashes of the simulator and its assets.
        public var environment: [String: String]
        public var actionSpace: ActionSpace
        public var rules: EvaluationRules
        /// What ran: names and versions.
        public var program: [String: String]
        /// SHA-256 over the records of all episodes, in order.
        public var recordsHash: String
    }

    /// Successes per episode over all episodes, 0…1.
    public var successRate: Double
    /// Wilson's interval of 95 % of `successRate`: lower and upper end.
    public var interval: [Double]
    public var intervals: Intervals
    public var successCount: Int
    public var episodeCount: Int
    public var tasks: [Task]
    public var episodes: [Episode]
    /// How it ended before all planned episodes were run; nil when it did not.
    public var earlyStop: EarlyStop.Decision?
    public var provenance: Provenance

    /// - Parameters:
    ///   - plan: The evaluation's plan.
    ///   - outcomes: Its episodes that are finished.
    ///   - decision: What the rule of early stopping said; nil without one.
    ///   - instructions: The sentence of each task, by its number.
    ///   - program: What wrote it: names and versions.
    public init(
        _ plan: EvaluationPlan, outcomes: [EpisodeOutcome], decision: EarlyStop.Decision?, instructions: [Int: String],
        program: [String: String]
    ) {
        func rate(_ outcomes: [EpisodeOutcome]) -> SuccessRate { SuccessRate(outcomes.map(\.isSuccess)) }
        let all = rate(outcomes)
        successRate = all.value ?? 0
        successCount = all.successCount
        episodeCount = all.trialCount
        interval = Rate.ends(all.wilsonInterval())
        let byTask = plan.tasks.map { task in outcomes.filter { $0.episode.task == task } }
        intervals = Intervals(
            wilson: Rate.ends(all.wilsonInterval()), clopperPearson: Rate.ends(all.exactInterval()),
            clusteredByTask: Rate.ends(ClusteredSuccessRate(byTask.map(rate)).interval()),
            anytime: Rate.ends(SequentialTest.interval(all)))
        tasks = zip(plan.tasks, byTask).map { number, outcomes in
            let steps = outcomes.filter(\.isSuccess).map { Double($0.stepCount) }
            return Task(
                number: number, name: plan.environment.tasks[number], instruction: instructions[number] ?? "",
                rate: Rate(rate(outcomes)),
                meanSuccessSteps: steps.isEmpty ? nil : steps.reduce(0, +) / Double(steps.count))
        }
        episodes = outcomes.map {
            Episode(
                task: $0.episode.task, number: $0.episode.number, start: $0.episode.start, seed: $0.episode.seed,
                isSuccess: $0.isSuccess, end: $0.end, stepCount: $0.stepCount, record: $0.record,
                recordHash: $0.recordHash, images: $0.images)
        }
        earlyStop = decision
        provenance = Provenance(
            agent: plan.agent, suite: plan.environment.suite, environment: plan.environment.provenance,
            actionSpace: plan.environment.actionSpace, rules: plan.rules, program: program,
            recordsHash: SHA256.hexadecimal(Array(outcomes.map(\.recordHash).joined().utf8)))
    }

    /// The file's bytes.
    public func encoded() throws -> Data {
        let encoder = JSONEncoder.sorted(indented: true)
        return try encoder.encode(self) + Data("\n".utf8)
    }
}

extension EvaluationResult {
    /// One line per task, for spreadsheets.
    public var tasksCSV: String {
        CSV.text(
            header: ["task", "name", "instruction", "episodes", "successes", "rate", "lower", "upper", "mean_steps"],
            rows: tasks.map {
                [
                    "\($0.number)", $0.name, $0.instruction, "\($0.rate.episodeCount)", "\($0.rate.successCount)",
                    "\($0.rate.successRate)", "\($0.rate.interval[0])", "\($0.rate.interval[1])",
                    $0.meanSuccessSteps.map { "\($0)" } ?? "",
                ]
            })
    }

    /// One line per episode.
    public var episodesCSV: String {
        CSV.text(
            header: ["task", "episode", "success", "end", "steps", "seed", "record", "record_sha256"],
            rows: episodes.map {
                let end =
                    switch $0.end {
                    case .success: "success"
                    case .stepLimit: "step limit"
                    case .fault(let reason): "fault: \(reason)"
                    }
                return [
                    "\($0.task)", "\($0.number)", $0.isSuccess ? "1" : "0", end, "\($0.stepCount)", "\($0.seed)",
                    $0.record, $0.recordHash,
                ]
            })
    }
}

/// Comma-separated values, RFC 4180.
enum CSV {
    static func text(header: [String], rows: [[String]]) -> String {
        ([header] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func field(_ text: String) -> String {
        let needsQuotes = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
        return needsQuotes ? "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : text
    }
}
