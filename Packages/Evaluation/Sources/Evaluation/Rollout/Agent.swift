public import RobotInterface
public import TensorCore

/// What acts in an episode: a policy, which only sees observations, or an expert that looks into the simulator.
public protocol Agent<World> {
    associatedtype World: Environment

    /// Forgets the last episode; called after the reset, before the settling steps.
    mutating func begin(_ episode: PlannedEpisode, in world: World) throws

    /// What to do next. `generator` is the episode's own.
    mutating func decide(
        for observation: Observation, in world: World, using generator: inout PhiloxGenerator
    ) throws -> Decision

    /// How long its policy took since ``begin(_:in:)``; `nil` for an agent that is not timed.
    var inference: InferenceTimes? { get }
}

extension Agent {
    public var inference: InferenceTimes? { nil }
}

/// What an agent does next.
public struct Decision: Hashable, Sendable {
    /// What is carried out.
    public var action: [Double]
    /// What would have been right, where that is something else: an expert whose action is disturbed on purpose.
    public var label: [Double]?
    /// What the policy said, in the steps in which it was asked.
    public var chunk: ActionChunk?

    public init(action: [Double], label: [Double]? = nil, chunk: ActionChunk? = nil) {
        self.action = action
        self.label = label
        self.chunk = chunk
    }
}

/// A policy behind its executor, timed.
///
/// In real time the world goes on while the policy computes; see ``RealTime``.
public struct PolicyAgent<World: Environment>: Agent {
    public let policy: any Policy
    private let instructions: [Int: String]
    private let realTime: RealTime?
    private var executor: ActionChunkExecutor
    /// In place of ``executor`` in real time.
    private var realTimeExecutor: RealTimeExecutor?
    private let settlingAction: [Double]?
    private var instruction: String?
    private var times = InferenceTimes()

    /// - Parameters:
    ///   - policy: The policy.
    ///   - execution: Which actions of its chunks are carried out.
    ///   - instructions: What the policy is told in place of a task's own sentence, by the task's number.
    ///   - realTime: Rules for a world that goes on meanwhile; `nil` for one that waits. Traps for averaged chunks.
    ///   - settlingAction: What the robot was told before the first action, in real time; `nil` for zeros.
    public init(
        _ policy: any Policy, execution: ChunkExecution, instructions: [Int: String] = [:],
        realTime: RealTime? = nil, settlingAction: [Double]? = nil
    ) {
        if realTime != nil, case .ensembled = execution {
            preconditionFailure("PolicyAgent: chunks cannot be averaged in real time")
        }
        self.policy = policy
        self.instructions = instructions
        (self.realTime, self.settlingAction) = (realTime, settlingAction)
        executor = ActionChunkExecutor(execution)
    }

    /// A policy under an evaluation's rules.
    public init(_ policy: any Policy, rules: EvaluationRules) {
        self.init(
            policy, execution: rules.execution, instructions: rules.instructions ?? [:], realTime: rules.realTime,
            settlingAction: rules.settlingAction)
    }

    public mutating func begin(_ episode: PlannedEpisode, in world: World) throws {
        executor = ActionChunkExecutor(executor.execution)
        instruction = instructions[episode.task]
        times = InferenceTimes()
        if realTime != nil, case .openLoop(let interval) = executor.execution {
            let space = world.description.actionSpace
            realTimeExecutor = RealTimeExecutor(
                replanInterval: interval, actionSpace: space,
                firstAction: settlingAction ?? [Double](repeating: 0, count: space.dimensionCount))
        }
        guard let policy = policy as? any EpisodicPolicy else { return }
        try countingTimeOuts { _ in try policy.beginEpisode(episode, in: world.description) }
    }

    private mutating func countingTimeOuts<Result>(_ body: (inout Self) throws -> Result) throws -> Result {
        do { return try body(&self) } catch let fault as EpisodeFault {
            if fault.isTimeOut { times.timeOutCount += 1 }
            throw fault
        }
    }

    public var inference: InferenceTimes? {
        var times = times
        times.computingSeconds = (policy as? any EpisodicPolicy)?.computingSeconds
        times.heldStepCount = realTimeExecutor?.heldStepCount
        return times
    }

    public mutating func decide(
        for observation: Observation, in world: World, using generator: inout PhiloxGenerator
    ) throws -> Decision {
        guard var realTimeExecutor else {
            let chunk = executor.needsChunk ? try ask(observation, using: &generator).chunk : nil
            if let chunk { executor.receive(chunk) }
            return Decision(action: executor.nextAction(), chunk: chunk)
        }
        var chunk: ActionChunk?
        realTimeExecutor.beginStep()
        if realTimeExecutor.needsChunk {
            let (new, seconds) = try ask(observation, using: &generator)
            realTimeExecutor.receive(new, after: realTime?.latency ?? seconds)
            chunk = new
        }
        let action = realTimeExecutor.nextAction()
        self.realTimeExecutor = realTimeExecutor
        return Decision(action: action, chunk: chunk)
    }

    /// Asks the policy; with the seconds it took.
    private mutating func ask(
        _ observation: Observation, using generator: inout PhiloxGenerator
    ) throws -> (chunk: ActionChunk, seconds: Double) {
        var observation = observation
        if let instruction { observation.instruction = instruction }
        let start = ContinuousClock.now
        let chunk = try countingTimeOuts { try $0.policy.actionChunk(for: observation, using: &generator) }
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        let time = Double(seconds) + Double(attoseconds) * 1e-18
        times.add(seconds: time)
        return (chunk, time)
    }
}

/// An agent whose type is known only when the program runs.
public struct AnyAgent<World: Environment>: Agent {
    private var base: any Agent<World>

    public init(_ base: any Agent<World>) { self.base = base }

    public mutating func begin(_ episode: PlannedEpisode, in world: World) throws {
        try base.begin(episode, in: world)
    }

    public mutating func decide(
        for observation: Observation, in world: World, using generator: inout PhiloxGenerator
    ) throws -> Decision {
        try base.decide(for: observation, in: world, using: &generator)
    }

    public var inference: InferenceTimes? { base.inference }
}
