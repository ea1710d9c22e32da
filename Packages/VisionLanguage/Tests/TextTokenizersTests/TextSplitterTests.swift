import Testing

@testable import TextTokenizers

@Suite struct TextSplitterTests {
    private func pieces(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var result: [String] = []
        bytes.withUnsafeBufferPointer { text in
            TextSplitter.forEachPiece(of: text, in: bytes.indices) {
                result.append(String(decoding: text[$0..<$1], as: UTF8.self))
            }
        }
        return result
    }

    @Test(arguments: [
        ("hello world", ["hello", " world"]),
        ("I'll say it's", ["I", "'ll", " say", " it", "'s"]),
        // upper case is no shortened word
        ("I'LL", ["I", "'", "LL"]),
        ("a1b22", ["a", "1", "b", "22"]),
        ("x!?y", ["x", "!?", "y"]),
        ("a   b", ["a", "  ", " b"]),
        ("a \n b", ["a", " \n", " b"]),
        ("a\n\nb", ["a", "\n", "\n", "b"]),
        ("a  ", ["a", "  "]),
        (" ", [" "]),
        // the space in front is U+0020 alone
        ("a\u{A0}b", ["a", "\u{A0}", "b"]),
        ("a \u{3000}b", ["a", " ", "\u{3000}", "b"]),
        ("''s", ["''", "s"]),
        (" 's", [" '", "s"]),
        ("你好，世界", ["你好", "，", "世界"]),
        ("½Ⅷ²", ["½Ⅷ²"]),
        ("", []),
    ])
    func piecesAreThePatterns(text: String, expected: [String]) {
        #expect(pieces(text).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    /// Letters that Unicode 17 added are none to the reference (tokenizers 0.23.3: `["𲳘'", "d"]`, not `["𲳘", "'d"]`).
    @Test(arguments: [("\u{32CD8}'d", ["\u{32CD8}'", "d"]), ("a\u{88F}b", ["a", "\u{88F}", "b"])])
    func lettersAreThoseOfUnicode16(text: String, expected: [String]) {
        #expect(pieces(text).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    /// The pattern itself, run by Swift's own engine over random text.
    @Test func handWrittenSplitterMatchesTheRegularExpression() throws {
        let pattern = try Regex(#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#)
            .matchingSemantics(.unicodeScalar)
        var generator = SeededGenerator(state: 31)
        for _ in 0..<300 {
            // the engine may know characters that the reference does not
            let drawn = generator.text(maximumLength: 40)
            let known = drawn.unicodeScalars.filter { ($0.properties.age?.major ?? 0) <= 16 }
            let text = String(String.UnicodeScalarView(known))
            let expected = text.matches(of: pattern).map { Array(text[$0.range].utf8) }
            #expect(pieces(text).map { Array($0.utf8) } == expected, "\(text.unicodeScalars.map(\.value))")
        }
    }
}
