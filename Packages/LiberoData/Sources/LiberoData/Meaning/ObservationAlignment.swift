/// Whether the observation stored with an action was seen before or after it.
public enum ObservationAlignment: String, CaseIterable, Codable, Sendable {
    /// What the robot saw when it chose the action: regenerated sets, RLDS, LeRobot.
    case beforeAction
    /// What the action led to: LIBERO's raw files, whose recorder stepped first.
    case afterAction

    /// Tells the two apart by the joints of the simulator's state, which is always the one before the action.
    ///
    /// Raw files have `obs/joint_states[t]` equal to the joints of `states[t + 1]`, others to those of `states[t]`.
    ///
    /// - Parameters:
    ///   - joints: 7 numbers per frame.
    ///   - states: The flattened simulator state: time, then the joint positions.
    /// - Returns: nil when the frames do not tell: fewer than two, or joints that fit neither or both.
    public static func detected(joints: NumberColumn, states: NumberColumn) -> ObservationAlignment? {
        guard joints.width == 7, states.width >= 8, joints.count == states.count, joints.count >= 2 else { return nil }
        func distance(_ shift: Int) -> Double {
            var worst = 0.0
            for frame in 0..<joints.count - 1 {
                for joint in 0..<7 {
                    worst = max(worst, abs(joints[frame, joint] - states[frame + shift, 1 + joint]))
                }
            }
            return worst
        }
        let (before, after) = (distance(0), distance(1))
        let tolerance = 1e-6
        switch (before <= tolerance, after <= tolerance) {
        case (true, false): return .beforeAction
        case (false, true): return .afterAction
        default: return nil
        }
    }
}
