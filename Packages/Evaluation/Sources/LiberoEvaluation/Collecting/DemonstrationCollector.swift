public import Evaluation
import Foundation
public import LiberoData
import LiberoSimulation
import LiberoTasks
import RobotInterface

/// What a worker has to know to collect demonstrations; part of the collection's `plan.json`.
public struct CollectionSetting: WorkerSetting, Hashable {
    public var world: WorldSetting
    public var rules: EvaluationRules
    public var expert: Expert
    /// How often an episode is begun anew, with another seed, until the expert succeeds.
    public var attemptLimit: Int
    /// The data set's folder.
    public var folder: String
    /// The data set's form; `nil` is HDF5.
    public var format: LiberoDataset.Format?

    /// Where the workers record, as HDF5 whatever the form: the data set itself, or a folder in it.
    var recordingFolder: URL {
        let url = URL(fileURLWithPath: folder)
        return format == nil ? url : url.appendingPathComponent(".recording")
    }

    /// One demonstration to make.
    public struct Job: Codable, Hashable, Sendable {
        public var task: Int
        public var number: Int
    }

    /// How the expert acts.
    public struct Expert: Codable, Hashable, Sendable {
        /// Draws speed, noise, pushes and grasps anew for every episode.
        public var isVaried: Bool
    }

    /// What came of it.
    public struct Result: Codable, Hashable, Sendable {
        public var job: Job
        /// Episodes that were run for it; the last one succeeded, if any did.
        public var attemptCount: Int
        public var isSuccess: Bool
        /// Frames of the demonstration; 0 for none.
        public var frameCount: Int
        public var seconds: Double
    }

    /// Attempt `attempt` at a demonstration: the same whatever else is collected.
    func episode(_ job: Job, attempt: Int) -> PlannedEpisode {
        PlannedEpisode(task: job.task, number: job.number << 8 | attempt, rules: rules)
    }

    public func makeWorker() throws -> (Job) throws -> Result {
        let environment = try world.environment()
        var collector = DemonstrationCollector(
            setting: self, suite: try world.liberoSuite(), world: environment,
            expert: ExpertAgent(isVaried: expert.isVaried),
            recorder: try EpisodeRecorder(
                at: recordingFolder, description: DatasetDescription(environment.description)))
        return { try collector.collect($0) }
    }
}

extension DatasetDescription {
    /// What a recorder in this environment keeps.
    public init(_ environment: EnvironmentDescription) {
        self.init(
            cameras: environment.cameras, actionSpace: environment.actionSpace, stateLayout: .libero,
            alignment: .beforeAction, framesPerSecond: environment.actionSpace.controlRate)
    }
}

/// Runs the expert until it succeeds, and records that episode.
struct DemonstrationCollector<World: Environment> {
    let setting: CollectionSetting
    let suite: LiberoSuite
    var world: World
    let expert: any Agent<World>
    let recorder: EpisodeRecorder

    init(
        setting: CollectionSetting, suite: LiberoSuite, world: World, expert: any Agent<World>,
        recorder: EpisodeRecorder
    ) {
        (self.setting, self.suite, self.world) = (setting, suite, world)
        (self.expert, self.recorder) = (expert, recorder)
    }

    mutating func collect(_ job: CollectionSetting.Job) throws -> CollectionSetting.Result {
        let start = Date()
        var result = CollectionSetting.Result(job: job, attemptCount: 0, isSuccess: false, frameCount: 0, seconds: 0)
        while !result.isSuccess, result.attemptCount < setting.attemptLimit {
            let episode = setting.episode(job, attempt: result.attemptCount)
            result.attemptCount += 1
            // images are made at the end, of the attempt that succeeded
            var moments: [(observation: Observation, decision: Decision)] = []
            var agent = AnyAgent(expert)
            let record = try rollOut(episode, rules: setting.rules, with: &agent, named: "expert", in: &world) {
                if let decision = $0.decision { moments.append(($0.observation, decision)) }
            }
            guard record.isSuccess else { continue }
            result.isSuccess = true
            result.frameCount = moments.count
            try write(moments, of: job, episode: episode)
        }
        result.seconds = Date().timeIntervalSince(start)
        return result
    }

    private func write(
        _ moments: [(observation: Observation, decision: Decision)], of job: CollectionSetting.Job,
        episode: PlannedEpisode
    ) throws {
        var recording = recorder.episode(of: suite.tasks[job.task], demonstration: job.number)
        recording.attributes = [
            "seed": String(episode.seed), "episode_start": String(decoding: try encoded(episode.start), as: UTF8.self),
        ]
        for (observation, decision) in moments {
            guard let state = observation.state else { throw ObservationError.missingState("state") }
            try recording.append(
                RecordedFrame(
                    images: try observation.cameras.mapValues { try $0.image() }, state: state,
                    action: decision.label ?? decision.action, extras: ["executed_action": decision.action]))
        }
        try recording.finish(succeeded: true)
    }

    private func encoded(_ start: EpisodeStart) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try encoder.encode(start)
    }
}
