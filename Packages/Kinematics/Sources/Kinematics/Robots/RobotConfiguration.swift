/// What a robot file adds to a URDF: tool frames, coordinates and their preferences, locked joints, spheres.
public struct RobotConfiguration: Sendable {
    /// A sphere in a link's frame; metres. A radius below zero keeps a place for a tool and collides with nothing.
    public struct Sphere: Equatable, Sendable {
        public var center: Vector3
        public var radius: Double

        public init(center: Vector3, radius: Double) {
            self.center = center
            self.radius = radius
        }
    }

    /// A fixed frame that the URDF lacks.
    public struct ExtraFrame: Sendable {
        public var name: String
        public var parent: String
        /// In the parent's frame.
        public var pose: Pose

        public init(name: String, parent: String, pose: Pose) {
            self.name = name
            self.parent = parent
            self.pose = pose
        }
    }

    public var name: String?
    /// The file's path, or the name given to a text.
    public var file: String
    /// As in the file; ``RobotDescription`` files are looked for beside the robot file, too.
    public var urdf: String?
    public var baseLink: String?
    /// The frames a task is meant for; queries name theirs all the same.
    public var toolFrames: [String] = []
    /// The order of the coordinates, locked joints included; nil for all joints in the URDF's order.
    public var jointNames: [String]?
    /// Joints held at a value, radians or metres.
    public var lockedJoints: [String: Double] = [:]
    /// A comfortable posture, for each of ``jointNames``.
    public var defaultPositions: [Double] = []
    public var nullSpaceWeights: [Double] = []
    public var distanceWeights: [Double] = []
    /// rad/s² or m/s², one for all or one for each of ``jointNames``.
    public var maximumAcceleration: [Double] = []
    /// rad/s³ or m/s³, one for all or one for each of ``jointNames``.
    public var maximumJerk: [Double] = []
    /// How far every position limit is drawn in on both sides.
    public var positionLimitClip = 0.0
    /// The links that have spheres, in order.
    public var collisionLinks: [String] = []
    public var collisionSpheres: [String: [Sphere]] = [:]
    /// Added to every radius against the world; ``linkSphereBuffers`` before it.
    public var sphereBuffer = 0.0
    public var linkSphereBuffers: [String: Double] = [:]
    /// Pairs of links that are never tested, each named once or twice.
    public var selfCollisionIgnore: [String: [String]] = [:]
    /// Added to the radii of a link against other links.
    public var selfCollisionBuffers: [String: Double] = [:]
    public var extraFrames: [ExtraFrame] = []
    public var warnings: [RobotDescription.Warning] = []

    public init(file: String = "robot") { self.file = file }
}
