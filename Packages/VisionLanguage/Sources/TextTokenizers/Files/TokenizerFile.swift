import FileSupport
import Foundation

/// What is read of a `tokenizer.json`.
struct TokenizerFile {
    static let sizeLimit = 64 << 20
    static let idLimit = 1 << 21
    static let tokenLengthLimit = 1 << 12

    private let name: String
    private let content: Content
    /// Ids by the bytes of the entries, in which characters that look alike are different.
    private let ids: [[UInt8]: Int]

    /// Only presence and kind matter of most settings.
    private struct Content: Decodable {
        let model: Model
        let added_tokens: [Added]?
        let normalizer: TokenizerPart?
        let pre_tokenizer: TokenizerPart?
        let post_processor: TokenizerPart?
        let decoder: TokenizerPart?
    }
    private struct Added: Decodable {
        let id: Int
        let content: String
        let special, single_word, lstrip, rstrip, normalized: Bool?
    }
    private struct Model: Decodable {
        let type: String
        let dropout: Double?
        let unk_token: String?
        let continuing_subword_prefix: String?
        let end_of_word_suffix: String?
        let byte_fallback: Bool?
        let ignore_merges: Bool?
        let vocab: [String: Int]
        let merges: [Merge]
    }
    private struct Merge: Decodable {
        let left: String
        let right: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            let parts: [String]
            if let text = try? container.decode(String.self) {
                // by scalars: a space followed by a combining mark is one Character
                parts = text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
            } else {
                parts = try container.decode([String].self)
            }
            guard parts.count == 2 else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "a merge has two parts")
            }
            (left, right) = (parts[0], parts[1])
        }
    }

    init(_ json: Data, name: String) throws(TokenizerError) {
        guard json.count <= Self.sizeLimit else {
            throw .limit(file: name, what: "a size in bytes", found: json.count, limit: Self.sizeLimit)
        }
        self.name = name
        do {
            content = try JSONDecoder().decode(Content.self, from: ByteOrderMark.dropped(from: json))
        } catch {
            throw .wrongLayout(file: name, reason: Self.reason(error, json))
        }
        ids = Self.ids(content.model.vocab, json)
    }

    /// The vocabulary by bytes.
    ///
    /// A dictionary of texts keeps one of two keys that are canonically equivalent, such as the scalars U+0340 and U+0300
    /// of an alphabet of numbers. Ids follow one another, so that a lost one leaves a gap: then the text is read again.
    private static func ids(_ vocabulary: [String: Int], _ json: Data) -> [[UInt8]: Int] {
        var entries = vocabulary.map { (key: Array($0.key.utf8), id: $0.value) }
        if vocabulary.count <= vocabulary.values.max() ?? 0,
            let whole = try? StrictJSON(parsing: json, file: ""), let exact = whole["model"]?["vocab"]?.object
        {
            entries = exact.compactMap { entry in entry.value.integer.map { (Array(entry.key.utf8), $0) } }
        }
        return Dictionary(entries.map { ($0.key, $0.id) }) { first, _ in first }
    }

    private static func reason(_ error: any Error, _ json: Data) -> String {
        let found = JSONReading.explanation(of: error, in: json)
        return found.offset.map { "it is not JSON at byte \($0): \(found.text)" } ?? "\(found)"
    }

    /// Checks the settings, and returns what happens to text before it is merged.
    func splitting() throws(TokenizerError) -> BPETokenizer.Splitting {
        let model = content.model
        if model.type != "BPE" { throw unsupported("the model", model.type) }
        if let dropout = model.dropout, dropout != 0 { throw unsupported("dropout", "\(dropout)") }
        if let unknown = model.unk_token { throw unsupported("the unknown token", unknown) }
        for (setting, text) in [
            ("continuing_subword_prefix", model.continuing_subword_prefix),
            ("end_of_word_suffix", model.end_of_word_suffix),
        ] {
            if let text, !text.isEmpty { throw unsupported(setting, text) }
        }
        if model.byte_fallback == true { throw unsupported("byte_fallback", "true") }
        if let processor = content.post_processor, processor.type != "ByteLevel" {
            throw unsupported("the post-processor", processor.type)
        }
        guard let decoder = content.decoder, decoder.type == "ByteLevel" else {
            throw unsupported("the decoder", content.decoder?.type ?? "null")
        }
        guard let preTokenizer = content.pre_tokenizer else { throw unsupported("the pre-tokenizer", "null") }
        do throws(TokenizerPart.Unsupported) {
            return BPETokenizer.Splitting(
                normalizer: try content.normalizer?.normalizer(), preTokenizer: try preTokenizer.preTokenizer(),
                takesWholePieces: model.ignore_merges ?? false)
        } catch {
            throw unsupported(error.setting, error.found)
        }
    }

    /// Bytes by id, and ids by bytes for the entries made of byte symbols.
    func vocabulary() throws(TokenizerError) -> (tokens: [[UInt8]?], ids: [[UInt8]: Int]) {
        let entries = ids
        try check(ids: entries.values)
        var tokens = [[UInt8]?](repeating: nil, count: (entries.values.max() ?? -1) + 1)
        var ids: [[UInt8]: Int] = [:]
        for (symbols, id) in entries {
            try check(length: symbols.count)
            guard tokens[id] == nil else {
                throw .inconsistent(file: name, reason: "the vocabulary has the id \(id) twice")
            }
            if let bytes = ByteSymbols.bytes(of: String(decoding: symbols, as: UTF8.self).unicodeScalars) {
                tokens[id] = bytes
                ids[bytes] = id
            } else {
                tokens[id] = symbols
            }
        }
        return (tokens, ids)
    }

    func addedTokens() throws(TokenizerError) -> [AddedToken] {
        let added = content.added_tokens ?? []
        try check(ids: added.map(\.id))
        let taken = Set(ids.values)
        var contents = Set<[UInt8]>()
        var seen = Set<Int>()
        return try added.map { token throws(TokenizerError) in
            try check(length: token.content.utf8.count)
            guard !token.content.isEmpty else {
                throw .inconsistent(file: name, reason: "the added token \(token.id) has no content")
            }
            guard contents.insert(Array(token.content.utf8)).inserted, seen.insert(token.id).inserted else {
                throw .inconsistent(file: name, reason: "the added token '\(token.content)' (\(token.id)) occurs twice")
            }
            // an entry of the vocabulary with this content or this id has to be the same token
            let entry = ids[Array(token.content.utf8)]
            guard entry == token.id || entry == nil && !taken.contains(token.id) else {
                throw .inconsistent(
                    file: name,
                    reason: "the added token '\(token.content)' (\(token.id)) is another one in the vocabulary")
            }
            return AddedToken(
                id: token.id, content: token.content, isSpecial: token.special ?? false,
                isWord: token.single_word ?? false, takesLeft: token.lstrip ?? false,
                takesRight: token.rstrip ?? false, isNormalized: token.normalized ?? false)
        }
    }

    func merges(_ ids: [[UInt8]: Int]) throws(TokenizerError) -> MergeTable {
        var table = MergeTable()
        for (rank, merge) in content.model.merges.enumerated() {
            let parts = [merge.left, merge.right].compactMap { ByteSymbols.bytes(of: $0.unicodeScalars) }
            guard parts.count == 2, let left = ids[parts[0]], let right = ids[parts[1]],
                let result = ids[parts[0] + parts[1]]
            else {
                throw .inconsistent(
                    file: name,
                    reason: "merge \(rank), '\(merge.left)' and '\(merge.right)', has a part or a result without token")
            }
            table.add(left, right, rank: rank, result: result)
        }
        return table
    }

    private func check(ids: some Sequence<Int>) throws(TokenizerError) {
        for id in ids where !(0..<Self.idLimit ~= id) {
            if id < 0 { throw .inconsistent(file: name, reason: "the id \(id) is negative") }
            throw .limit(file: name, what: "an id", found: id, limit: Self.idLimit - 1)
        }
    }

    private func check(length: Int) throws(TokenizerError) {
        guard length <= Self.tokenLengthLimit else {
            throw .limit(file: name, what: "a token's length in bytes", found: length, limit: Self.tokenLengthLimit)
        }
    }

    private func unsupported(_ setting: String, _ found: String) -> TokenizerError {
        .unsupported(file: name, setting: setting, found: found)
    }
}
