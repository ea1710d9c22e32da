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

/// A policy behind its executor.
public struct PolicyAgent<World: Environment>: Agent {
    public let policy: any Policy
    private let instructions: [Int: String]
    private var executor: ActionChunkExecutor
    private var instruction: String?

    /// - Parameters:
    ///   - policy: The policy.
    ///   - execution: Which actions of its chunks are carried out.
    ///   - instructions: What the policy is told in place of a task's own sentence, by the task's number.
    public init(_ policy: any Policy, execution: ChunkExecution, instructions: [Int: String] = [:]) {
        self.policy = policy
        self.instructions = instructions
        executor = ActionChunkExecutor(execution)
    }

    /// A policy under an evaluation's rules.
    public init(_ policy: any Policy, rules: EvaluationRules) {
        self.init(policy, execution: rules.execution, instructions: rules.instructions ?? [:])
    }

    public mutating func begin(_ episode: PlannedEpisode, in world: World) {
        executor = ActionChunkExecutor(executor.execution)
        instruction = instructions[episode.task]
    }

    public mutating func decide(
        for observation: Observation, in world: World, using generator: inout PhiloxGenerator
    ) throws -> Decision {
        var chunk: ActionChunk?
        if executor.needsChunk {
            var observation = observation
            if let instruction { observation.instruction = instruction }
            let new = try policy.actionChunk(for: observation, using: &generator)
            executor.receive(new)
            chunk = new
        }
        return Decision(action: executor.nextAction(), chunk: chunk)
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
}
