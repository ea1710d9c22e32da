/// Cuts text into the pieces within which tokens are merged, as GPT-2's pattern does:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// The first alternative that fits is taken, as much of it as fits. The optional space is U+0020 alone; `\s` is Unicode's
/// White_Space. A run of white space before a word leaves its last character to what follows.
enum TextSplitter {
    /// What the pattern tells apart.
    private enum Kind {
        case letter, number, space, other
    }

    /// Calls `body` with the byte range of each piece of `range`, in order and without gaps.
    static func forEachPiece(of text: [UInt8], in range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = endOfPiece(text, from: start, limit: range.upperBound)
            body(start..<end)
            start = end
        }
    }

    private static func endOfPiece(_ text: [UInt8], from start: Int, limit: Int) -> Int {
        // a shortened word
        if text[start] == UInt8(ascii: "'"), let end = endOfContraction(text, from: start, limit: limit) { return end }

        // one kind of characters, with a space in front or without
        let first = text[start] == UInt8(ascii: " ") ? start + 1 : start
        if first < limit {
            let (kind, length) = character(text, at: first)
            if kind != .space { return endOfRun(of: kind, text, from: first + length, limit: limit).end }
        }

        // white space: all of it at the end of the text, else all but the last character, else the one there is
        let run = endOfRun(of: .space, text, from: start, limit: limit)
        return run.end == limit || run.lastStart == start ? run.end : run.lastStart
    }

    /// The end of `'s`, `'t`, `'m`, `'d`, `'re`, `'ve`, `'ll`; nil for anything else.
    private static func endOfContraction(_ text: [UInt8], from start: Int, limit: Int) -> Int? {
        guard start + 1 < limit else { return nil }
        let second = start + 2 < limit ? text[start + 2] : 0
        switch (text[start + 1], second) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: return nil
        }
    }

    /// Where characters of this kind end, and where the last of them starts.
    private static func endOfRun(
        of kind: Kind, _ text: [UInt8], from start: Int, limit: Int
    ) -> (end: Int, lastStart: Int) {
        var (end, lastStart) = (start, start)
        while end < limit {
            let (found, length) = character(text, at: end)
            guard found == kind else { break }
            lastStart = end
            end += length
        }
        return (end, lastStart)
    }

    /// Kind and byte count of the character that starts here; the text is valid UTF-8.
    private static func character(_ text: [UInt8], at i: Int) -> (kind: Kind, length: Int) {
        let lead = text[i]
        switch lead {
        case 0..<0x80:
            switch lead {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return (.letter, 1)
            case UInt8(ascii: "0")...UInt8(ascii: "9"): return (.number, 1)
            case UInt8(ascii: " "), 0x09...0x0D: return (.space, 1)
            default: return (.other, 1)
            }
        case ..<0xE0: return (kind(UInt32(lead & 0x1F) << 6 | tail(text, i + 1)), 2)
        case ..<0xF0: return (kind(UInt32(lead & 0x0F) << 12 | tail(text, i + 1) << 6 | tail(text, i + 2)), 3)
        default:
            let value = UInt32(lead & 0x07) << 18 | tail(text, i + 1) << 12 | tail(text, i + 2) << 6 | tail(text, i + 3)
            return (kind(value), 4)
        }
    }

    private static func tail(_ text: [UInt8], _ i: Int) -> UInt32 { UInt32(text[i] & 0x3F) }

    private static func kind(_ value: UInt32) -> Kind {
        guard let scalar = Unicode.Scalar(value) else { return .other }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return scalar.properties.isWhitespace ? .space : .other
        }
    }
}
