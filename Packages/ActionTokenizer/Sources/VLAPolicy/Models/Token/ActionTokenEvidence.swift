public import ActionTokenizer
public import TextTokenizers

/// Whether action token ids survive a round trip through text.
///
/// A policy that writes tokens needs no text. A service that hands the model's output on as text does: an id whose text
/// is read as other ids, such as a byte of a character that takes three, is lost there.
public struct ActionTokenEvidence: Hashable, Codable, Sendable {
    /// Ids that come back when their text alone is encoded.
    public var survivingCount: Int
    /// Ids that do not, with what they become.
    public var lost: [Int: [Int]]
    /// Ids that the tokenizer treats as special; none may be an action token.
    public var special: [Int]

    /// Tries every id of a map.
    public init(_ tokens: ActionTokenMap, tokenizer: BPETokenizer) {
        (survivingCount, lost, special) = (0, [:], [])
        for id in tokens.tokenIDs {
            if tokenizer.isSpecial(id) { special.append(id) }
            let again = tokenizer.encode(tokenizer.decode([id]))
            if again == [id] { survivingCount += 1 } else { lost[id] = again }
        }
    }

    /// The rarest ids of a counted corpus that can represent bins, rarest first; of equally rare ones the highest.
    ///
    /// - Parameters:
    ///   - count: How many ids.
    ///   - frequency: How often the corpus has each id.
    ///   - tokenizer: The one it was counted with.
    ///   - excluded: Ids that text needs or that have a task of their own, besides special ones and single bytes.
    ///   - survivingOnly: Whether ids that do not survive text are left out.
    /// - Throws: `ActionTokenMapError` when there are fewer than `count`.
    public static func leastUsed(
        _ count: Int, of frequency: TokenFrequency, tokenizer: BPETokenizer, excluding excluded: Set<Int> = [],
        survivingOnly: Bool = false
    ) throws -> ActionTokenMap {
        let candidates = (0..<tokenizer.vocabularySize).filter { id in
            guard !excluded.contains(id), !tokenizer.isSpecial(id), let bytes = tokenizer.bytes(of: id), bytes.count > 1
            else { return false }
            return !survivingOnly || tokenizer.encode(tokenizer.decode([id])) == [id]
        }
        let sorted = candidates.sorted { (frequency.counts[$0], -$0) < (frequency.counts[$1], -$1) }
        return try ActionTokenMap(
            tokenIDs: Array(sorted.prefix(count)), vocabularySize: tokenizer.vocabularySize, requiring: count)
    }
}

extension ActionTokenMap {
    fileprivate init(tokenIDs: [Int], vocabularySize: Int, requiring count: Int) throws {
        guard tokenIDs.count == count else { throw ActionTokenMapError.empty }
        try self.init(tokenIDs: tokenIDs, vocabularySize: vocabularySize)
    }
}
