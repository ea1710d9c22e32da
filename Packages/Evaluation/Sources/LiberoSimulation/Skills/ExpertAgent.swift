public import Evaluation
public import TensorCore
public import RobotInterface

/// The scripted expert as an agent; it reads the simulator's state, not the observation.
public struct ExpertAgent: Agent {
    /// Whether speed, noise, pushes and grasps are drawn for every episode.
    public let isVaried: Bool
    private var expert = ScriptedExpert()

    public init(isVaried: Bool) { self.isVaried = isVaried }

    public mutating func begin(_ episode: PlannedEpisode, in world: LiberoEnvironment) {
        var generator = episode.generator(stream: 1)
        expert = ScriptedExpert(style: isVaried ? .random(using: &generator) : ScriptedExpert.Style())
    }

    public mutating func decide(
        for observation: Observation, in world: LiberoEnvironment, using generator: inout PhiloxGenerator
    ) throws -> Decision {
        let decision = expert.action(for: world.view, using: &generator)
        return Decision(
            action: decision.executed, label: decision.executed == decision.label ? nil : decision.label)
    }
}
