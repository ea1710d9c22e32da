/// Where a frame shall be: always with the frame it is meant for.
public struct PoseTarget: Sendable {
    public var frame: RobotModel.Frame
    /// In the base; any of these is as good as another.
    public var poses: [Pose]
    /// How much a metre along each axis of the target counts; 0 leaves that direction free.
    public var positionWeights: Vector3
    /// How much a radian about each axis of the target counts; 0 leaves that rotation free.
    public var rotationWeights: Vector3

    /// A full pose.
    public init(
        _ frame: RobotModel.Frame, pose: Pose, positionWeights: Vector3 = Vector3(1, 1, 1),
        rotationWeights: Vector3 = Vector3(1, 1, 1)
    ) {
        self.init(frame, anyOf: [pose], positionWeights: positionWeights, rotationWeights: rotationWeights)
    }

    /// Any of several poses.
    public init(
        _ frame: RobotModel.Frame, anyOf poses: [Pose], positionWeights: Vector3 = Vector3(1, 1, 1),
        rotationWeights: Vector3 = Vector3(1, 1, 1)
    ) {
        precondition(!poses.isEmpty, "PoseTarget: no pose")
        precondition(
            positionWeights.min() >= 0 && rotationWeights.min() >= 0, "PoseTarget: a weight is negative")
        self.frame = frame
        self.poses = poses
        self.positionWeights = positionWeights
        self.rotationWeights = rotationWeights
    }

    /// A point that the frame's origin shall be at, in any orientation.
    public static func position(_ frame: RobotModel.Frame, _ point: Vector3) -> PoseTarget {
        PoseTarget(frame, pose: Pose(translation: point), rotationWeights: .zero)
    }

    /// An orientation, anywhere.
    public static func orientation(_ frame: RobotModel.Frame, _ rotation: Rotation) -> PoseTarget {
        PoseTarget(frame, pose: Pose(rotation: rotation), positionWeights: .zero)
    }

    /// A pose that may be turned about its own z axis: the approach of a round gripper or a drill.
    public static func freeAboutZ(_ frame: RobotModel.Frame, pose: Pose) -> PoseTarget {
        PoseTarget(frame, pose: pose, rotationWeights: Vector3(1, 1, 0))
    }

    /// The same target for another frame of the same rigid body; nil when joints are between the two frames.
    public func transferred(to other: RobotModel.Frame, in model: RobotModel) -> PoseTarget? {
        guard let offset = model.fixedOffset(from: frame, to: other) else { return nil }
        var result = self
        result.frame = other
        result.poses = poses.map { $0 * offset }
        return result
    }
}
