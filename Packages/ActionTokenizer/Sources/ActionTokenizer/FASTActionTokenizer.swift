/// Turns a chunk of normalized actions into few tokens: the cosine transform of each dimension, rounded, as a text for a
/// byte-level BPE tokenizer.
///
///     c = DCT(a);  n = round(scale · c), half to even;  the numbers of all dimensions from the lowest frequency up, as
///     characters n − minimum, become tokens; and back
///
/// Smooth chunks have few numbers that are not zero. The error is at most half a step of each coefficient, `1/(2 scale)`.
/// Source: Pertsch et al. 2025, arXiv:2501.09747.
public struct FASTActionTokenizer<Encoder: FASTTextEncoder>: Sendable {
    public let encoder: Encoder
    public let horizon: Int
    public let dimensionCount: Int
    /// Steps of a coefficient per unit.
    public let scale: Double
    /// The coefficient whose character is the first, U+0000; lower ones are raised to it.
    public let minimum: Int
    /// The coefficient that higher ones are lowered to; `nil` for none. A learned vocabulary ends at the highest one of
    /// its training data.
    public let maximum: Int?

    public init(
        encoder: Encoder, horizon: Int, dimensionCount: Int, scale: Double = 10, minimum: Int, maximum: Int? = nil
    ) {
        precondition(
            horizon > 0 && dimensionCount > 0 && scale > 0, "FAST: \(horizon) × \(dimensionCount), scale \(scale)")
        precondition(maximum == nil || maximum! >= minimum, "FAST: from \(minimum) to \(maximum ?? 0)")
        self.maximum = maximum
        self.encoder = encoder
        self.horizon = horizon
        self.dimensionCount = dimensionCount
        self.scale = scale
        self.minimum = minimum
    }

    /// What is done with tokens that do not stand for every coefficient of a chunk.
    public enum Strictness: Sendable {
        /// A chunk of zeros, as the published decoder.
        case zeros
        /// Too many are cut, missing ones are 0.
        case relaxed
        /// An error.
        case strict
    }

    /// The rounded coefficients of a chunk, `[horizon][dimensions]`.
    ///
    /// - Throws: ``FASTError`` for another size or a number that is not finite or too large.
    public func coefficients(of actions: [[Double]]) throws -> [[Int]] {
        guard actions.count == horizon, actions.allSatisfy({ $0.count == dimensionCount }) else {
            throw FASTError.size(found: actions.map(\.count), horizon: horizon, dimensionCount: dimensionCount)
        }
        return try CosineTransform.forward(actions).map { row in
            try row.map { value in
                let step = (value * scale).rounded(.toNearestOrEven)
                guard step.isFinite, abs(step) < 1e9 else { throw FASTError.notFinite }
                return Int(step)
            }
        }
    }

    /// The text of a chunk, one character a coefficient.
    ///
    /// - Throws: ``FASTError``, also for a coefficient that has no character.
    public func text(of actions: [[Double]]) throws -> String {
        var text = String.UnicodeScalarView()
        for value in try coefficients(of: actions).joined() {
            guard let scalar = Unicode.Scalar(UInt32(max(min(value, maximum ?? value) - minimum, 0))) else {
                throw FASTError.noCharacter(coefficient: value)
            }
            text.append(scalar)
        }
        return String(text)
    }

    /// Tokens of a chunk.
    ///
    /// A published vocabulary may lack a token for a character that its training data did not have. Its encoder drops
    /// such a character without a word, and the decoder then finds a coefficient too few.
    ///
    /// - Parameter strictness: ``Strictness/strict`` refuses a chunk that would lose a coefficient; the others give the
    ///   published tokens.
    /// - Throws: ``FASTError``: ``FASTError/noToken(coefficient:)`` for a lost coefficient.
    public func tokenIDs(for actions: [[Double]], strictness: Strictness = .strict) throws -> [Int] {
        let text = try text(of: actions)
        let ids = encoder.encode(text)
        if strictness == .strict, !encoder.decode(ids).unicodeScalars.elementsEqual(text.unicodeScalars) {
            let lost = text.unicodeScalars.first { scalar in
                let alone = String(scalar)
                return !encoder.decode(encoder.encode(alone)).unicodeScalars.elementsEqual(alone.unicodeScalars)
            }
            throw FASTError.noToken(coefficient: lost.map { Int($0.value) + minimum })
        }
        return ids
    }

    /// The chunk of some tokens.
    ///
    /// - Throws: ``FASTError/coefficientCount(_:expected:)`` when ``Strictness/strict`` and the number differs.
    public func actions(for tokenIDs: [Int], strictness: Strictness = .strict) throws -> [[Double]] {
        var values = encoder.decode(tokenIDs).unicodeScalars.map { Int($0.value) + minimum }
        let expected = horizon * dimensionCount
        if values.count != expected {
            switch strictness {
            case .zeros: values = Array(repeating: 0, count: expected)
            case .relaxed:
                values = Array(values.prefix(expected)) + Array(repeating: 0, count: max(0, expected - values.count))
            case .strict: throw FASTError.coefficientCount(values.count, expected: expected)
            }
        }
        let rows = (0..<horizon).map { t in
            values[t * dimensionCount..<(t + 1) * dimensionCount].map { Double($0) / scale }
        }
        return CosineTransform.inverse(rows)
    }

    /// The largest error of a number whose coefficients all have a character: half a step of each one at its worst,
    /// `max_t Σ_k |basis| / (2 scale)`.
    public var errorBound: Double {
        let basis = CosineTransform.inverse(
            (0..<horizon).map { k in (0..<horizon).map { $0 == k ? 1 : 0 } })
        return basis.map { row in row.reduce(0) { $0 + abs($1) } }.max()! / (2 * scale)
    }

    /// The largest and smallest coefficient of some chunks: the range that ``minimum`` and a tokenizer's alphabet need.
    public static func coefficientRange(
        of chunks: some Sequence<[[Double]]>, scale: Double = 10
    ) -> ClosedRange<Int> {
        var (low, high) = (0, 0)
        for chunk in chunks {
            for value in CosineTransform.forward(chunk).joined() {
                // what no tokenizer can write is an error when it is written
                let step = (value * scale).rounded(.toNearestOrEven)
                guard step.isFinite, abs(step) < 1e6 else { continue }
                (low, high) = (min(low, Int(step)), max(high, Int(step)))
            }
        }
        return low...high
    }
}

/// The byte-level BPE tokenizer below FAST: any that encodes a text and gives it back.
public protocol FASTTextEncoder: Sendable {
    func encode(_ text: String) -> [Int]
    func decode(_ ids: [Int]) -> String
}

/// A chunk or tokens that FAST cannot translate.
public enum FASTError: Error, Equatable, CustomStringConvertible {
    case size(found: [Int], horizon: Int, dimensionCount: Int)
    case notFinite
    case noCharacter(coefficient: Int)
    /// The vocabulary has no token for a coefficient; `nil` where only the text as a whole is lost.
    case noToken(coefficient: Int?)
    case coefficientCount(Int, expected: Int)
    case tokenCount(Int, limit: Int)

    public var description: String {
        switch self {
        case .size(let found, let horizon, let count):
            "The chunk has rows of \(found); the tokenizer takes \(horizon) actions of \(count) dimensions."
        case .notFinite: "The chunk holds a number that is not finite, or is far too large to be normalized."
        case .noCharacter(let coefficient): "The coefficient \(coefficient) has no character; check the normalization."
        case .noToken(let coefficient):
            "The vocabulary has no token for \(coefficient.map { "the coefficient \($0)" } ?? "a coefficient"): the chunk "
                + "would lose it. Learn the vocabulary from data that have it."
        case .coefficientCount(let count, let expected):
            "The tokens give \(count) coefficients where \(expected) are needed."
        case .tokenCount(let count, let limit):
            "The chunk becomes \(count) tokens, the longest one of the training data has at most \(limit); is it normalized?"
        }
    }
}
