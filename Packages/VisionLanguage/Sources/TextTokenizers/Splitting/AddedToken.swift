/// A token that is recognized in text as it stands, before anything is merged.
public struct AddedToken: Hashable, Sendable {
    public let id: Int
    public let content: String
    /// Left out when decoding asks for it; marks turns and images, not text.
    public let isSpecial: Bool
    /// Recognized only where no letter, digit or underscore touches it.
    public let isWord: Bool
    /// Takes the white space on its left, on its right.
    public let takesLeft, takesRight: Bool
    /// Looked for in normalized text, not in the text as it is.
    public let isNormalized: Bool

    public init(
        id: Int, content: String, isSpecial: Bool, isWord: Bool = false, takesLeft: Bool = false,
        takesRight: Bool = false, isNormalized: Bool = false
    ) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
        self.isWord = isWord
        self.takesLeft = takesLeft
        self.takesRight = takesRight
        self.isNormalized = isNormalized
    }
}

/// Finds added tokens in text: the leftmost, and the longest where several start.
struct AddedTokenMatcher: Sendable {
    private struct Candidate: Sendable {
        let content: [UInt8]
        let token: AddedToken
    }

    /// By first byte, longer contents first.
    private var candidates: [[Candidate]] = Array(repeating: [], count: 256)
    /// Whether one starts with the byte.
    private var isFirst = Array(repeating: false, count: 256)
    let isEmpty: Bool

    /// - Parameter normalizer: Changes what is looked for.
    init(_ tokens: [AddedToken], normalizer: TextNormalizer? = nil) {
        isEmpty = tokens.isEmpty
        for token in tokens {
            let content = Array((normalizer?(token.content) ?? token.content).utf8)
            guard let first = content.first else { continue }
            candidates[Int(first)].append(Candidate(content: content, token: token))
            isFirst[Int(first)] = true
        }
        for first in candidates.indices { candidates[first].sort { $0.content.count > $1.content.count } }
    }

    /// Calls `body` with the ranges between added tokens, and those of the tokens with their ids, in order.
    func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>, _ id: Int?) -> Void) {
        var (start, i) = (0, 0)
        isFirst.withUnsafeBufferPointer { isFirst in
            while i < text.count {
                guard isFirst[Int(text[i])], let match = match(text, at: i) else {
                    i += 1
                    continue
                }
                let token = match.token
                var range = i..<i + match.content.count
                i = range.upperBound
                if token.isWord, endsWithWord(text, range.lowerBound) || startsWithWord(text, range.upperBound) {
                    continue
                }
                if token.takesLeft { range = max(start, leftOfSpace(text, range.lowerBound))..<range.upperBound }
                if token.takesRight {
                    range = range.lowerBound..<rightOfSpace(text, range.upperBound)
                    i = max(i, range.upperBound)
                }
                if start < range.lowerBound { body(start..<range.lowerBound, nil) }
                body(range, token.id)
                start = range.upperBound
            }
        }
        if start < text.count { body(start..<text.count, nil) }
    }

    private func match(_ text: UnsafeBufferPointer<UInt8>, at i: Int) -> Candidate? {
        candidates[Int(text[i])].first { candidate in
            let count = candidate.content.count
            guard i + count <= text.count else { return false }
            for j in 0..<count where text[i + j] != candidate.content[j] { return false }
            return true
        }
    }

    // MARK: Neighbours

    private func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
        // \w of the regex crate: letters, marks, decimal digits, connectors, joiners
        let properties = scalar.properties
        switch properties.generalCategory {
        case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return properties.isAlphabetic || scalar.value == 0x200C || scalar.value == 0x200D
        }
    }

    private func before(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> (scalar: Unicode.Scalar, start: Int)? {
        guard end > 0 else { return nil }
        var start = end - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        return String(decoding: text[start..<end], as: UTF8.self).unicodeScalars.first.map { ($0, start) }
    }

    private func after(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> (scalar: Unicode.Scalar, end: Int)? {
        guard start < text.count else { return nil }
        var end = start + 1
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return String(decoding: text[start..<end], as: UTF8.self).unicodeScalars.first.map { ($0, end) }
    }

    private func endsWithWord(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> Bool {
        before(text, end).map { isWordCharacter($0.scalar) } ?? false
    }

    private func startsWithWord(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        after(text, start).map { isWordCharacter($0.scalar) } ?? false
    }

    private func leftOfSpace(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> Int {
        var end = end
        while let previous = before(text, end), previous.scalar.properties.isWhitespace { end = previous.start }
        return end
    }

    private func rightOfSpace(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var start = start
        while let next = after(text, start), next.scalar.properties.isWhitespace { start = next.end }
        return start
    }
}
