public import SuccessStatistics
public import Evaluation
public import Foundation

/// What to evaluate, where, how, and where the files go.
public struct EvaluationRequest: Sendable {
    /// Which instruction the policy is given.
    public enum Instruction: Hashable, Sendable {
        /// Each task's own.
        case own
        /// This one in every task; empty for none.
        case fixed(String)
        /// That of another task whose goal can be reached in the same scene.
        case ofOtherTask(counting: CountedGoal)
    }

    /// Whose goal counts when a policy is given the instruction of another task.
    public enum CountedGoal: String, CaseIterable, Codable, Sendable { case told, own }

    public var agents: [AgentSetting]
    public var world: WorldRequest
    /// Numbers of the suite's tasks; `nil` for all.
    public var tasks: [Int]?
    /// The rules, from the suite's step limit; starts and instructions are set by the properties below.
    public var rules: @Sendable (_ suiteStepLimit: Int) -> EvaluationRules = { .init(.libero, suiteLimit: $0) }
    /// `nil` for the suite's stored starts, or drawn ones where it has none.
    public var starts: EvaluationRules.Starts?
    public var instruction = Instruction.own
    public var earlyStop: EarlyStop?
    /// With two agents: end as soon as one is known to be better.
    public var stopsWhenDecided = false
    /// Films kept per task.
    public var videosPerTask = 2
    /// Folder of the results; several agents get a folder each in it.
    public var folder: URL

    public init(_ agents: [AgentSetting], in world: WorldRequest = WorldRequest(), folder: URL) {
        (self.agents, self.world, self.folder) = (agents, world, folder.standardizedFileURL)
    }

    /// One agent's evaluation: world and rules follow what its policy was trained with.
    func run(of agent: AgentSetting) throws -> EvaluationRun {
        let suite = try world.setting().liberoSuite()
        var rules = rules(suite.stepLimit ?? 300)
        if let starts { rules.starts = starts }
        let agent = agent.adapted(to: world, rules: rules)
        let requirements = try agent.requirements()
        var request = world
        request.imageSize = request.imageSize ?? rules.imageSize
        // where the policy takes no images, they are for people
        let setting = request.setting(
            for: requirements, placementSeed: rules.environmentSeed, defaultProfile: rules.renderProfile ?? "fast")
        (rules.imageSize, rules.renderProfile) = (setting.imageSize, setting.renderProfile)

        let environment = try setting.environment().description
        try requirements?.check(environment)
        let tasks = try setting.tasks(tasks, of: environment)
        switch instruction {
        case .own: break
        case .fixed(let text): rules.instructions = Dictionary(uniqueKeysWithValues: tasks.map { ($0, text) })
        case .ofOtherTask(let counted):
            let others = try setting.otherTasks(of: tasks)
            rules.instructions = others.mapValues { setting.instruction(of: suite.tasks[$0]) }
            if counted == .told { rules.goalTasks = others }
        }
        // a suite without stored starts has only drawn ones
        if starts == nil, environment.initialStateCounts.allSatisfy({ $0 == 0 }) { rules.starts = .drawn }
        if rules.starts == .stored {
            for task in tasks where environment.initialStateCounts[task] < rules.episodesPerTask {
                throw LiberoRequestError.tooFewStarts(
                    task: task, storedCount: environment.initialStateCounts[task], episodeCount: rules.episodesPerTask)
            }
        }
        let identity = try agent.identity()
        let plan = EvaluationPlan(
            agent: identity, environment: environment, tasks: tasks, rules: rules, earlyStop: earlyStop,
            roundLength: stopsWhenDecided ? 2 : nil)
        return try EvaluationRun(
            plan: plan, world: setting, agent: agent, suite: suite,
            folder: agents.count == 1 ? folder : folder.appendingPathComponent(identity.name),
            videosPerTask: videosPerTask)
    }
}
