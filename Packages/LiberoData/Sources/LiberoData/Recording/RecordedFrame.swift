public import RobotInterface
public import ImageProcessing

/// What a recorder keeps of one step: what was seen and felt, and the action chosen then.
public struct RecordedFrame: Sendable {
    /// One image of each camera of the description, in its orientation.
    public var images: [CameraName: RGBImage]
    public var state: RobotState
    /// What the robot was told, in the units of the description's action space.
    public var action: [Double]
    /// The flattened state of the simulator before the action.
    public var simulatorState: [Double]?
    /// Further numbers by name, such as the expert's clean action or poses of objects: the same names and counts in
    /// every frame of an episode.
    public var extras: [String: [Double]]

    public init(
        images: [CameraName: RGBImage], state: RobotState, action: [Double], simulatorState: [Double]? = nil,
        extras: [String: [Double]] = [:]
    ) {
        (self.images, self.state, self.action) = (images, state, action)
        (self.simulatorState, self.extras) = (simulatorState, extras)
    }
}
