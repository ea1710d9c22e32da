import Foundation

/// A regular expression that cuts text, by ICU.
///
/// `@unchecked Sendable`: an `NSRegularExpression` is not changed after it is made and may be used by several threads.
struct SplitPattern: @unchecked Sendable {
    private let expression: NSRegularExpression
    /// Whether what lies between matches is kept.
    private let keepsRest: Bool

    /// - Throws: The system's error when it is no regular expression.
    init(_ pattern: String, keepsRest: Bool) throws {
        expression = try NSRegularExpression(pattern: Self.withUnicodeSpace(pattern))
        self.keepsRest = keepsRest
    }

    init(literal: String, keepsRest: Bool) throws {
        expression = try NSRegularExpression(pattern: NSRegularExpression.escapedPattern(for: literal))
        self.keepsRest = keepsRest
    }

    /// Why the pattern may not be used; nil for one that may.
    var refusal: String? {
        PatternGuard.refusal(of: expression.pattern, expression).map { "\(expression.pattern.prefix(100)): \($0)" }
    }

    var description: String { "pattern \(expression.pattern) \(keepsRest)" }

    /// ICU's `\s` is smaller than the one of the `tokenizers` library, Unicode's White_Space.
    private static func withUnicodeSpace(_ pattern: String) -> String {
        var result = ""
        var isEscaped = false
        for character in pattern {
            switch (isEscaped, character) {
            case (true, "s"): result += "p{White_Space}"
            case (true, "S"): result += "P{White_Space}"
            default: result.append(character)
            }
            isEscaped = !isEscaped && character == "\\"
        }
        return result
    }

    func split(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Int, Int) -> Void) {
        let string = String(decoding: text[range], as: UTF8.self)
        // matches come in order, in UTF-16: a byte that starts a character counts 1, or 2 above U+FFFF
        var (place, units) = (range.lowerBound, 0)
        func byteOffset(_ unit: Int) -> Int {
            while units < unit {
                units += text[place] >= 0xF0 ? 2 : 1
                place += 1
                while place < range.upperBound, text[place] & 0xC0 == 0x80 { place += 1 }
            }
            return place
        }
        var end = range.lowerBound
        for match in expression.matches(in: string, range: NSRange(location: 0, length: string.utf16.count)) {
            guard match.range.length > 0 else { continue }
            let start = byteOffset(match.range.location)
            if keepsRest { body(end, start) }
            end = byteOffset(match.range.location + match.range.length)
            body(start, end)
        }
        if keepsRest { body(end, range.upperBound) }
    }
}
