public import RobotInterface
public import ImageProcessing
public import LiberoTasks

/// What the reader of a data set is told; a meaning that contradicts the data is refused.
public struct DatasetOptions: Sendable {
    /// Takes this suite's tasks only and numbers them as the suite does.
    public var suite: LiberoSuite?
    /// How the images lie, where the data do not tell.
    public var orientation: ImageOrientation?
    /// Whether observations precede their actions, where the data do not tell.
    public var alignment: ObservationAlignment?
    /// What the gripper's numbers mean, where the data do not tell.
    public var gripperConvention: GripperConvention?
    /// Frames per second, where the data do not tell.
    public var framesPerSecond: Double?
    /// How the images were rendered, where the data do not tell; LIBERO's own come from its simulator.
    public var renderProfile = "faithful"
    /// Pairs each action with the observation before it: in sets whose observations follow their actions, frame t has
    /// the observation t and the action t + 1, and there is one frame less.
    public var pairsCausally = true
    /// Bytes of numbers kept in memory for episodes read before.
    public var cacheByteCount = 256 << 20
    /// How JPEG images are decoded.
    public var inverseTransform: JPEG.InverseTransform = .accurate

    /// What a LeRobot set calls its features, where it is none of the known ones.
    public var featureNames: LeRobotFeatureNames?

    public init(suite: LiberoSuite? = nil) { self.suite = suite }
}
