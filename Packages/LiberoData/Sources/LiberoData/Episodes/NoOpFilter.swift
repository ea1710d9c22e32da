/// Leaves out actions that move nothing, as the regenerated ("no_noops") sets do.
///
/// An action is a no-op when `‖a[0..5]‖₂ < threshold` and the gripper's command is that of the last action kept, or none
/// was kept yet. Source: OpenVLA, `regenerate_libero_dataset.py`.
public struct NoOpFilter: Hashable, Codable, Sendable {
    public var threshold: Double

    public init(threshold: Double = 1e-4) { self.threshold = threshold }

    /// The frames whose actions are kept, in order. Traps for actions of fewer than two numbers.
    public func keptFrames(_ actions: NumberColumn) -> [Int] {
        precondition(actions.width >= 2, "NoOpFilter: actions of \(actions.width) numbers")
        let gripper = actions.width - 1
        var kept: [Int] = []
        for frame in 0..<actions.count {
            let square = (0..<gripper).reduce(0.0) { $0 + actions[frame, $1] * actions[frame, $1] }
            let isStill = square.squareRoot() < threshold
            let isHolding = kept.last.map { actions[frame, gripper] == actions[$0, gripper] } ?? true
            if !(isStill && isHolding) { kept.append(frame) }
        }
        return kept
    }
}
