/// Which positions of a sequence are learnt, and what else it costs.
public struct TokenLossSettings: Hashable, Codable, Sendable {
    public enum Variant: String, Codable, CaseIterable, Sendable {
        /// The action tokens, by their places.
        case action
        /// Actions and eos, as OpenVLA trains.
        case actionAndStop
        /// Text, actions and eos; the text counts ``textWeight``.
        case textAndAction
        /// The 2025 system's: every token, of the text too, whose id is an action token.
        case actionByValue
    }

    /// A cost of probability outside the action tokens, the mean over the action positions.
    public enum Penalty: String, Codable, CaseIterable, Sendable {
        case none
        /// `1 − Σ_S p`.
        case mass
        /// `logsumexp(all) − logsumexp(S)`.
        case negativeLogarithm
    }

    public var variant = Variant.action
    public var textWeight: Float = 1
    public var penalty = Penalty.none
    public var penaltyWeight: Float = 0.5

    public init(variant: Variant = .action, penalty: Penalty = .none) {
        (self.variant, self.penalty) = (variant, penalty)
    }
}
