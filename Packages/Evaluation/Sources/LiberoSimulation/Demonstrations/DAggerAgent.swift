public import Evaluation
public import RobotInterface
public import TensorCore

/// Lets a policy act and labels every state it comes into with what the expert would do there.
///
/// In each step the expert's action is carried out with probability β, otherwise the policy's; from a step drawn for the
/// episode on the expert acts alone. An episode that succeeds has thus been solved by the expert from where the policy had
/// brought it; others are to be dropped. Source: Ross, Gordon & Bagnell 2011, arXiv:1011.0686, algorithm 3.1.
public struct DAggerAgent: Agent {
    /// The probability of the expert's action while the policy acts, 0…1.
    public let mixture: Double
    /// The steps from which the expert acts alone are drawn from this range.
    public let takeover: ClosedRange<Int>

    private var policy: PolicyAgent<LiberoEnvironment>
    private var expert = ScriptedExpert()
    private var stepCount = 0
    private var lastPolicyStep = 0

    /// - Parameters:
    ///   - policy: Brings the world into the states that are labelled.
    ///   - execution: Which actions of its chunks are carried out.
    ///   - mixture: β, 0…1.
    ///   - takeover: Steps after which the expert finishes the episode.
    ///   - instructions: What the policy is told in place of a task's own sentence, by the task's number.
    public init(
        _ policy: any Policy, execution: ChunkExecution, mixture: Double, takeover: ClosedRange<Int>,
        instructions: [Int: String] = [:]
    ) {
        precondition(0...1 ~= mixture && takeover.lowerBound >= 0, "DAggerAgent: β \(mixture), takeover \(takeover)")
        self.policy = PolicyAgent(policy, execution: execution, instructions: instructions)
        (self.mixture, self.takeover) = (mixture, takeover)
    }

    public mutating func begin(_ episode: PlannedEpisode, in world: LiberoEnvironment) throws {
        var draws = episode.generator(stream: 2)
        (expert, stepCount) = (ScriptedExpert(), 0)
        lastPolicyStep = .random(in: takeover, using: &draws)
        try policy.begin(episode, in: world)
    }

    public mutating func decide(
        for observation: Observation, in world: LiberoEnvironment, using generator: inout PhiloxGenerator
    ) throws -> Decision {
        defer { stepCount += 1 }
        let label = expert.action(for: world.view, using: &generator).label
        guard stepCount < lastPolicyStep else { return Decision(action: label) }

        let own = try policy.decide(for: observation, in: world, using: &generator)
        if Double.random(in: 0..<1, using: &generator) < mixture {
            return Decision(action: label, label: label, chunk: own.chunk)
        }
        // what the expert was about to do has not happened: it looks at the next state afresh
        expert = ScriptedExpert()
        return Decision(action: own.action, label: label, chunk: own.chunk)
    }
}
