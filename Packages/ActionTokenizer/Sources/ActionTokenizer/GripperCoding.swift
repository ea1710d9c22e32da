public import RobotInterface

/// How a policy is taught the last dimension of an action, the gripper command.
public enum GripperCoding: String, CaseIterable, Codable, Sendable {
    /// Like the motion: normalized, predicted and brought back as a number.
    case number
    /// As a class: 1 for a command that closes, 0 for one that does not. What is predicted is the probability of
    /// closing; at one half and above the gripper closes.
    case binary

    /// Whether a command closes, in a convention: above 0, or below one half for OpenVLA's.
    public static func closes(_ command: Double, _ convention: GripperConvention) -> Bool {
        switch convention {
        case .environment: command > 0
        case .openVLA: command < 0.5
        // no gripper that is known to close
        case .unspecified: false
        }
    }

    /// The command that closes or opens, in a convention.
    public static func command(closing: Bool, _ convention: GripperConvention) -> Double {
        switch convention {
        case .environment: closing ? 1 : -1
        case .openVLA: closing ? 0 : 1
        case .unspecified: 0
        }
    }
}
