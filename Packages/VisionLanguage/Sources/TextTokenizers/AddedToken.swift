/// A token that is recognized in text as it stands, before anything is merged.
public struct AddedToken: Hashable, Sendable {
    public let id: Int
    public let content: String
    /// Left out when decoding asks for it; marks turns and pictures, not text.
    public let isSpecial: Bool
}

/// Finds added tokens in text: the leftmost, and the longest where several start.
struct AddedTokenMatcher: Sendable {
    /// By first byte, longer contents first.
    private var candidates: [[(content: [UInt8], id: Int)]] = Array(repeating: [], count: 256)

    init(_ tokens: [AddedToken]) {
        for token in tokens {
            let content = Array(token.content.utf8)
            guard let first = content.first else { continue }
            candidates[Int(first)].append((content, token.id))
        }
        for first in candidates.indices { candidates[first].sort { $0.content.count > $1.content.count } }
    }

    /// The first added token from `start` on; nil when there is none.
    func firstMatch(in text: [UInt8], from start: Int) -> (range: Range<Int>, id: Int)? {
        for i in start..<text.count where !candidates[Int(text[i])].isEmpty {
            if let match = candidates[Int(text[i])].first(where: { text[i...].starts(with: $0.content) }) {
                return (i..<i + match.content.count, match.id)
            }
        }
        return nil
    }
}
