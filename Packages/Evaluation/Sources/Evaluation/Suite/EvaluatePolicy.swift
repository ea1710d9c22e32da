public import Foundation
public import RobotInterface

/// Evaluates a policy in an environment, in this process, and writes records, results and a report into a folder.
///
/// Goes on where an interrupted evaluation of the same plan ended. Every worker makes its own environment.
///
/// - Parameters:
///   - policy: The policy; compared with the environment before the first step.
///   - name: What reports call it.
///   - rules: Episodes per task, limits and seeds.
///   - tasks: Numbers of the suite's tasks; `nil` for all.
///   - folder: Where the files go; made when there is none.
///   - shouldStop: Asked after each episode; running episodes are finished.
///   - progress: Told the beginning and each finished episode, one at a time.
///   - makeEnvironment: Makes an environment; called once for each worker.
/// - Throws: ``IncompatibleEnvironmentError`` when policy and environment differ; ``RunFolderError`` when the folder holds
///   another evaluation; what the environment and the policy throw.
public func evaluate<World: Environment & SendableMetatype>(
    _ policy: some Policy, named name: String, rules: EvaluationRules, tasks: [Int]? = nil, folder: URL,
    workerCount: Int = 1, shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (SuiteEvaluator.Progress) -> Void = { _ in },
    in makeEnvironment: @escaping @Sendable () throws -> World
) throws -> EvaluationResult {
    let environment = try makeEnvironment().description
    try policy.requirements.check(environment)
    let plan = EvaluationPlan(
        agent: AgentIdentity(kind: "policy", name: name), environment: environment,
        tasks: tasks ?? Array(environment.tasks.indices), rules: rules)
    let evaluator = try SuiteEvaluator(plan, in: folder)
    let pool = SuiteEvaluator.Pool(workerCount: workerCount, affinity: { $0.task }) { _ in
        var runner = EpisodeRunner(
            world: try makeEnvironment(), agent: PolicyAgent<World>(policy, rules: rules), agentName: name,
            rules: rules, folder: folder)
        return { try runner.run($0) }
    }
    try evaluator.run(pool, shouldStop: shouldStop, progress: progress)
    let result = EvaluationResult(
        plan, outcomes: evaluator.outcomes, decision: evaluator.decision, instructions: [:], program: [:])
    try result.write(to: folder)
    return result
}
