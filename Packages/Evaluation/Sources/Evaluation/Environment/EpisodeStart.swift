/// Where an episode begins: enough to begin it again.
public struct EpisodeStart: Hashable, Codable, Sendable {
    /// How the objects and the arm are placed.
    public enum Placement: Hashable, Codable, Sendable {
        /// A stored initial state of the benchmark, by its row.
        case stored(index: Int)
        /// A fresh draw from the task's regions, by a seed.
        case drawn(seed: UInt64)
    }

    /// The task's number in its suite.
    public var task: Int
    public var placement: Placement
    /// Changes made to the placement; nil for none.
    public var perturbation: StartPerturbation?
    /// The task whose goal counts, by its number in the suite; nil for the task's own.
    ///
    /// Everything its goal speaks of has to be in the task's scene.
    public var goalTask: Int?

    public init(task: Int, placement: Placement, perturbation: StartPerturbation? = nil, goalTask: Int? = nil) {
        self.task = task
        self.placement = placement
        self.perturbation = perturbation
        self.goalTask = goalTask
    }
}

/// Random changes of a start, so that a policy that only remembers where things stand is found out.
public struct StartPerturbation: Hashable, Codable, Sendable {
    /// The objects the goal speaks of move by up to this in x and in y, metres.
    public var targetRange: Double
    /// The others move by up to this in x and in y, metres.
    public var otherRange: Double
    /// The standard deviation added to each joint of the arm, radians.
    public var armNoise: Double
    /// Whether things that can be carried take each other's places, in any order; nil for no.
    ///
    /// What the goal puts things in or on stays, and so does what stands on or in something else or carries something.
    public var exchangesPlaces: Bool?
    /// Decides the draw; the same seed gives the same start.
    public var seed: UInt64

    public init(
        targetRange: Double = 0, otherRange: Double = 0, armNoise: Double = 0, exchangesPlaces: Bool? = nil,
        seed: UInt64
    ) {
        self.targetRange = targetRange
        self.otherRange = otherRange
        self.armNoise = armNoise
        self.exchangesPlaces = exchangesPlaces
        self.seed = seed
    }
}
