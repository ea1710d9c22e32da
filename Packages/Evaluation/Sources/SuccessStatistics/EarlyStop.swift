import Foundation

/// When an evaluation may end before all its episodes are run.
public struct EarlyStop: Hashable, Codable, Sendable {
    /// What shall be found out about the success rate.
    public enum Question: Hashable, Sendable {
        /// Is the policy broken, its rate below this one?
        case isBelow(Double)
        /// Is its rate above this one?
        case isAbove(Double)
        /// On which side of this rate is it? Each answer has half of the error probability.
        case isBelowOrAbove(Double)
    }

    /// How an evaluation ended early.
    public struct Decision: Hashable, Codable, Sendable {
        /// Episodes that count, in the plan's order.
        public var episodeCount: Int
        /// Whether the rate was found above; otherwise it was found below.
        public var isAbove: Bool
    }

    public var question: Question
    /// Upper bound of the probability of a wrong answer.
    public var error: Double

    public init(_ question: Question, error: Double = 0.05) {
        precondition(0 < error && error < 1, "EarlyStop: an error of \(error)")
        self.question = question
        self.error = error
    }

    /// Ends once the rate is known to be below one number, or above another; `nil` where neither is given.
    ///
    /// Where both are given they are one rate.
    public init?(below: Double?, above: Double?) {
        switch (below, above) {
        case (nil, nil): return nil
        case (let rate?, nil): self.init(.isBelow(rate))
        case (nil, let rate?): self.init(.isAbove(rate))
        case (let rate?, _?): self.init(.isBelowOrAbove(rate))
        }
    }

    /// The first moment at which the question is answered; nil when it is not.
    public func decision(_ outcomes: [Bool]) -> Decision? {
        var successes = 0
        for (index, outcome) in outcomes.enumerated() {
            if outcome { successes += 1 }
            let observed = SuccessRate(successCount: successes, trialCount: index + 1)
            func isBelow(_ rate: Double, _ error: Double) -> Bool {
                SequentialTest.logEvidence(thatRateIsBelow: rate, observed) >= -log(error)
            }
            func isAbove(_ rate: Double, _ error: Double) -> Bool {
                SequentialTest.logEvidence(thatRateIsAbove: rate, observed) >= -log(error)
            }
            let answer: Bool? =
                switch question {
                case .isBelow(let rate): isBelow(rate, error) ? false : nil
                case .isAbove(let rate): isAbove(rate, error) ? true : nil
                case .isBelowOrAbove(let rate):
                    isBelow(rate, error / 2) ? false : isAbove(rate, error / 2) ? true : nil
                }
            if let answer { return Decision(episodeCount: index + 1, isAbove: answer) }
        }
        return nil
    }
}
