import Foundation
import Testing

@testable import TextTokenizers

/// Patterns that may search without end, and normalizers that multiply text, are refused when a tokenizer is read.
@Suite struct HostileTokenizerTests {
    func refusal(_ pattern: String) throws -> String? {
        PatternGuard.refusal(of: pattern, try NSRegularExpression(pattern: pattern))
    }

    @Test(arguments: [
        "(a+)+b", "(a*)*$", #"(\w+\s?)*$"#, "(a|aa)*b", "(?:xyz|xyzxyz)+q", #"(a{1,200}){1,200}b"#, #"([a-z]+)*\1"#,
        #"(a)\1"#, "(?:(?:a?b?)+)+c", "a*a*a*a*a*a*a*b",
    ])
    func patternsThatBacktrackAreRefused(pattern: String) throws { #expect(try refusal(pattern) != nil) }

    /// GPT-2, GPT-4, o200k, Llama 3, Qwen 2, DeepSeek V3.
    @Test(arguments: [
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#,
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##,
        " {2,}", "[0-9][0-9][0-9]", #"\p{L}+"#,
    ])
    func patternsOfPublishedTokenizersAreRead(pattern: String) throws { #expect(try refusal(pattern) == nil) }

    func part(_ json: String) throws -> TokenizerPart {
        try JSONDecoder().decode(TokenizerPart.self, from: Data(json.utf8))
    }

    func replacing(_ text: String, by other: String) -> String {
        #"{"type": "Replace", "pattern": {"String": "\#(text)"}, "content": "\#(other)"}"#
    }

    @Test func normalizersDoNotMultiplyText() throws {
        let doubling = [String](repeating: replacing("a", by: "aa"), count: 40).joined(separator: ",")
        #expect(throws: TokenizerPart.Unsupported.self) {
            try part(#"{"type": "Sequence", "normalizers": [\#(doubling)]}"#).normalizer()
        }
        #expect(throws: TokenizerPart.Unsupported.self) {
            try part(replacing("a", by: String(repeating: "b", count: 10_000))).normalizer()
        }
        #expect(throws: TokenizerPart.Unsupported.self) {
            try part(#"{"type": "Prepend", "prepend": "\#(String(repeating: "b", count: 10_000))"}"#).normalizer()
        }
        // Llama's
        let llama =
            #"{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, \#(replacing(" ", by: "▁"))]}"#
        #expect(try part(llama).normalizer()("a b") == "▁a▁b")
    }

    @Test func aPatternIsRefusedWithItsReason() throws {
        let error = try #require(throws: TokenizerPart.Unsupported.self) {
            try part(#"{"type": "Replace", "pattern": {"Regex": "(a+)+b"}, "content": "x"}"#).normalizer()
        }
        #expect(error.found.contains("repeated group"), "\(error.found)")
    }
}
