import FileSupport
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
    /// How often an episode is repeated, with another seed, until the expert succeeds.
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
        /// Draws speed, noise, pushes and grasps for every episode.
        public var isVaried: Bool
        /// Whether each episode begins in a scene drawn from all in which the task's goal can be reached, so that every
        /// object is sometimes the target and sometimes a bystander; `nil` is no.
        public var drawsScenes: Bool?
        /// Whether each episode is given another sentence of the same meaning; `nil` is no.
        public var paraphrases: Bool?
        /// A policy that acts while the expert labels; `nil` lets the expert act.
        public var labelled: LabelledPolicy?

        public init(
            isVaried: Bool, drawsScenes: Bool? = nil, paraphrases: Bool? = nil, labelled: LabelledPolicy? = nil
        ) {
            (self.isVaried, self.drawsScenes, self.paraphrases) = (isVaried, drawsScenes, paraphrases)
            self.labelled = labelled
        }
    }

    /// A policy whose states the expert labels (DAgger).
    public struct LabelledPolicy: Codable, Hashable, Sendable {
        public var agent: AgentSetting
        /// β: the probability of the expert's action while the policy acts.
        public var mixture: Double
        /// The step from which the expert finishes the episode is drawn between these.
        public var firstTakeover: Int
        public var lastTakeover: Int

        public init(_ agent: AgentSetting, mixture: Double, takeover: ClosedRange<Int>) {
            (self.agent, self.mixture) = (agent, mixture)
            (firstTakeover, lastTakeover) = (takeover.lowerBound, takeover.upperBound)
        }
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

    /// Attempt `attempt` at a demonstration, and what the robot is told in it: the same whatever else is collected.
    ///
    /// - Parameters:
    ///   - scenes: The tasks in whose scenes the goal can be reached.
    ///   - instruction: The task's own sentence.
    func episode(
        _ job: Job, attempt: Int, scenes: [Int] = [], instruction: String = ""
    ) -> (episode: PlannedEpisode, instruction: String) {
        var episode = PlannedEpisode(task: job.task, number: job.number << 8 | attempt, rules: rules)
        var draws = episode.generator(stream: 3)
        if expert.drawsScenes == true, let scene = scenes.randomElement(using: &draws), scene != job.task {
            (episode.start.task, episode.start.goalTask) = (scene, job.task)
        }
        guard expert.paraphrases == true else { return (episode, instruction) }
        return (episode, InstructionGrammar().paraphrase(instruction, using: &draws))
    }

    /// For each task those in whose scenes its goal can be reached, its own among them.
    func scenes(of suite: LiberoSuite) throws -> [[Int]] {
        guard expert.drawsScenes == true else { return suite.tasks.indices.map { [$0] } }
        let problems = try suite.tasks.map(world.problem)
        return problems.map { problem in
            problems.indices.filter { problems[$0].missingNames(of: problem.goal).isEmpty }
        }
    }

    public func makeWorker() throws -> (Job) throws -> Result {
        let environment = try world.environment()
        let suite = try world.liberoSuite()
        let (varied, execution) = (expert.isVaried, rules.execution)
        let labelled = try expert.labelled.map { setting in
            guard let policy = try setting.agent.policy() else { throw LiberoRequestError.notAPolicy }
            return (setting, policy)
        }
        var collector = DemonstrationCollector<LiberoEnvironment>(
            setting: self, suite: suite, scenes: try scenes(of: suite), world: environment,
            recorder: try EpisodeRecorder(
                at: recordingFolder, description: DatasetDescription(environment.description))
        ) { instructions in
            guard let (setting, policy) = labelled else { return ExpertAgent(isVaried: varied) }
            return DAggerAgent(
                policy, execution: execution, mixture: setting.mixture,
                takeover: setting.firstTakeover...setting.lastTakeover, instructions: instructions)
        }
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

/// Runs the expert, or a policy that it labels, until an episode succeeds, and records that episode.
struct DemonstrationCollector<World: Environment> {
    let setting: CollectionSetting
    let suite: LiberoSuite
    /// For each task those in whose scenes its goal can be reached.
    let scenes: [[Int]]
    var world: World
    let recorder: EpisodeRecorder
    /// Makes an episode's agent; a policy is told these sentences, by the task's number.
    let makeAgent: (_ instructions: [Int: String]) -> any Agent<World>
    /// Shorter episodes show nothing: the goal held nearly from the start.
    private static var shortestEpisode: Int { 8 }

    init(
        setting: CollectionSetting, suite: LiberoSuite, scenes: [[Int]], world: World, recorder: EpisodeRecorder,
        makeAgent: @escaping (_ instructions: [Int: String]) -> any Agent<World>
    ) {
        (self.setting, self.suite, self.scenes, self.world) = (setting, suite, scenes, world)
        (self.recorder, self.makeAgent) = (recorder, makeAgent)
    }

    mutating func collect(_ job: CollectionSetting.Job) throws -> CollectionSetting.Result {
        let start = Date()
        var result = CollectionSetting.Result(job: job, attemptCount: 0, isSuccess: false, frameCount: 0, seconds: 0)
        while !result.isSuccess, result.attemptCount < setting.attemptLimit {
            let (episode, instruction) = setting.episode(
                job, attempt: result.attemptCount, scenes: scenes[job.task],
                instruction: suite.tasks[job.task].instruction)
            result.attemptCount += 1
            // images are made at the end, of the attempt that succeeded
            var moments: [(observation: Observation, decision: Decision)] = []
            var agent = AnyAgent(makeAgent([job.task: instruction]))
            let record = try rollOut(episode, rules: setting.rules, with: &agent, named: "expert", in: &world) {
                if let decision = $0.decision { moments.append(($0.observation, decision)) }
            }
            guard record.isSuccess, moments.count >= Self.shortestEpisode else { continue }
            result.isSuccess = true
            result.frameCount = moments.count
            try write(moments, of: job, episode: episode, instruction: instruction)
        }
        result.seconds = Date().timeIntervalSince(start)
        return result
    }

    private func write(
        _ moments: [(observation: Observation, decision: Decision)], of job: CollectionSetting.Job,
        episode: PlannedEpisode, instruction: String
    ) throws {
        let task = suite.tasks[job.task]
        var recording = recorder.episode(of: task, demonstration: job.number)
        if instruction != task.instruction { recording.instruction = instruction }
        recording.attributes = [
            "seed": String(episode.seed), "episode_start": String(decoding: try encoded(episode.start), as: UTF8.self),
        ]
        if let labelled = setting.expert.labelled {
            recording.attributes["labelled_policy"] = try labelled.agent.identity().name
            recording.attributes["mixture"] = String(labelled.mixture)
        }
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
        let encoder = JSONEncoder.sorted(escapingSlashes: true)
        return try encoder.encode(start)
    }
}
