import RobotInterface
import ArgumentParser
import Evaluation
import LiberoSimulation
import TensorCore
import VLAPolicy

/// The options that say how the expert acts.
struct ExpertOptions: ParsableArguments {
    @Flag(help: "Let the expert act calmly: the same way every time, without noise and pushes.")
    var steady = false

    var setting: ExpertSetting { ExpertSetting(isVaried: !steady) }
}

/// How the expert acts.
struct ExpertSetting: Codable, Hashable {
    /// Draws speed, noise, pushes and grasps anew for every episode.
    var isVaried: Bool

    func agent() -> ExpertAgent { ExpertAgent(isVaried: isVaried) }
}

/// The scripted expert as an agent: it looks into the simulator.
struct ExpertAgent: Agent {
    let isVaried: Bool
    private var expert = ScriptedExpert()

    init(isVaried: Bool) { self.isVaried = isVaried }

    mutating func begin(_ episode: PlannedEpisode, in world: LiberoEnvironment) {
        var generator = episode.generator(stream: 1)
        expert = ScriptedExpert(style: isVaried ? .random(using: &generator) : ScriptedExpert.Style())
    }

    mutating func decide(
        for observation: Observation, in world: LiberoEnvironment, using generator: inout CounterGenerator
    ) -> Decision {
        let decision = expert.action(for: world.view, using: &generator)
        return Decision(
            action: decision.executed, label: decision.executed == decision.label ? nil : decision.label)
    }
}
