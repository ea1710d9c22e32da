public import Foundation

/// A vocabulary that ``BPETrainer`` has learned.
public struct TrainedBPE: Hashable, Sendable {
    /// Ids of two neighbours that become one token.
    public struct Merge: Hashable, Sendable {
        public let left, right: Int
    }

    /// Tokens by id, their bytes written as symbols (a space is `Ġ`).
    public let vocabulary: [String]
    /// In the order in which they are applied.
    public let merges: [Merge]
    /// The first ids are special tokens.
    public let specialTokenCount: Int
    let hasEveryByte: Bool

    /// The `tokenizer.json` of the Hugging Face `tokenizers` library.
    public var json: Data {
        func list(_ items: some Sequence<String>, _ open: String, _ close: String) -> String {
            open + items.joined(separator: ",") + close
        }
        let added = vocabulary.prefix(specialTokenCount).enumerated().map { id, token in
            "{\"id\":\(id),\"content\":\(Self.quoted(token)),\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
                + "\"normalized\":false,\"special\":true}"
        }
        let byteLevel = "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}"
        let vocabulary = vocabulary.enumerated().map { "\(Self.quoted($1)):\($0)" }
        let merges = merges.map {
            "[\(Self.quoted(self.vocabulary[$0.left])),\(Self.quoted(self.vocabulary[$0.right]))]"
        }
        let model = [
            "\"type\":\"BPE\"", "\"dropout\":null", "\"unk_token\":null", "\"continuing_subword_prefix\":null",
            "\"end_of_word_suffix\":null", "\"fuse_unk\":false", "\"byte_fallback\":false", "\"ignore_merges\":false",
            "\"vocab\":" + list(vocabulary, "{", "}"), "\"merges\":" + list(merges, "[", "]"),
        ]
        let parts = [
            "\"version\":\"1.0\"", "\"truncation\":null", "\"padding\":null",
            "\"added_tokens\":" + list(added, "[", "]"), "\"normalizer\":null", "\"pre_tokenizer\":\(byteLevel)",
            "\"post_processor\":null", "\"decoder\":\(byteLevel)", "\"model\":" + list(model, "{", "}"),
        ]
        return Data(list(parts, "{", "}").utf8)
    }

    /// The tokenizer of this vocabulary.
    ///
    /// - Throws: ``TokenizerError`` when it is larger than what is read.
    public func tokenizer() throws(TokenizerError) -> BPETokenizer {
        try BPETokenizer(json: json, name: "trained", requiringEveryByte: hasEveryByte)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
