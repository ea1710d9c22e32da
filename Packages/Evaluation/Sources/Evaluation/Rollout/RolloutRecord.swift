public import RobotInterface

/// Everything that happened in an episode, so that it can be carried out again and compared bit for bit.
///
/// It holds no times and nothing of the machine: the same episode gives the same record.
public struct RolloutRecord: Hashable, Sendable {
    /// What the episode was.
    public struct Header: Hashable, Codable, Sendable {
        /// Of the file; see ``RolloutRecord/version``.
        public var version: Int
        public var suite: String
        public var taskName: String
        public var instruction: String
        public var episode: PlannedEpisode
        public var rules: EvaluationRules
        /// Who acted, such as `expert` or a checkpoint's hash.
        public var agent: String
        /// Where the environment came from; ``EnvironmentDescription/provenance``.
        public var provenance: [String: String]
    }

    /// One step of the environment.
    public struct Step: Hashable, Sendable {
        public var action: [Double]
        /// What would have been right, where that is something else.
        public var label: [Double]?
        /// What the policy said before this step, where it was asked.
        public var chunk: ActionChunk?
        /// ``Environment/stateHash`` after the step.
        public var stateHash: UInt64
    }

    /// How an episode ended.
    public enum End: Hashable, Sendable {
        /// The goal held.
        case success
        /// The step limit was reached.
        case stepLimit
        /// The agent did something that cannot be carried out; counts as a failure.
        case fault(String)
    }

    public static let version = 1

    public var header: Header
    /// The state's hash after the reset.
    public var startHash: UInt64
    /// The settling steps first.
    public var steps: [Step]
    public var end: End

    public var isSuccess: Bool { end == .success }
    /// Steps the agent decided on.
    public var agentStepCount: Int { max(steps.count - header.rules.settlingStepCount, 0) }
}
