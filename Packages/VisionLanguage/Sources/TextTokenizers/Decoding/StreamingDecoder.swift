/// Decodes ids one by one as a model makes them, without ever giving half a character.
///
/// A character may be spread over several ids; its bytes are held back, three at most, until it is complete or cannot
/// become so. All that is given out, one after the other with ``finish()`` at the end, is what
/// ``BPETokenizer/decode(_:skippingSpecialTokens:)`` gives for all ids.
public struct StreamingDecoder: Sendable {
    private let tokenizer: BPETokenizer
    private let skipsSpecialTokens: Bool
    /// The beginning of a character.
    private var pending: [UInt8] = []

    public init(_ tokenizer: BPETokenizer, skippingSpecialTokens: Bool = false) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
    }

    /// The text that is certain with this id; empty while a character is not complete.
    public mutating func append(_ id: Int) -> String {
        guard !(skipsSpecialTokens && tokenizer.isSpecial(id)), let bytes = tokenizer.bytes(of: id) else { return "" }
        pending += bytes
        let complete = pending.count - Self.unfinishedCount(pending)
        defer { pending.removeFirst(complete) }
        return String(decoding: pending[..<complete], as: UTF8.self)
    }

    /// What was held back: U+FFFD for a character that was never completed, else nothing.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end are the beginning of a character that the next byte may continue.
    private static func unfinishedCount(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let lead = bytes[bytes.count - count]
            // a continuation byte: look for its lead before it
            if lead & 0xC0 == 0x80 { continue }
            let length =
                switch lead {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            guard count < length else { return 0 }
            if count == 1 { return 1 }
            // the second byte is restricted after four leads (Unicode, table 3-7)
            let second: ClosedRange<UInt8> =
                switch lead {
                case 0xE0: 0xA0...0xBF
                case 0xED: 0x80...0x9F
                case 0xF0: 0x90...0xBF
                case 0xF4: 0x80...0x8F
                default: 0x80...0xBF
                }
            return second ~= bytes[bytes.count - count + 1] ? count : 0
        }
        return 0
    }
}
