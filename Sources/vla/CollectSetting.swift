import RobotInterface
import Evaluation
import Foundation
import ImageProcessing
import LiberoData
import LiberoSimulation
import LiberoTasks
import TensorCore
import VLAPolicy

/// What a worker of `vla collect` has to know.
struct CollectSetting: WorkerSetting, Hashable {
    var world: WorldSetting
    var rules: EvaluationRules
    var expert: ExpertSetting
    /// How often an episode is begun anew, with another seed, until the expert succeeds.
    var attemptLimit: Int
    /// The data set's folder.
    var folder: String
    /// The data set's form; nil is HDF5.
    var format: LiberoDataset.Format?

    /// Where the workers record, as HDF5 whatever the form: the data set itself, or a folder in it.
    var recordingFolder: URL {
        let url = URL(fileURLWithPath: folder)
        return format == nil ? url : url.appendingPathComponent(".recording")
    }

    /// One demonstration to make.
    struct Job: Codable, Hashable {
        var task: Int
        var number: Int
    }

    /// What came of it.
    struct Result: Codable, Hashable {
        var job: Job
        /// Episodes that were run for it; the last one succeeded, if any did.
        var attemptCount: Int
        var isSuccess: Bool
        /// Frames of the demonstration; 0 for none.
        var frameCount: Int
        var seconds: Double
    }

    /// Attempt `attempt` at a demonstration: the same whatever else is collected.
    func episode(_ job: Job, attempt: Int) -> PlannedEpisode {
        PlannedEpisode(task: job.task, number: job.number << 8 | attempt, rules: rules)
    }

    func makeWorker() throws -> (Job) throws -> Result {
        let environment = try world.environment()
        var collector = DemonstrationCollector(
            setting: self, suite: try world.liberoSuite(), world: environment, expert: expert.agent(),
            recorder: try EpisodeRecorder(
                at: recordingFolder, description: DatasetDescription(environment.description)))
        return { try collector.collect($0) }
    }
}

extension DatasetDescription {
    /// What a recorder in this environment keeps.
    init(_ environment: EnvironmentDescription) {
        self.init(
            cameras: environment.cameras, actionSpace: environment.actionSpace, stateLayout: .libero,
            alignment: .beforeAction, framesPerSecond: environment.actionSpace.controlRate)
    }
}

/// Runs the expert until it succeeds, and records that episode.
struct DemonstrationCollector<World: Environment> {
    let setting: CollectSetting
    let suite: LiberoSuite
    var world: World
    let expert: any Agent<World>
    let recorder: EpisodeRecorder

    init(
        setting: CollectSetting, suite: LiberoSuite, world: World, expert: any Agent<World>,
        recorder: EpisodeRecorder
    ) {
        (self.setting, self.suite, self.world) = (setting, suite, world)
        (self.expert, self.recorder) = (expert, recorder)
    }

    mutating func collect(_ job: CollectSetting.Job) throws -> CollectSetting.Result {
        let start = Date()
        var result = CollectSetting.Result(job: job, attemptCount: 0, isSuccess: false, frameCount: 0, seconds: 0)
        while !result.isSuccess, result.attemptCount < setting.attemptLimit {
            let episode = setting.episode(job, attempt: result.attemptCount)
            result.attemptCount += 1
            // pictures are made at the end, of the attempt that succeeded
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
        _ moments: [(observation: Observation, decision: Decision)], of job: CollectSetting.Job,
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
