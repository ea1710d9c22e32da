/// An agent or its world cannot go on with an episode: it ends as a failure with this reason, and the evaluation goes on.
///
/// Other errors end the evaluation.
public struct EpisodeFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String
    /// Whether an answer did not come in time, which is counted apart.
    public let isTimeOut: Bool

    public init(_ reason: String, isTimeOut: Bool) { (self.reason, self.isTimeOut) = (reason, isTimeOut) }

    public var description: String { reason }
}
