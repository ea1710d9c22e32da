public import FileSupport
public import Kinematics

/// Where frames are at joint positions.
public struct ForwardReport: Encodable, TextReport, Sendable {
    /// In the order asked for.
    public var poses: [(name: String, pose: PoseReport)]
    /// Whether the positions keep the joints' limits.
    public var isWithinLimits: Bool

    /// - Parameters:
    ///   - model: The robot.
    ///   - positions: Radians and metres.
    ///   - frames: Names; all when empty.
    public init(_ model: RobotModel, at positions: [Double], frames: [String] = []) throws {
        isWithinLimits = model.isWithinLimits(positions)
        let state = model.makeState()
        state.update(positions)
        poses = try (frames.isEmpty ? model.frameNames : frames).map {
            ($0, PoseReport(state.pose(of: try model.frame($0))))
        }
    }

    /// As an object of poses by frame.
    public func encode(to encoder: any Encoder) throws {
        try Dictionary(poses.map { ($0.name, $0.pose) }) { first, _ in first }.encode(to: encoder)
    }

    public var text: String {
        let width = poses.map(\.name.count).max() ?? 0
        return poses.map { $0.name.left(width) + "  " + $0.pose.text }.joined(separator: "\n")
    }
}
