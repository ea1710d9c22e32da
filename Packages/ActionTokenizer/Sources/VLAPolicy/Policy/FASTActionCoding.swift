public import ActionTokenizer
import Foundation

/// FAST as a part of an action pipeline: whole chunks become few tokens of a vocabulary that was learnt from the training
/// data and is stored here.
public struct FASTActionCoding: Hashable, Codable, Sendable {
    public let horizon: Int
    public let dimensionCount: Int
    /// See `FASTActionTokenizer`.
    public let scale: Double
    public let minimum: Int
    /// Tokens of the longest chunk: a byte each.
    public let tokenLimit: Int
    /// The `tokenizer.json` of the coefficients' characters.
    public let vocabulary: String
    public let tokenizer: FASTActionTokenizer<BPETokenizerOfActions>

    /// Learns a vocabulary from normalized chunks.
    ///
    /// - Throws: `FASTError` for chunks of unequal size or wild numbers, `TokenizerError` when nothing can be learnt.
    public init(trainedOn chunks: [[[Double]]], vocabularySize: Int = 1024, scale: Double = 10) throws {
        let tokenizer = try FASTActionTokenizer<BPETokenizerOfActions>.trained(
            on: chunks, vocabularySize: vocabularySize, scale: scale)
        let range = FASTActionTokenizer<BPETokenizerOfActions>.coefficientRange(of: chunks, scale: scale)
        let bytes = Unicode.Scalar(UInt32(range.upperBound - range.lowerBound)).map { String($0).utf8.count } ?? 4
        try self.init(
            horizon: tokenizer.horizon, dimensionCount: tokenizer.dimensionCount, scale: scale,
            minimum: tokenizer.minimum, tokenLimit: tokenizer.horizon * tokenizer.dimensionCount * bytes,
            vocabulary: String(decoding: tokenizer.encoder.json, as: UTF8.self))
    }

    private init(
        horizon: Int, dimensionCount: Int, scale: Double, minimum: Int, tokenLimit: Int, vocabulary: String
    ) throws {
        guard (1...10_000).contains(horizon), (1...1000).contains(dimensionCount), scale > 0, scale.isFinite,
            abs(minimum) < 1_000_000, (1...4 * horizon * dimensionCount).contains(tokenLimit)
        else {
            throw PipelineError.tokenizer(
                "FAST for \(horizon) × \(dimensionCount) actions, scale \(scale), lowest coefficient \(minimum), at most "
                    + "\(tokenLimit) tokens")
        }
        (self.horizon, self.dimensionCount, self.scale) = (horizon, dimensionCount, scale)
        (self.minimum, self.tokenLimit, self.vocabulary) = (minimum, tokenLimit, vocabulary)
        let encoder = try BPETokenizerOfActions(json: Data(vocabulary.utf8))
        guard let highest = encoder.highestCharacter else {
            throw PipelineError.tokenizer("FAST's vocabulary has no token for a single character")
        }
        tokenizer = FASTActionTokenizer(
            encoder: encoder, horizon: horizon, dimensionCount: dimensionCount, scale: scale, minimum: minimum,
            maximum: minimum + Int(highest.value))
    }

    private enum CodingKeys: CodingKey { case horizon, dimensionCount, scale, minimum, tokenLimit, vocabulary }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            horizon: container.decode(Int.self, forKey: .horizon),
            dimensionCount: container.decode(Int.self, forKey: .dimensionCount),
            scale: container.decode(Double.self, forKey: .scale),
            minimum: container.decode(Int.self, forKey: .minimum),
            tokenLimit: container.decode(Int.self, forKey: .tokenLimit),
            vocabulary: container.decode(String.self, forKey: .vocabulary))
    }

    public static func == (a: Self, b: Self) -> Bool {
        a.horizon == b.horizon && a.dimensionCount == b.dimensionCount && a.scale == b.scale
            && a.minimum == b.minimum && a.tokenLimit == b.tokenLimit && a.vocabulary == b.vocabulary
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(horizon)
        hasher.combine(scale)
        hasher.combine(vocabulary)
    }

    /// Tokens of the vocabulary.
    public var vocabularySize: Int { tokenizer.encoder.vocabularySize }

    /// FAST's tokens of `horizon · dimensions` normalized numbers.
    ///
    /// - Throws: `FASTError`, also for a chunk of more than ``tokenLimit`` tokens or characters outside of the vocabulary.
    func tokens(of numbers: [Float]) throws -> [Int] {
        let chunk = (0..<numbers.count / dimensionCount).map { step in
            numbers[step * dimensionCount..<(step + 1) * dimensionCount].map(Double.init)
        }
        let tokens = try tokenizer.tokenIDs(for: chunk)
        guard tokens.count <= tokenLimit else {
            throw FASTError.tokenCount(tokens.count, limit: tokenLimit)
        }
        return tokens
    }

    /// The numbers of FAST's tokens, whatever a model wrote: too many coefficients are cut, missing ones are 0.
    func numbers(of tokens: [Int]) throws -> [Float] {
        try tokenizer.actions(for: tokens, strictness: .relaxed).joined().map { Float($0) }
    }
}
