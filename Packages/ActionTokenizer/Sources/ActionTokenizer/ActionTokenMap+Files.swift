import FileSupport
public import Foundation

extension ActionTokenMap {
    /// What a map's ids were chosen by.
    public struct Provenance: Equatable, Codable, Sendable {
        /// The corpus that was counted.
        public var corpus: String
        /// Its length in tokens.
        public var tokenCount: Int
        /// A hash of the tokenizer's file: ids do not carry over to another one.
        public var tokenizerHash: String

        public init(corpus: String, tokenCount: Int, tokenizerHash: String) {
            self.corpus = corpus
            self.tokenCount = tokenCount
            self.tokenizerHash = tokenizerHash
        }
    }

    /// The written form: the array of ids with what it was chosen by.
    private struct Document: Codable {
        var tokenIDs: [Int]
        var provenance: Provenance?
    }

    /// Reads a map in any of its JSON forms.
    ///
    /// - an object `{"0": id, "1": id, …}` from bin to id, all bins from 0 on: the 2025 system's file;
    /// - an array of ids, bin 0 first;
    /// - an object `{"tokenIDs": [id, …], "provenance": {…}}`, as ``write(to:provenance:)`` makes it.
    ///
    /// - Throws: ``ActionTokenMapError``; the system's error when the file cannot be read.
    public init(at file: URL, vocabularySize: Int? = nil) throws {
        guard let content = try LimitedFile.content(of: file) else {
            throw ActionTokenMapError.wrongLayout(
                file: file.path, reason: "it is larger than \(LimitedFile.sizeLimit) bytes")
        }
        let (decoder, data) = (JSONDecoder(), ByteOrderMark.dropped(from: content))
        if let ids = try? decoder.decode([Int].self, from: data) {
            try self.init(tokenIDs: ids, vocabularySize: vocabularySize)
        } else if let document = try? decoder.decode(Document.self, from: data) {
            try self.init(tokenIDs: document.tokenIDs, vocabularySize: vocabularySize)
        } else if let object = try? decoder.decode([String: Int].self, from: data) {
            let ids = try (0..<object.count).map { bin in
                guard let id = object["\(bin)"] else {
                    throw ActionTokenMapError.wrongLayout(
                        file: file.path, reason: "of its \(object.count) entries none is for bin \(bin)")
                }
                return id
            }
            try self.init(tokenIDs: ids, vocabularySize: vocabularySize)
        } else {
            var reason = "it is neither an array of ids nor an object from bin to id"
            do { _ = try StrictJSON(parsing: data, file: file.path) } catch {
                reason = "it is not JSON, \(JSONReading.explanation(of: error))"
            }
            throw ActionTokenMapError.wrongLayout(file: file.path, reason: reason)
        }
    }

    /// Writes the map with what it was chosen by; a file that was there is replaced in one step.
    public func write(to file: URL, provenance: Provenance? = nil) throws {
        let encoder = JSONEncoder.sorted(escapingSlashes: true)
        try encoder.encode(Document(tokenIDs: tokenIDs, provenance: provenance)).write(to: file, options: .atomic)
    }
}
