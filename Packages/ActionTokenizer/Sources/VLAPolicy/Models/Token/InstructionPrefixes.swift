import Synchronization

/// What a token model's decoder knows of the instructions it was given last, shared by all copies of a policy that acts.
///
/// The keys and values depend on weights and instruction alone: a policy whose weights change gets new ones (see
/// ``TokenModel/visitParameters(_:)``).
public final class InstructionPrefixes: Sendable {
    /// An evaluation of many tasks asks for one of them at a time.
    private static let limit = 16
    private let kept = Mutex<[[Int]: TokenModel.InstructionPrefix]>([:])

    public init() {}

    /// The prefix of an instruction, computed when it is asked for the first time.
    func prefix(_ promptIDs: [Int], compute: () -> TokenModel.InstructionPrefix?) -> TokenModel.InstructionPrefix? {
        if let known = kept.withLock({ $0[promptIDs] }) { return known }
        guard let prefix = compute() else { return nil }
        kept.withLock { kept in
            if kept.count >= Self.limit { kept.removeAll() }
            kept[promptIDs] = prefix
        }
        return prefix
    }

    /// Instructions that are kept.
    var count: Int { kept.withLock { $0.count } }
}
