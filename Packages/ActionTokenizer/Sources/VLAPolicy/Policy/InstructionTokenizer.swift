import FileSupport
public import Foundation
public import TextTokenizers
import TensorCore

/// The tokenizer of instructions that a policy is saved with: its file, its kind and the hash that pipelines name.
public struct InstructionTokenizer: Sendable {
    public enum Kind: String, Codable, Sendable {
        /// A list of words (see ``WordTokenizer``).
        case words
        /// A `tokenizer.json` of a byte-level BPE tokenizer.
        case bytePairs
    }

    public let kind: Kind
    /// The tokenizer's file as it is saved.
    public let file: Data
    /// SHA-256 of the file.
    public let hash: String
    private let words: WordTokenizer?
    private let bytePairs: BPETokenizer?

    /// A tokenizer of words.
    public init(_ words: WordTokenizer) throws {
        try self.init(kind: .words, file: words.file())
    }

    /// A tokenizer from its file's bytes.
    ///
    /// - Throws: ``PipelineError/tokenizer(_:)`` or the error of the tokenizer's reader.
    public init(kind: Kind, file: Data) throws {
        self.kind = kind
        self.file = file
        hash = SHA256.hexadecimal(Array(file))
        switch kind {
        case .words: (words, bytePairs) = (try WordTokenizer(file: file), nil)
        case .bytePairs: (words, bytePairs) = (nil, try BPETokenizer(json: file, name: "tokenizer.json"))
        }
    }

    public var vocabularySize: Int { words?.vocabularySize ?? bytePairs!.vocabularySize }

    /// The underlying byte-level BPE tokenizer; nil for one of words.
    public var bytePairTokenizer: BPETokenizer? { bytePairs }

    /// - Throws: ``PipelineError/unknownWords(_:known:)`` for a tokenizer of words.
    public func encode(_ text: String) throws -> [Int] {
        if let words { return try words.encode(text) }
        return bytePairs!.encode(text)
    }

    public func decode(_ ids: [Int]) -> String {
        words?.decode(ids) ?? bytePairs!.decode(ids)
    }
}
