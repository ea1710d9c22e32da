/// What the numbers of a gripper command mean.
///
/// Two conventions are in use, opposite in sign and range; a policy trained with one and run with the other opens where
/// it should close.
public enum GripperConvention: String, CaseIterable, Codable, Sendable {
    /// −1 opens, +1 closes: LIBERO's simulator and all its files as stored.
    case environment
    /// 1 opens, 0 closes: OpenVLA in memory, its statistics and its action tokens.
    case openVLA
    /// Not stated, or no gripper at all.
    case unspecified

    /// The convention that the extremes of a gripper command tell: −1…1 or 0…1; nil for other ones.
    public init?(minimum: Double, maximum: Double) {
        switch (minimum, maximum) {
        case (-1, 1): self = .environment
        case (0, 1): self = .openVLA
        default: return nil
        }
    }

    /// The same command in another convention.
    ///
    /// To OpenVLA: `1 − clip(g, 0, 1)`, as its loader does, so that "stay" (0) becomes open.
    /// To the environment: `−sign(2g − 1)`, as its evaluation does; a half-open command becomes 0.
    public func converted(_ command: Double, to other: GripperConvention) -> Double {
        switch (self, other) {
        case (.environment, .openVLA): return 1 - clip(command, 0, 1)
        case (.openVLA, .environment):
            let centered = 2 * command - 1
            return centered > 0 ? -1 : centered < 0 ? 1 : -centered
        case (.environment, .environment), (.openVLA, .openVLA), (.unspecified, _), (_, .unspecified): return command
        }
    }
}

/// `x` moved into lower…upper; NaN stays NaN.
package func clip(_ x: Double, _ lower: Double, _ upper: Double) -> Double {
    x < lower ? lower : x > upper ? upper : x
}
