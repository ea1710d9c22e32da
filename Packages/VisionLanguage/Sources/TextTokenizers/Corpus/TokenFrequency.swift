/// How often each token occurs in a corpus; which ones it could do without.
///
/// A policy takes over a few hundred ids for actions. They should be the least used ones: MiniMind's vocabulary is not
/// sorted by use, its last ids are words such as `Ġeconomy`.
public struct TokenFrequency: Codable, Equatable, Sendable {
    /// Occurrences by id.
    public private(set) var counts: [Int]
    /// All occurrences.
    public private(set) var tokenCount = 0

    public init(vocabularySize: Int) {
        counts = Array(repeating: 0, count: vocabularySize)
    }

    /// Counts an id, below the vocabulary's size.
    public mutating func add(_ id: Int) {
        precondition(counts.indices.contains(id), "TokenFrequency: id \(id) of \(counts.count)")
        counts[id] += 1
        tokenCount += 1
    }

    /// Counts ids, each below the vocabulary's size.
    public mutating func add(_ ids: some Sequence<Int>) { for id in ids { add(id) } }

    /// Whether the sum is that of the counts, which none of those in a file has to be.
    var isConsistent: Bool {
        var sum = 0
        for count in counts {
            let (next, overflow) = sum.addingReportingOverflow(count)
            guard count >= 0, !overflow else { return false }
            sum = next
        }
        return sum == tokenCount
    }

    /// The counts of two parts of a corpus together.
    public static func + (a: TokenFrequency, b: TokenFrequency) -> TokenFrequency {
        precondition(a.counts.count == b.counts.count, "TokenFrequency: \(a.counts.count) and \(b.counts.count) ids")
        var sum = a
        for id in b.counts.indices { sum.counts[id] += b.counts[id] }
        sum.tokenCount += b.tokenCount
        return sum
    }

    /// The `count` least used ids, rarest first; of equally rare ones the higher id first.
    ///
    /// - Parameters:
    ///   - count: At most the number of ids that may be taken.
    ///   - kept: Ids that are not to be taken, such as ``BPETokenizer/indispensableIDs``.
    public func leastUsed(_ count: Int, keeping kept: Set<Int>) -> [Int] {
        let free = counts.indices.filter { !kept.contains($0) }
        precondition(count >= 0 && count <= free.count, "leastUsed: \(count) of \(free.count) ids")
        return Array(free.sorted { (counts[$0], $1) < (counts[$1], $0) }.prefix(count))
    }
}

extension BPETokenizer {
    /// The ids that text or conversations cannot do without: added tokens, and the single bytes, from which any text
    /// can be spelt. MiniMind's placeholder for an image, `@`, is one of the bytes.
    public var indispensableIDs: Set<Int> {
        let singleBytes = (0..<vocabularySize).filter { bytes(of: $0)?.count == 1 }
        return Set(singleBytes).union(addedTokens.map(\.id))
    }
}
