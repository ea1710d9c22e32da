public import RobotInterface

/// One frame to learn from: what was observed, and the actions that followed.
public struct DemonstrationSample: Sendable {
    /// The episode's number in the data set.
    public var episode: Int
    public var frame: Int
    public var taskIndex: Int
    /// Images are decoded when somebody looks.
    public var observation: Observation
    /// The state as numbers, laid out as the description's `stateLayout`.
    public var state: [Double]
    public var actions: ActionChunk
    /// Which of the actions lie behind the episode's end: not for the loss.
    public var isPadding: [Bool]
    /// For a loss that counts samples differently.
    public var weight: Double
}
