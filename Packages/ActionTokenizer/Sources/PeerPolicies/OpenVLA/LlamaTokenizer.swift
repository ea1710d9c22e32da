public import Foundation
import TensorCore

/// Llama's tokenizer: byte-pair merges over the whole text, with a token for each byte that is not in the vocabulary.
///
///     text → "▁" + text, every space → "▁" → characters → merges by rank → ids; other characters → <0xNN> of their bytes
///
/// Added tokens are split off first; the begin token stands in front. Source: `tokenizer.json` of Llama 2, Hugging Face
/// `tokenizers`, model BPE with `byte_fallback`.
public struct LlamaTokenizer: Sendable {
    /// By UTF-8 bytes: two spellings of one character are two tokens.
    private let ids: [[UInt8]: Int]
    private let ranks: [[Int]: (rank: Int, result: Int)]
    private let byteIDs: [Int]
    private let added: [(content: [UInt8], id: Int)]
    public let beginID: Int
    public let vocabularySize: Int

    /// Characters of a text that are merged; longer ones are refused.
    private static let lengthLimit = 1 << 16

    /// Reads `tokenizer.json` of a folder.
    ///
    /// - Throws: ``PeerPolicyError`` for another kind of tokenizer, or one that contradicts itself.
    public init(in folder: URL) throws { try self.init(try JSONFile("tokenizer.json", in: folder)) }

    public init(_ file: JSONFile) throws {
        let model = try file.object("model")
        guard try model.text("type", default: "BPE") == "BPE", try model.bool("byte_fallback", default: false) else {
            throw model.error(
                "model", "not a BPE tokenizer with byte_fallback", .unsupported, remedy: "Use the tokenizer of Llama 2."
            )
        }
        guard let vocabulary = model.root["vocab"]?.object, vocabulary.count <= 1 << 20 else {
            throw file.error("model.vocab", "no vocabulary of at most \(1 << 20) tokens")
        }
        var ids: [[UInt8]: Int] = [:]
        for (token, id) in vocabulary {
            guard let id = id.integer, (0..<1 << 21).contains(id) else {
                throw file.error("model.vocab", "the id of '\(token)' is no id")
            }
            ids[Array(token.utf8)] = id
        }
        var ranks: [[Int]: (rank: Int, result: Int)] = [:]
        for (rank, merge) in (model.root["merges"]?.array ?? []).enumerated() {
            var parts = merge.array?.compactMap(\.string) ?? []
            if let text = merge.string {
                parts = text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
            }
            guard parts.count == 2, let left = ids[Array(parts[0].utf8)], let right = ids[Array(parts[1].utf8)],
                let result = ids[Array(parts[0].utf8) + Array(parts[1].utf8)]
            else { throw file.error("model.merges", "merge \(rank) has a part or a result without token") }
            if ranks[[left, right]] == nil { ranks[[left, right]] = (rank, result) }
        }
        byteIDs = try (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            let name = "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
            guard let id = ids[Array(name.utf8)] else { throw file.error("model.vocab", "no token \(name)") }
            return id
        }
        var added: [(content: [UInt8], id: Int)] = []
        for token in file.root["added_tokens"]?.array ?? [] {
            guard let content = token["content"]?.string, !content.isEmpty, let id = token["id"]?.integer,
                (0..<1 << 21).contains(id)
            else { throw file.error("added_tokens", "an added token without content or id") }
            added.append((Array(content.utf8), id))
        }
        guard let begin = added.first(where: { $0.content == Array("<s>".utf8) })?.id ?? ids[Array("<s>".utf8)] else {
            throw file.error("added_tokens", "no token <s>")
        }
        self.ids = ids
        self.ranks = ranks
        // longest first, as the library's automaton finds them
        self.added = added.sorted { $0.content.count > $1.content.count }
        beginID = begin
        vocabularySize = max((ids.values.max() ?? 0), added.map(\.id).max() ?? 0) + 1
    }

    /// Ids of a text, the begin token in front.
    public func encode(_ text: String) -> [Int] {
        precondition(text.utf8.count <= Self.lengthLimit, "a text of \(text.utf8.count) bytes")
        let bytes = Array(text.utf8)
        var result = [beginID]
        var start = 0
        var place = 0
        while place < bytes.count {
            if let token = added.first(where: { bytes[place...].starts(with: $0.content) }) {
                result += merged(bytes[start..<place])
                result.append(token.id)
                place += token.content.count
                start = place
            } else {
                place += 1
            }
        }
        return result + merged(bytes[start...])
    }

    /// Ids of a piece between added tokens.
    private func merged(_ bytes: ArraySlice<UInt8>) -> [Int] {
        guard !bytes.isEmpty else { return [] }
        let space = Array("▁".utf8)
        var tokens: [Int] = ids[space].map { [$0] } ?? space.map { byteIDs[Int($0)] }
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let symbol = scalar == " " ? space : Array(String(scalar).utf8)
            if let id = ids[symbol] { tokens.append(id) } else { tokens += symbol.map { byteIDs[Int($0)] } }
        }
        // the pair of the lowest rank first, from the left
        while true {
            var best: (rank: Int, index: Int, result: Int)?
            for index in 0..<max(tokens.count - 1, 0) {
                guard let merge = ranks[[tokens[index], tokens[index + 1]]] else { continue }
                if best == nil || merge.rank < best!.rank { best = (merge.rank, index, merge.result) }
            }
            guard let best else { return tokens }
            tokens[best.index] = best.result
            tokens.remove(at: best.index + 1)
        }
    }
}
