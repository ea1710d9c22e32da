public import Evaluation
public import Foundation
import LiberoTasks
import SuccessStatistics
import TensorCore

/// One agent's evaluation in its folder.
public final class EvaluationRun: Sendable {
    /// How far it is.
    public struct Progress: Sendable {
        /// The agent's name.
        public var name: String
        public var suite: SuiteEvaluator.Progress
        /// Seconds that the rest takes at the speed so far; `nil` before the first episode.
        public var secondsLeft: Double?

        /// One line.
        public var text: String {
            let percent = TextFormat.percent
            let (rate, interval) = (suite.successRate, suite.successRate.wilsonInterval())
            return "\(name): \(suite.finishedCount) of \(suite.plannedCount) episodes, "
                + "success \(rate.value.map(percent) ?? "–") "
                + "(\(percent(interval.lowerBound))–\(percent(interval.upperBound)))"
                + (secondsLeft.map { ", \(TextFormat.clock($0)) left" } ?? "")
        }
    }

    public let plan: EvaluationPlan
    public let folder: URL
    public let agent: AgentSetting
    private let evaluator: SuiteEvaluator
    private let setting: EvaluationWorker
    private let instructions: [Int: String]
    /// What a user should know before the episodes, such as tasks whose file name and `:language` line differ.
    public let notes: [String]

    /// - Throws: ``Evaluation/RunFolderError`` when the folder holds another evaluation.
    init(
        plan: EvaluationPlan, world: WorldSetting, agent: AgentSetting, suite: LiberoSuite, folder: URL,
        videosPerTask: Int
    ) throws {
        (self.plan, self.folder, self.agent) = (plan, folder, agent)
        evaluator = try SuiteEvaluator(plan, in: folder)
        instructions = Dictionary(uniqueKeysWithValues: plan.tasks.map { ($0, world.instruction(of: suite.tasks[$0])) })
        notes = world.instructionNotes(of: plan.tasks.map { suite.tasks[$0] })
        setting = EvaluationWorker(
            world: world, rules: plan.rules, agent: agent, agentName: Self.name(of: plan.agent), folder: folder.path,
            videosPerTask: videosPerTask == 0 ? nil : videosPerTask)
    }

    /// The agent as records name it: kind, and the weights' hash where there are weights.
    private static func name(of agent: AgentIdentity) -> String {
        agent.provenance["contentHash"].map { "\(agent.kind) \($0)" } ?? agent.kind
    }

    public var outcomes: [EpisodeOutcome] { evaluator.outcomes }
    public var isComplete: Bool { evaluator.isComplete }

    /// Runs what is missing, or of it what belongs to the first rounds of the plan.
    func run(
        workerCount: Int, program: WorkerProgram?, roundLimit: Int? = nil,
        shouldStop: @escaping @Sendable () -> Bool, progress: @escaping @Sendable (Progress) -> Void
    ) throws {
        try EvaluationCanary.run(in: setting.world, folder: folder)
        let (start, before, name) = (Date(), evaluator.outcomes.count, plan.agent.name)
        let pool = SuiteEvaluator.Pool(
            LiberoWorker.evaluate.rawValue, setting: setting, workerCount: workerCount, program: program
        ) { $0.task }
        try evaluator.run(pool, roundLimit: roundLimit, shouldStop: shouldStop) { suite in
            let done = suite.finishedCount - before
            let left =
                Date().timeIntervalSince(start) / Double(max(done, 1))
                * Double(suite.plannedCount - suite.finishedCount)
            progress(Progress(name: name, suite: suite, secondsLeft: done > 0 ? left : nil))
        }
    }

    /// The result so far.
    ///
    /// Among the facts about the program are the kernels and what the version canary of the world found.
    public func result(program: [String: String] = [:]) -> EvaluationResult {
        var facts = ["kernels": "\(KernelVariant.current)"]
        facts["versionCanary"] = canary
        return EvaluationResult(
            plan, outcomes: evaluator.outcomes, decision: evaluator.decision, instructions: instructions,
            program: program.merging(facts) { given, _ in given })
    }

    /// What the version canary found when the evaluation began, in words; `nil` in the built-in world.
    public var canary: String? { EvaluationCanary(in: folder)?.description }
}

/// What a worker of an evaluation is told.
struct EvaluationWorker: WorkerSetting {
    var world: WorldSetting
    var rules: EvaluationRules
    var agent: AgentSetting
    /// What records call the agent.
    var agentName: String
    /// The evaluation's folder.
    var folder: String
    /// The first episodes of each task get a video and every failure a contact sheet; `nil` for nothing.
    var videosPerTask: Int?

    func makeWorker() throws -> (PlannedEpisode) throws -> EpisodeOutcome {
        let folder = URL(fileURLWithPath: folder)
        let (rules, videosPerTask) = (rules, videosPerTask)
        var runner = EpisodeRunner(
            world: try world.environment(), agent: AnyAgent(try agent.agent(rules: rules)), agentName: agentName,
            rules: rules, folder: folder,
            makeWatcher: videosPerTask.map { count in
                { episode in
                    let isFilmed = episode.number < count
                    let settings = EpisodeFilm.Settings(
                        choice: isFilmed ? .all : .failures, hasFilm: isFilmed, stride: 2, framesPerSecond: 10,
                        contactSheetCount: 12)
                    return EpisodeFilm(episode, settings: settings, rules: rules, folder: folder)
                }
            })
        return { try runner.run($0) }
    }
}
