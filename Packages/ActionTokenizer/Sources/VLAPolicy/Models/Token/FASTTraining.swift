public import ActionTokenizer
import TextTokenizers
public import Foundation

extension FASTActionTokenizer where Encoder == BPETokenizerOfActions {
    /// Learns a tokenizer from chunks of normalized actions.
    ///
    /// Every coefficient between the lowest and the highest one has a token, whether it occurs or not; pairs need to
    /// occur twice. Source: `FAST.fit` of physical-intelligence/fast, whose vocabularies have no token for line feeds and
    /// other characters that byte-level symbols replace, unless they occur.
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
        var trainer = BPETrainer(vocabularySize: vocabularySize, alphabet: .bytes(of: alphabet))
        // the texts do not depend on the tokenizer
        let empty = FASTActionTokenizer<NoEncoder>(
            encoder: NoEncoder(), horizon: first.count, dimensionCount: first[0].count, scale: scale,
            minimum: range.lowerBound)
        for chunk in chunks { trainer.add(try empty.text(of: chunk)) }
        return Self(
            encoder: try BPETokenizerOfActions(json: trainer.train().json), horizon: first.count,
            dimensionCount: first[0].count, scale: scale, minimum: range.lowerBound, maximum: range.upperBound)
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

    /// The highest character below U+10000 whose bytes all have tokens; `nil` when there is none.
    public var highestCharacter: Unicode.Scalar? {
        let bytes = Set(
            (0..<vocabularySize).compactMap { tokenizer.bytes(of: $0) }.filter { $0.count == 1 }.map { $0[0] })
        return (0..<UInt32(0x10000)).reversed().lazy.compactMap { Unicode.Scalar($0) }
            .first { String($0).utf8.allSatisfy(bytes.contains) }
    }

    public func encode(_ text: String) -> [Int] { tokenizer.encode(text, recognizingAddedTokens: false) }
    public func decode(_ ids: [Int]) -> String { tokenizer.decode(ids, skippingSpecialTokens: false) }
}
