import FileSupport
public import Foundation

extension BPETokenizer {
    /// Reads a `tokenizer.json` of the Hugging Face `tokenizers` library.
    ///
    /// Supported: model `BPE` without dropout, unknown token, prefixes or byte fallback; pre-tokenizer `ByteLevel`, with
    /// `Split` and `Digits` before it; decoder `ByteLevel`; normalizers `NFC`, `NFD`, `NFKC`, `NFKD`, `Lowercase`,
    /// `Strip`, `Prepend`, `Replace`; no post-processor but `ByteLevel`. Merges are arrays of two or strings with a space
    /// between. Anything else in these places is an error that names it.
    ///
    /// - Parameters:
    ///   - file: The file, of at most 64 MiB.
    ///   - requiringEveryByte: Whether a file in which a byte has no token is refused: text with that byte would
    ///     silently lose it. Vocabularies for other things than text may have fewer.
    /// - Throws: ``TokenizerError``; the system's error when the file cannot be read.
    public init(at file: URL, requiringEveryByte: Bool = true) throws {
        let handle = try FileContent.handle(at: file)
        defer { try? handle.close() }
        let data = try handle.read(upToCount: TokenizerFile.sizeLimit + 1) ?? Data()
        try self.init(json: data, name: file.path, requiringEveryByte: requiringEveryByte)
    }

    /// Reads the content of a `tokenizer.json`; errors call it `name`.
    public init(json: Data, name: String, requiringEveryByte: Bool = true) throws(TokenizerError) {
        let file = try TokenizerFile(json, name: name)
        let splitting = try file.splitting()
        let vocabulary = try file.vocabulary()
        let added = try file.addedTokens()

        // added tokens stand for their text, all others for the bytes their symbols name
        var tokens = vocabulary.tokens
        for token in added {
            if token.id >= tokens.count { tokens += Array(repeating: nil, count: token.id + 1 - tokens.count) }
            tokens[token.id] = Array(token.content.utf8)
        }
        let byteIDs = (UInt8.min...UInt8.max).map { vocabulary.ids[[$0]] }
        if requiringEveryByte, let byte = byteIDs.firstIndex(of: nil) {
            throw .inconsistent(file: name, reason: "no token stands for the byte \(byte)")
        }
        self.init(
            tokens: tokens, byteIDs: byteIDs, merges: try file.merges(vocabulary.ids), addedTokens: added,
            splitting: splitting, wholePieces: vocabulary.ids)
    }
}
