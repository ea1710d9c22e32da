/// What came of carrying out a record again.
public struct Replay: Hashable, Codable, Sendable {
    /// Where the world first was another one.
    public struct Difference: Hashable, Codable, Sendable {
        /// Steps carried out before; 0 for the start itself.
        public var step: Int
        /// The state's hash in the record.
        public var recorded: UInt64
        /// The state's hash now.
        public var found: UInt64
    }

    /// Steps carried out.
    public var stepCount: Int
    /// Nil when every state was the same, bit for bit.
    public var difference: Difference?
    /// Whether the goal held after the last step.
    public var isSuccess: Bool
    /// Whether it held at the end of the record.
    public var wasSuccess: Bool
    /// What differs in the origin of the environment, such as the simulator's version: name, recorded, now.
    public var originDifferences: [String]

    public var isIdentical: Bool { difference == nil && isSuccess == wasSuccess }
}

extension RolloutRecord {
    /// Carries the recorded actions out again and compares the state's hash after each.
    ///
    /// - Parameters:
    ///   - world: An environment of the recorded suite.
    ///   - stopsAtDifference: Ends at the first state that differs; otherwise all actions are carried out.
    ///   - watch: Sees the world before each step and at the end.
    /// - Throws: ``ReplayError`` when the environment is of another suite; what the environment throws.
    public func replay<World: Environment>(
        in world: inout World, stopsAtDifference: Bool = true, watch: (EpisodeMoment) throws -> Void = { _ in }
    ) throws -> Replay {
        let description = world.description
        let task = header.episode.task
        guard description.suite == header.suite, description.tasks.indices ~= task,
            description.tasks[task] == header.taskName
        else {
            throw ReplayError(
                reason: "the record is of task \(task) '\(header.taskName)' in \(header.suite); the environment is "
                    + "\(description.suite) with \(description.tasks.count) tasks")
        }
        var replay = Replay(
            stepCount: 0, difference: nil, isSuccess: false, wasSuccess: isSuccess, originDifferences: [])
        for name in Set(header.provenance.keys).union(description.provenance.keys).sorted() {
            let (then, now) = (header.provenance[name] ?? "nothing", description.provenance[name] ?? "nothing")
            if then != now { replay.originDifferences.append("\(name): recorded with \(then), now \(now)") }
        }

        func compare(_ recorded: UInt64) {
            let found = world.stateHash
            if found != recorded, replay.difference == nil {
                replay.difference = Replay.Difference(step: replay.stepCount, recorded: recorded, found: found)
            }
        }
        var observation = try world.reset(to: header.episode.start)
        compare(startHash)
        for step in steps {
            if stopsAtDifference, replay.difference != nil { break }
            guard step.action.count == description.actionSpace.dimensionCount else {
                throw ReplayError(reason: "step \(replay.stepCount) has an action of \(step.action.count) numbers")
            }
            try watch(
                EpisodeMoment(
                    stepCount: replay.stepCount, observation: observation,
                    decision: Decision(action: step.action, label: step.label, chunk: step.chunk)))
            let result = try world.step(step.action)
            observation = result.observation
            replay.isSuccess = result.isSuccess
            replay.stepCount += 1
            compare(step.stateHash)
        }
        // success counts only where the agent acted
        if replay.stepCount <= header.rules.settlingStepCount { replay.isSuccess = false }
        try watch(EpisodeMoment(stepCount: replay.stepCount, observation: observation, decision: nil))
        return replay
    }
}

/// A record that cannot be carried out in an environment.
public struct ReplayError: Error, Equatable, CustomStringConvertible {
    public let reason: String

    public var description: String { "The record cannot be replayed: \(reason)." }
}
