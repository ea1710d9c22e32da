public import RobotInterface

/// What can be watched during an episode; looking changes nothing.
public struct EpisodeMoment {
    /// Steps carried out so far, settling steps included.
    public let stepCount: Int
    /// What is seen before the next step.
    public let observation: Observation
    /// What is done next; nil in settling steps and at the end.
    public let decision: Decision?
}

/// Runs one episode: reset, settling steps, then the agent until the goal holds or the limit is reached.
///
/// - Parameters:
///   - episode: Task, start and seed.
///   - rules: Settling steps and the limit.
///   - agent: Chooses the actions.
///   - agentName: Names it in the record.
///   - world: Where it acts.
///   - watch: Sees the world before each step and at the end.
/// - Throws: What the environment and the policy throw. An ``EpisodeFault``, and an action that is not finite or has
///   another length than the action space, end the episode as a failure instead.
public func rollOut<World: Environment>(
    _ episode: PlannedEpisode, rules: EvaluationRules, with agent: inout some Agent<World>, named agentName: String,
    in world: inout World, watch: (EpisodeMoment) throws -> Void = { _ in }
) throws -> RolloutRecord {
    let description = world.description
    precondition(
        description.tasks.indices ~= episode.task, "rollOut: task \(episode.task) of \(description.tasks.count)")
    var observation = try world.reset(to: episode.start)
    var record = RolloutRecord(
        header: RolloutRecord.Header(
            version: RolloutRecord.version, suite: description.suite, taskName: description.tasks[episode.task],
            instruction: world.instruction, episode: episode, rules: rules, agent: agentName,
            provenance: description.provenance),
        startHash: world.stateHash, steps: [], end: .stepLimit)
    var isBegun = false
    do {
        try agent.begin(episode, in: world)
        isBegun = true
    } catch let fault as EpisodeFault {
        record.end = .fault(fault.reason)
    }

    // what was placed comes to rest
    let settling = rules.settlingAction ?? [Double](repeating: 0, count: description.actionSpace.dimensionCount)
    for _ in 0..<rules.settlingStepCount {
        try watch(EpisodeMoment(stepCount: record.steps.count, observation: observation, decision: nil))
        do { observation = try world.step(settling).observation } catch let fault as EpisodeFault {
            record.end = .fault(fault.reason)
            try watch(EpisodeMoment(stepCount: record.steps.count, observation: observation, decision: nil))
            return record
        }
        record.steps.append(RolloutRecord.Step(action: settling, stateHash: world.stateHash))
    }

    var generator = episode.generator(stream: 0)
    for _ in 0..<(isBegun ? rules.stepLimit : 0) {
        let decision: Decision
        do {
            decision = try agent.decide(for: observation, in: world, using: &generator)
        } catch let fault as EpisodeFault {
            record.end = .fault(fault.reason)
            break
        }
        if let fault = fault(of: decision.action, dimensionCount: description.actionSpace.dimensionCount) {
            record.end = .fault(fault)
            break
        }
        try watch(EpisodeMoment(stepCount: record.steps.count, observation: observation, decision: decision))
        let step: EnvironmentStep
        do { step = try world.step(decision.action) } catch let fault as EpisodeFault {
            record.end = .fault(fault.reason)
            break
        }
        observation = step.observation
        record.steps.append(
            RolloutRecord.Step(
                action: decision.action, label: decision.label, chunk: decision.chunk, stateHash: world.stateHash))
        if step.isSuccess {
            record.end = .success
            break
        }
    }
    try watch(EpisodeMoment(stepCount: record.steps.count, observation: observation, decision: nil))
    return record
}

/// Why an action cannot be carried out; nil when it can.
private func fault(of action: [Double], dimensionCount: Int) -> String? {
    guard action.count == dimensionCount else { return "an action of \(action.count) numbers, not \(dimensionCount)" }
    guard let wrong = action.firstIndex(where: { !$0.isFinite }) else { return nil }
    return "number \(wrong) of the action is \(action[wrong])"
}
