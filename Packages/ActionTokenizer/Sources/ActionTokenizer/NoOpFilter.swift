/// Leaves out actions that move nothing, as the regenerated ("no_noops") sets do.
///
/// An action is a no-op when `‖a[0..<D − 1]‖₂ < threshold` and the gripper's command, the last number, is that of the last
/// action kept, or none was kept yet. Source: OpenVLA, `regenerate_libero_dataset.py`.
public struct NoOpFilter: Hashable, Codable, Sendable {
    public var threshold: Double

    public init(threshold: Double = 1e-4) { self.threshold = threshold }

    /// The frames whose actions are kept, in order.
    ///
    /// - Parameters:
    ///   - count: Frames.
    ///   - dimensionCount: Numbers of an action; traps for fewer than two.
    ///   - action: A number of a frame's action.
    public func keptFrames(
        count: Int, dimensionCount: Int, action: (_ frame: Int, _ dimension: Int) -> Double
    ) -> [Int] {
        precondition(dimensionCount >= 2, "NoOpFilter: actions of \(dimensionCount) numbers")
        let gripper = dimensionCount - 1
        var kept: [Int] = []
        for frame in 0..<count {
            let square = (0..<gripper).reduce(0.0) { $0 + action(frame, $1) * action(frame, $1) }
            let isStill = square.squareRoot() < threshold
            let isHolding = kept.last.map { action(frame, gripper) == action($0, gripper) } ?? true
            if !(isStill && isHolding) { kept.append(frame) }
        }
        return kept
    }

    /// The same for actions `[T][D]`.
    public func keptFrames(_ actions: [[Double]]) -> [Int] {
        guard let first = actions.first else { return [] }
        return keptFrames(count: actions.count, dimensionCount: first.count) { actions[$0][$1] }
    }
}
