public import ActionTokenizer
import TextTokenizers
public import Foundation

extension FASTActionTokenizer where Encoder == BPETokenizerOfActions {
    /// Learns a tokenizer from chunks of normalized actions.
    ///
    /// Initial characters are all coefficients that occur; pairs need to occur twice. Source: `FAST.fit` of
    /// physical-intelligence/fast.
    ///
    /// - Throws: ``FASTError`` for chunks of unequal size or wild numbers, `TokenizerError` when nothing can be learnt.
    public static func trained(
        on chunks: [[[Double]]], vocabularySize: Int = 1024, scale: Double = 10
    ) throws -> Self {
        guard let first = chunks.first, !first.isEmpty, !first[0].isEmpty else {
            throw FASTError.size(found: [], horizon: 1, dimensionCount: 1)
        }
        let range = coefficientRange(of: chunks, scale: scale)
        let alphabet = (0...range.upperBound - range.lowerBound).compactMap { Unicode.Scalar(UInt32($0)) }
        var trainer = BPETrainer(vocabularySize: vocabularySize, alphabet: .scalars(alphabet))
        // the texts do not depend on the tokenizer
        let empty = FASTActionTokenizer<NoEncoder>(
            encoder: NoEncoder(), horizon: first.count, dimensionCount: first[0].count, scale: scale,
            minimum: range.lowerBound)
        for chunk in chunks { trainer.add(try empty.text(of: chunk)) }
        return Self(
            encoder: try BPETokenizerOfActions(json: trainer.train().json), horizon: first.count,
            dimensionCount: first[0].count, scale: scale, minimum: range.lowerBound)
    }
}

private struct NoEncoder: FASTTextEncoder {
    func encode(_ text: String) -> [Int] { [] }
    func decode(_ ids: [Int]) -> String { "" }
}

/// A byte-level BPE tokenizer whose vocabulary holds the characters of action coefficients alone.
public struct BPETokenizerOfActions: FASTTextEncoder {
    private let tokenizer: BPETokenizer
    /// The tokenizer's file.
    public let json: Data

    /// - Throws: `TokenizerError` when it is no such file.
    public init(json: Data) throws {
        tokenizer = try BPETokenizer(json: json, name: "FAST tokenizer", requiringEveryByte: false)
        self.json = json
    }

    public var vocabularySize: Int { tokenizer.vocabularySize }
    public func encode(_ text: String) -> [Int] { tokenizer.encode(text, recognizingAddedTokens: false) }
    public func decode(_ ids: [Int]) -> String { tokenizer.decode(ids, skippingSpecialTokens: false) }
}
