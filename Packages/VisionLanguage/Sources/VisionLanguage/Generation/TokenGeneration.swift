import Foundation
public import TensorCore
import TensorNN

func exponential(_ x: Double) -> Double { Foundation.exp(x) }

/// The tokens a decoder continues sequences with, one step at a time.
///
///     var generation = TokenGeneration(decoder, vectors: decoder.embed(ids), ids: [prompt], options: .greedy, seed: 1)
///     while let step = generation.next() { print(step[0]) }
///
/// The prompt is computed at once, then every step computes one token a sequence on the key/value cache. Sequences of a
/// batch do not see each other, count positions of their own and draw from streams of their own: a sequence has the same
/// tokens alone, also beside longer ones.
public struct TokenGeneration: Sequence, IteratorProtocol {
    private let decoder: Decoder
    private let options: SamplingOptions
    private var cache: KeyValueCache?
    private var generators: [PhiloxGenerator]
    /// Ids of each sequence so far, the prompt's included.
    public private(set) var ids: [[Int]]
    private var isFinished: [Bool]
    /// Logits of the next token of each sequence, `[B, vocabularySize]`.
    private var logits: Tensor
    /// Tokens generated so far of a sequence that has not ended.
    public private(set) var stepCount = 0

    /// Computes the prompt.
    ///
    /// - Parameters:
    ///   - decoder: The model.
    ///   - vectors: The prompt, embedded, `[B, T, H]`: of ids, with image rows in their places.
    ///   - lengths: Tokens of each sequence; the rest of `vectors` is padding. nil if all have T.
    ///   - ids: Ids of each sequence of the prompt, for the repetition penalty.
    ///   - options: How ids are chosen, and when a sequence ends.
    ///   - seed: Sequence b draws from stream `firstStream + b`.
    ///   - firstStream: Of the first sequence.
    public init(
        _ decoder: Decoder, vectors: Tensor, lengths: [Int]? = nil, ids: [[Int]], options: SamplingOptions,
        seed: UInt64, firstStream: UInt64 = 0
    ) {
        require(
            vectors.rank == 3 && vectors.shape[0] == ids.count && vectors.shape[1] > 0,
            "generation from \(vectors.shape) and \(ids.count) sequences")
        let lengths = lengths ?? ids.map { _ in vectors.shape[1] }
        require(
            lengths.count == ids.count && lengths.allSatisfy { $0 > 0 && $0 <= vectors.shape[1] },
            "generation from \(vectors.shape) and sequences of \(lengths) tokens")
        self.decoder = decoder
        self.options = options
        self.ids = ids
        isFinished = ids.map { _ in false }
        generators = ids.indices.map { PhiloxGenerator(seed: seed, stream: firstStream + UInt64($0)) }
        var cache: KeyValueCache? = decoder.makeCache()
        logits = Self.lastLogits(decoder, vectors, lengths, &cache)
        if lengths.contains(where: { $0 < vectors.shape[1] }) { cache?.cut(toLengths: lengths) }
        self.cache = cache
    }

    /// Logits of the next token of each sequence, `[B, vocabularySize]`.
    public var nextLogits: Tensor { logits }

    /// The next id of each sequence; of one that has ended, the id that ended it. nil when all have ended, or the
    /// sequence has as many tokens as were asked for or as the decoder has positions.
    public mutating func next() -> [Int]? {
        guard stepCount < options.maximumTokenCount, isFinished.contains(false) else { return nil }
        let count = decoder.configuration.vocabularySize
        let values = logits.elements()
        var chosen: [Int] = []
        for row in ids.indices {
            if isFinished[row] {
                chosen.append(ids[row][ids[row].count - 1])
                continue
            }
            let id = options.choose(
                from: Array(values[row * count..<(row + 1) * count]), present: ids[row], using: &generators[row])
            ids[row].append(id)
            isFinished[row] = options.stopIDs.contains(id)
            chosen.append(id)
        }
        stepCount += 1

        // the next logits, unless nothing comes after
        if stepCount < options.maximumTokenCount, isFinished.contains(false) {
            guard (cache?.tokenCount ?? 0) < decoder.configuration.positionCount else {
                isFinished = isFinished.map { _ in true }
                return chosen
            }
            let vectors = decoder.embed(Tensor(integers: chosen, [chosen.count, 1]))
            logits = Self.lastLogits(decoder, vectors, chosen.map { _ in 1 }, &cache)
        }
        return chosen
    }

    /// Logits after the last token of each sequence.
    private static func lastLogits(
        _ decoder: Decoder, _ vectors: Tensor, _ lengths: [Int], _ cache: inout KeyValueCache?
    ) -> Tensor {
        withoutGradient {
            let hidden = decoder(vectors, cache: &cache).hidden
            let (batch, count, width) = (hidden.shape[0], hidden.shape[1], hidden.shape[2])
            let last = lengths.enumerated().map { row, length in row * count + length - 1 }
            return decoder.logits(hidden.reshaped([batch * count, width]).gatheringRows(last))
        }
    }
}

extension VisionLanguageModel {
    /// Continues sequences with images: the images are computed once, with the prompt.
    ///
    /// - Parameters:
    ///   - ids: Sequences, which need not be equally long.
    ///   - pixels: `[M, 3, height, width]`; nil when there are no images.
    ///   - runs: Where the images' rows stand.
    ///   - options: How ids are chosen.
    ///   - seed: Of the sampling.
    public func generate(
        _ ids: [[Int]], pixels: Tensor?, at runs: [ImageRun], options: SamplingOptions, seed: UInt64
    ) -> TokenGeneration {
        let length = ids.map(\.count).max() ?? 0
        let paddingID = decoder.configuration.paddingID
        let padded = ids.flatMap { $0 + [Int](repeating: paddingID, count: length - $0.count) }
        return withoutGradient {
            let tensor = Tensor(integers: padded, [ids.count, length])
            let vectors =
                pixels.map { embed(tensor, rows: imageRows(imageTokens($0)), at: runs) } ?? decoder.embed(tensor)
            return TokenGeneration(
                decoder, vectors: vectors, lengths: ids.map(\.count), ids: ids, options: options, seed: seed)
        }
    }
}
