public import RobotInterface

/// A world in which a policy acts, one episode after another.
///
/// An environment is used by one thread at a time. The same start and the same actions give the same observations and
/// the same ``stateHash``, to the bit.
public protocol Environment {
    /// What it gives and takes; does not change.
    var description: EnvironmentDescription { get }

    /// The task of the current episode.
    var instruction: String { get }

    /// Puts the world into a start and returns what is seen there.
    ///
    /// - Throws: When the task or the start does not exist, or its files are damaged.
    mutating func reset(to start: EpisodeStart) throws -> Observation

    /// Carries out one action, in the units of `description.actionSpace`.
    ///
    /// - Throws: ``EpisodeFault`` for what ends this episode alone, as a failure; anything else ends the evaluation.
    mutating func step(_ action: [Double]) throws -> EnvironmentStep

    /// A hash of everything that decides what happens next.
    var stateHash: UInt64 { get }
}

/// What one step led to.
public struct EnvironmentStep: Sendable {
    /// The observation afterwards; images are rendered on demand.
    public var observation: Observation
    /// Whether the task's goal holds.
    public var isSuccess: Bool

    public init(observation: Observation, isSuccess: Bool) {
        self.observation = observation
        self.isSuccess = isSuccess
    }
}

/// What an environment gives and takes, compared with what a policy requires before the first step.
public struct EnvironmentDescription: Hashable, Codable, Sendable {
    /// Such as `libero_object`.
    public var suite: String
    /// The names of its tasks, in the order of their numbers.
    public var tasks: [String]
    public var actionSpace: ActionSpace
    public var cameras: [CameraName: CameraDescription]
    /// The parts of the robot's state it gives.
    public var stateParts: [StateLayout.Part]
    /// How many stored initial states each task has; 0 where starts are only drawn.
    public var initialStateCounts: [Int]
    /// Where it comes from: versions of the simulator, hashes of assets, whether they are stand-ins.
    public var provenance: [String: String]

    public init(
        suite: String, tasks: [String], actionSpace: ActionSpace, cameras: [CameraName: CameraDescription],
        stateParts: [StateLayout.Part], initialStateCounts: [Int], provenance: [String: String]
    ) {
        self.suite = suite
        self.tasks = tasks
        self.actionSpace = actionSpace
        self.cameras = cameras
        self.stateParts = stateParts
        self.initialStateCounts = initialStateCounts
        self.provenance = provenance
    }
}
