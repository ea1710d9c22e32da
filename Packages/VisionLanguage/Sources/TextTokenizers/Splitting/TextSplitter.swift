/// Cuts text into the pieces within which tokens are merged, as GPT-2's pattern does:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// The first alternative that fits is taken, as much of it as fits. The optional space is U+0020 alone; `\s` is Unicode's
/// White_Space. A run of white space before a word leaves its last character to what follows.
struct TextSplitter {
    private let text: UnsafePointer<UInt8>
    private let limit: Int
    private let kinds: UnsafePointer<CharacterKind>

    /// Calls `body` with the byte range of each piece of `range`, in order and without gaps. The text is valid UTF-8.
    @inline(__always)
    static func forEachPiece(
        of text: UnsafeBufferPointer<UInt8>, in range: Range<Int>, _ body: (_ start: Int, _ end: Int) -> Void
    ) {
        guard let base = text.baseAddress else { return }
        let splitter = TextSplitter(text: base, limit: range.upperBound, kinds: CharacterKinds.shared.base)
        var start = range.lowerBound
        while start < range.upperBound {
            let end = splitter.endOfPiece(from: start)
            body(start, end)
            start = end
        }
    }

    @inline(__always)
    private func endOfPiece(from start: Int) -> Int {
        // a shortened word
        if text[start] == UInt8(ascii: "'"), let end = endOfContraction(from: start) { return end }

        // one kind of characters, with a space in front or without
        let first = text[start] == UInt8(ascii: " ") ? start + 1 : start
        if first < limit {
            let (kind, length) = character(at: first)
            if kind != .space { return endOfRun(of: kind, from: first + length).end }
        }

        // white space: all of it at the end of the text, else all but the last character, else the one there is
        let run = endOfRun(of: .space, from: start)
        return run.end == limit || run.lastStart == start ? run.end : run.lastStart
    }

    /// The end of `'s`, `'t`, `'m`, `'d`, `'re`, `'ve`, `'ll`; nil for anything else.
    private func endOfContraction(from start: Int) -> Int? {
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
    @inline(__always)
    private func endOfRun(of kind: CharacterKind, from start: Int) -> (end: Int, lastStart: Int) {
        var (end, lastStart) = (start, start)
        while end < limit {
            let (found, length) = character(at: end)
            guard found == kind else { break }
            lastStart = end
            end += length
        }
        return (end, lastStart)
    }

    /// Kind and byte count of the character that starts here.
    @inline(__always)
    private func character(at i: Int) -> (kind: CharacterKind, length: Int) {
        let lead = text[i]
        switch lead {
        case 0..<0x80: return (kinds[Int(lead)], 1)
        case ..<0xE0: return (kinds[Int(lead & 0x1F) << 6 | tail(i + 1)], 2)
        case ..<0xF0: return (kinds[Int(lead & 0x0F) << 12 | tail(i + 1) << 6 | tail(i + 2)], 3)
        default:
            let value = Int(lead & 0x07) << 18 | tail(i + 1) << 12 | tail(i + 2) << 6 | tail(i + 3)
            return (CharacterKind(UInt32(value)), 4)
        }
    }

    @inline(__always)
    private func tail(_ i: Int) -> Int { Int(text[i] & 0x3F) }
}
