import Foundation
public import Kinematics

/// How a hand's tool frame lies in the gripper's frame of a ``Grasp``.
public struct ToolConvention: Equatable, Sendable {
    /// The robot frame the pose is for.
    public var frame: String
    /// The tool's axes in the gripper's frame: columns are x, y and z of the tool.
    public var graspFromTool: Matrix3
    /// From the tool frame's origin to the finger tips, along the approach, in metres.
    public var tipDistance: Double

    public init(frame: String, graspFromTool: Matrix3, tipDistance: Double = 0) {
        (self.frame, self.graspFromTool, self.tipDistance) = (frame, graspFromTool, tipDistance)
    }

    /// z along the approach, y along the closing direction.
    private static let handAxes = Matrix3(columns: Vector3(0, 0, -1), Vector3(0, 1, 0), Vector3(1, 0, 0))

    /// Franka's hand: `panda_hand_tcp` lies between the finger tips.
    public static let panda = ToolConvention(frame: "panda_hand_tcp", graspFromTool: handAxes)
    /// AgileX' Piper: `gripper_tip` lies between the finger tips.
    public static let piper = ToolConvention(frame: "gripper_tip", graspFromTool: handAxes)
    /// robosuite's grip site of the Panda, turned by a quarter about the approach and 6.9 mm behind Franka's TCP: the
    /// fingers close along its x axis.
    public static let robosuiteGripSite = ToolConvention(
        frame: "libero_grip_site",
        graspFromTool: Matrix3(columns: Vector3(0, -1, 0), Vector3(0, 0, -1), Vector3(1, 0, 0)), tipDistance: 0.0069)

    /// What is built in, by robot name.
    public static let builtIn: [String: ToolConvention] = ["panda": .panda, "piper": .piper]
}

extension Grasp {
    /// The pose of a tool frame at the grasp, with the finger tips at ``tip``.
    ///
    /// - Throws: `RotationError` when the grasp's matrix mirrors or is not orthonormal.
    public func toolPose(_ convention: ToolConvention) throws -> Pose {
        // matrices of float32 are orthonormal to 1e-6 only
        Pose(
            rotation: try Rotation(matrix: rotation * convention.graspFromTool, tolerance: 1e-4),
            translation: tip - convention.tipDistance * approach)
    }
}
