import Foundation
import Testing
import TextTokenizers

/// What other byte-level files ask for. Expected ids: `tokenizers` 0.23.3 with the same files.
@Suite struct TokenizerPartTests {
    private struct Variant: Sendable, CustomStringConvertible {
        let description, changes: String
        let cases: [(String, [Int])]

        init(_ description: String, _ changes: String, _ cases: [(String, [Int])]) {
            self.description = description
            self.changes = changes
            self.cases = cases
        }
    }

    private static let variants: [Variant] = [
        Variant(
            "compatibility forms, lower case",
            #"""
            {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}}
            """#,
            [
                ("\u{FB01}AB\u{B2}\u{2167}", [102, 105, 256, 50, 118, 105, 105, 105]),
                ("\u{130}\u{DF} ab", [105, 204, 135, 195, 159, 32, 256]),
            ]),
        Variant(
            "canonical decomposition",
            #"""
            {"normalizer": {"type": "NFD"}}
            """#,
            [
                ("\u{E9}\u{C5}ab", [101, 204, 129, 65, 204, 138, 256]),
                ("a\u{301} 1", [97, 204, 129, 32, 49]),
            ]),
        Variant(
            "canonical composition, stripped",
            #"""
            {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Strip", "strip_left":
            true, "strip_right": true}]}}
            """#,
            [
                (" \u{9} ab e\u{301}\u{3000}", [256, 32, 195, 169]),
                ("\u{A0}", []),
            ]),
        Variant(
            "replaced and prepended",
            #"""
            {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": "a"},
            "content": "ab"}, {"type": "Replace", "pattern": {"Regex": "[0-9]+"}, "content": "12"}, {"type":
            "Prepend", "prepend": "ab"}]}}
            """#,
            [
                ("ca 7x99", [260, 256, 32, 259, 120, 259]),
                ("", []),
                ("b", [256, 98]),
            ]),
        Variant(
            "pattern of Llama 3",
            #"""
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex":
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}\#
            | ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
            }, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel",
            "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}}
            """#,
            [
                (
                    "I'LL ab12345!\u{D}\u{A}\u{A}  ab",
                    [73, 39, 76, 76, 32, 256, 259, 51, 52, 53, 33, 13, 10, 10, 32, 32, 256]
                ),
                ("\u{4F60}ab\u{3000} -\u{A}", [228, 189, 160, 256, 227, 128, 128, 32, 45, 10]),
                ("\u{2028}ab's", [226, 128, 168, 256, 39, 115]),
            ]),
        Variant(
            "single digits",
            #"""
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits":
            true}, {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]}}
            """#,
            [
                ("ab12 12", [256, 49, 50, 32, 49, 50]),
                (" 12\u{B2}", [32, 49, 50, 194, 178]),
            ]),
        Variant(
            "runs of digits",
            #"""
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits":
            false}, {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex":
            false}]}}
            """#,
            [
                ("ab12 12-", [256, 259, 32, 259, 45]),
                ("\u{663}12ab ab", [217, 163, 259, 256, 32, 256]),
            ]),
        Variant(
            "matches alone",
            #"""
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex":
            "[a-z]+|\\s"}, "behavior": "Removed", "invert": true}, {"type": "ByteLevel", "add_prefix_space":
            false, "trim_offsets": true, "use_regex": false}]}}
            """#,
            [
                ("ab\u{301}ABab\u{D}\u{A}-ab", [256, 256, 13, 10, 256]),
                ("LL", []),
            ]),
        Variant(
            "text as separator",
            #"""
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"String":
            "-"}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false,
            "trim_offsets": true, "use_regex": false}]}}
            """#,
            [
                ("ab--ab-ab", [256, 45, 45, 256, 45, 256]),
                ("-", [45]),
            ]),
        Variant(
            "no pattern",
            #"""
            {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
            "use_regex": false}}
            """#,
            [
                ("ab ab'll12", [256, 32, 256, 262, 259]),
                ("a bc", [97, 32, 98, 99]),
            ]),
        Variant(
            "prefix space",
            #"""
            {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex":
            true}, "added_tokens": [{"id": 264, "content": "<x>"}]}
            """#,
            [
                ("ab<x>ab", [32, 256, 264, 32, 256]),
                (" ab <x>", [32, 256, 32, 264]),
                ("", []),
            ]),
        Variant(
            "whole pieces",
            #"""
            {"ignore_merges": true}
            """#,
            [
                ("abc ab", [258, 32, 256]),
                ("bc", [257]),
            ]),
        Variant(
            "added tokens",
            #"""
            {"added_tokens": [{"id": 264, "content": "<x>", "lstrip": true}, {"id": 265, "content": "<y>",
            "rstrip": true}, {"id": 256, "content": "ab", "single_word": true}, {"id": 266, "content": "<x><y>",
            "lstrip": true, "rstrip": true, "special": true}]}
            """#,
            [
                ("ab ab, abab <x>", [256, 32, 256, 44, 32, 256, 256, 264]),
                ("l \u{9}<x> <y>\u{A} ab", [108, 264, 32, 265, 256]),
                (" <x><y> ab_ab", [266, 256, 95, 256]),
                ("ab\u{301} -ab", [256, 204, 129, 32, 45, 256]),
            ]),
        Variant(
            "added tokens in normalized text",
            #"""
            {"normalizer": {"type": "Lowercase"}, "added_tokens": [{"id": 264, "content": "<X>", "normalized":
            true}, {"id": 265, "content": "<Y>"}, {"id": 266, "content": "<y>!", "normalized": true}]}
            """#,
            [
                ("<X><x><Y><y>!", [264, 264, 265, 266]),
                ("AB<Y><y>", [256, 265, 60, 121, 62]),
            ]),
    ]

    @Test(arguments: variants.indices)
    func idsMatchTheReference(index: Int) throws {
        let variant = Self.variants[index]
        let merges =
            variant.changes.contains("ignore_merges")
            ? [("a", "b"), ("b", "c"), ("a", "bc")]
            : [
                ("a", "b"), (" ", "a"), (" a", "b"), ("1", "2"), ("ab", "c"), ("l", "l"), ("'", "ll"), ("-", "-"),
            ]
        var object = SmallTokenizer.object(merges: merges)
        let changes = try JSONSerialization.jsonObject(with: Data(variant.changes.utf8)) as? [String: Any]
        for (key, value) in try #require(changes) {
            if key == "ignore_merges" {
                var model = object["model"] as? [String: Any] ?? [:]
                model[key] = value
                object["model"] = model
            } else {
                object[key] = value
            }
        }
        let tokenizer = try SmallTokenizer.tokenizer(object)
        for (text, ids) in variant.cases {
            #expect(tokenizer.encode(text) == ids, "\(variant): \(text.debugDescription)")
        }
    }
}
