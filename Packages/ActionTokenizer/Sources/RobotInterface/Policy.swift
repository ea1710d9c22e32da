/// What a policy has to be given, so that it can be compared with an environment or a data set before the first step.
public struct PolicyRequirements: Hashable, Codable, Sendable {
    /// Units, frames and signs of the actions.
    public var actionSpace: ActionSpace
    /// The images it uses; empty if the policy takes no images.
    public var cameras: [CameraName: CameraDescription]
    /// The state it reads; nil for one that does not feel.
    public var stateLayout: StateLayout?

    public init(
        actionSpace: ActionSpace, cameras: [CameraName: CameraDescription] = [:], stateLayout: StateLayout? = nil
    ) {
        self.actionSpace = actionSpace
        self.cameras = cameras
        self.stateLayout = stateLayout
    }
}

/// A function from what the robot sees to what it does next.
///
/// It keeps no memory between calls: replanning belongs to `ActionChunkExecutor`.
public protocol Policy: Sendable {
    /// What it has to be given; compared with the environment's side before the first step.
    var requirements: PolicyRequirements { get }

    /// Returns the next actions of each observation, nearest first, in the units of `requirements.actionSpace`.
    ///
    /// The result of an observation does not depend on the others in the batch. `generators` has one entry per
    /// observation; a deterministic policy leaves them alone.
    ///
    /// - Throws: ``ObservationError`` when a camera or state entry the policy was trained with is missing or contradicts.
    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk]
}

extension Policy {
    public var actionSpace: ActionSpace { requirements.actionSpace }

    /// Returns the next actions, nearest first.
    ///
    /// - Throws: ``ObservationError`` when a camera or state entry the policy was trained with is missing or contradicts.
    public func actionChunk<Generator: RandomNumberGenerator>(
        for observation: Observation, using generator: inout Generator
    ) throws -> ActionChunk {
        var generators = [generator]
        defer { generator = generators[0] }
        return try actionChunks(for: [observation], using: &generators)[0]
    }
}
