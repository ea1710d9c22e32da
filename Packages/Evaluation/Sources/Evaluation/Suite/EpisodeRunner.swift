import FileSupport
public import Foundation
import TensorCore

/// Runs planned episodes in one environment and keeps their records: the work of one worker.
public struct EpisodeRunner<Actor: Agent> {
    public var world: Actor.World
    public var agent: Actor
    public let agentName: String
    public let rules: EvaluationRules
    /// The evaluation's folder.
    public let folder: URL
    /// Makes what watches an episode; nil for nothing.
    public var makeWatcher: ((PlannedEpisode) throws -> any EpisodeWatcher)?

    public init(
        world: Actor.World, agent: Actor, agentName: String, rules: EvaluationRules, folder: URL,
        makeWatcher: ((PlannedEpisode) throws -> any EpisodeWatcher)? = nil
    ) {
        self.world = world
        self.agent = agent
        self.agentName = agentName
        self.rules = rules
        self.folder = folder
        self.makeWatcher = makeWatcher
    }

    /// Runs an episode; its record is on the disk when this returns.
    public mutating func run(_ episode: PlannedEpisode) throws -> EpisodeOutcome {
        let start = Date()
        var watcher = try makeWatcher?(episode)
        let record = try rollOut(episode, rules: rules, with: &agent, named: agentName, in: &world) {
            try watcher?.watch($0)
        }
        let bytes = try record.encoded()
        let name = "\(SuiteEvaluator.recordFolder)/\(SuiteEvaluator.fileName(of: episode)).jsonl"
        try AtomicFile.write(bytes, to: folder.appendingPathComponent(name))
        return EpisodeOutcome(
            episode: episode, isSuccess: record.isSuccess, end: record.end, stepCount: record.agentStepCount,
            record: name, recordHash: SHA256.hexadecimal([UInt8](bytes)),
            images: try watcher?.finish(record) ?? EpisodeImages(), seconds: Date().timeIntervalSince(start),
            inference: agent.inference)
    }
}

/// Looks on while an episode runs, such as a camera.
public protocol EpisodeWatcher {
    mutating func watch(_ moment: EpisodeMoment) throws

    /// Writes what it keeps of the episode.
    mutating func finish(_ record: RolloutRecord) throws -> EpisodeImages
}
