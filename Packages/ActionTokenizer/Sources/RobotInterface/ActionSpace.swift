/// The meaning of an action's numbers: dimensions, frames, units and control rate.
///
/// The data set, the policy and the environment each have one. They are compared wherever two are combined; a policy
/// trained for another space would move the robot, but wrongly.
public struct ActionSpace: Hashable, Codable, Sendable {
    /// What an action sets.
    public enum Command: String, CaseIterable, Codable, Sendable {
        /// A change of the end effector's pose, relative to where it is.
        case endEffectorDelta
        /// The end effector's pose itself.
        case endEffectorPose
        /// A change of the joint positions.
        case jointDelta
        /// The joint positions themselves.
        case jointPositions
        /// Not stated: numbers whose meaning only their names hint at. No world takes them.
        case unspecified
    }

    /// In which frame translations and rotations are given.
    public enum Frame: String, CaseIterable, Codable, Sendable {
        case robotBase, endEffector, world
    }

    /// How three numbers give a rotation.
    public enum RotationFormat: String, CaseIterable, Codable, Sendable {
        /// Axis times angle, radians.
        case axisAngle
        /// Fixed-axis angles, radians.
        case rollPitchYaw
    }

    /// The name of each dimension, in order.
    public var dimensionNames: [String]
    public var command: Command
    public var frame: Frame
    public var rotationFormat: RotationFormat
    /// Metres per unit of translation.
    public var translationScale: Double
    /// Radians per unit of rotation.
    public var rotationScale: Double
    /// The range the controller clips motion to; larger numbers are cut.
    public var limit: Double
    /// What the last dimension means.
    public var gripperConvention: GripperConvention
    /// Actions per second.
    public var controlRate: Double

    public init(
        dimensionNames: [String], command: Command, frame: Frame, rotationFormat: RotationFormat,
        translationScale: Double, rotationScale: Double, limit: Double, gripperConvention: GripperConvention,
        controlRate: Double
    ) {
        precondition(!dimensionNames.isEmpty, "ActionSpace: no dimension")
        self.dimensionNames = dimensionNames
        self.command = command
        self.frame = frame
        self.rotationFormat = rotationFormat
        self.translationScale = translationScale
        self.rotationScale = rotationScale
        self.limit = limit
        self.gripperConvention = gripperConvention
        self.controlRate = controlRate
    }

    public var dimensionCount: Int { dimensionNames.count }

    /// Numbers of which only the names are known, neither scaled nor cut.
    public static func unspecified(dimensionNames: [String], controlRate: Double) -> ActionSpace {
        ActionSpace(
            dimensionNames: dimensionNames, command: .unspecified, frame: .robotBase, rotationFormat: .axisAngle,
            translationScale: 1, rotationScale: 1, limit: .greatestFiniteMagnitude, gripperConvention: .unspecified,
            controlRate: controlRate)
    }

    /// LIBERO's: robosuite's `OSC_POSE` controller with delta commands, a full deflection being 5 cm or 0.5 rad, and
    /// the gripper −1 to open and +1 to close, at 20 Hz.
    public static let libero = ActionSpace(
        dimensionNames: ["x", "y", "z", "rotation x", "rotation y", "rotation z", "gripper"],
        command: .endEffectorDelta, frame: .robotBase, rotationFormat: .axisAngle, translationScale: 0.05,
        rotationScale: 0.5, limit: 1, gripperConvention: .environment, controlRate: 20)
}
