public import SuccessStatistics

/// What an evaluation is: saved before the first episode, and compared when it is resumed.
public struct EvaluationPlan: Hashable, Codable, Sendable {
    /// Of the folder's files.
    public var version: Int
    /// Who is evaluated.
    public var agent: AgentIdentity
    public var environment: EnvironmentDescription
    /// The tasks' numbers in their suite, in order.
    public var tasks: [Int]
    public var rules: EvaluationRules
    /// When the evaluation may end before all episodes are run; nil for never.
    public var earlyStop: EarlyStop?
    /// Episodes of each task that are run before the next ones begin; nil for all.
    ///
    /// With an early stop, or when two policies are compared while they run, short rounds give all tasks a say.
    public var roundLength: Int?

    public static let version = 1

    public init(
        agent: AgentIdentity, environment: EnvironmentDescription, tasks: [Int], rules: EvaluationRules,
        earlyStop: EarlyStop? = nil, roundLength: Int? = nil
    ) {
        precondition(
            tasks.allSatisfy { environment.tasks.indices ~= $0 } && Set(tasks).count == tasks.count && !tasks.isEmpty,
            "EvaluationPlan: tasks \(tasks) of \(environment.tasks.count)")
        version = Self.version
        self.agent = agent
        self.environment = environment
        self.tasks = tasks
        self.rules = rules
        self.earlyStop = earlyStop
        self.roundLength = roundLength ?? (earlyStop == nil ? nil : 2)
        precondition(self.roundLength ?? 1 > 0, "EvaluationPlan: rounds of \(roundLength ?? 0) episodes")
    }

    /// All episodes, round after round, in it task after task.
    ///
    /// The order is that in which an early stop counts them, whatever the order in which they are run.
    public var episodes: [PlannedEpisode] { rounds.flatMap { $0 } }

    /// Episodes that may be run beside each other.
    public var rounds: [[PlannedEpisode]] {
        let length = roundLength ?? rules.episodesPerTask
        return stride(from: 0, to: rules.episodesPerTask, by: length).map { first in
            let numbers = first..<min(first + length, rules.episodesPerTask)
            return tasks.flatMap { task in numbers.map { PlannedEpisode(task: task, number: $0, rules: rules) } }
        }
    }
}

/// Who acts, exactly enough to find the same one again.
public struct AgentIdentity: Hashable, Codable, Sendable {
    /// `checkpoint`, `untrained`, `random` or `expert`.
    public var kind: String
    /// What reports call it.
    public var name: String
    /// Hashes and versions: `weights`, `pipeline`, …
    public var provenance: [String: String]

    public init(kind: String, name: String, provenance: [String: String] = [:]) {
        self.kind = kind
        self.name = name
        self.provenance = provenance
    }
}

/// What came of one episode: a line of the evaluation's log.
public struct EpisodeOutcome: Hashable, Codable, Sendable {
    public var episode: PlannedEpisode
    public var isSuccess: Bool
    public var end: RolloutRecord.End
    /// Steps the agent decided on.
    public var stepCount: Int
    /// The record's file, relative to the evaluation's folder.
    public var record: String
    /// The record's SHA-256.
    public var recordHash: String
    /// Which videos and images were kept.
    public var images: EpisodeImages
    /// Wall time of the run that made it; 0 in an evaluation's files, which are the same every time.
    public var seconds: Double
    /// How long the policy took of it; `nil` for agents that are not timed, and in an evaluation's files.
    public var inference: InferenceTimes?

    private enum CodingKeys: String, CodingKey {
        case episode, isSuccess, end, stepCount, record, recordHash, seconds, inference
        // the name in files since version 0.1
        case images = "pictures"
    }

    public init(
        episode: PlannedEpisode, isSuccess: Bool, end: RolloutRecord.End, stepCount: Int, record: String,
        recordHash: String, images: EpisodeImages = EpisodeImages(), seconds: Double, inference: InferenceTimes? = nil
    ) {
        self.episode = episode
        self.isSuccess = isSuccess
        self.end = end
        self.stepCount = stepCount
        self.record = record
        self.recordHash = recordHash
        self.images = images
        self.seconds = seconds
        self.inference = inference
    }
}

/// Files of images of an episode, relative to the evaluation's folder.
public struct EpisodeImages: Hashable, Codable, Sendable {
    /// The episode in motion; nil where it was not kept.
    public var video: String?
    /// A few moments beside each other; nil where they were not kept.
    public var contactSheet: String?

    public init(video: String? = nil, contactSheet: String? = nil) {
        self.video = video
        self.contactSheet = contactSheet
    }
}
