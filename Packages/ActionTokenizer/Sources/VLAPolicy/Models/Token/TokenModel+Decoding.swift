import ActionTokenizer
import Foundation
public import TensorCore
import TensorNN
import VisionLanguage

extension TokenModel {
    /// Which tokens may be written.
    public enum DecodingMode: Sendable, Hashable {
        /// The likeliest action token, or the end where chunks differ in length.
        case restricted
        /// The likeliest token of all: a diagnostic, which shows leaks.
        case free
        /// An action token drawn from softmax(logits / temperature).
        case sampled(temperature: Float)
    }

    /// Tokens that were written, and what they were chosen from.
    public struct Decoded: Sendable {
        /// Without the end.
        public var tokens: [Int]
        /// `[tokens, vocabulary]`, the end's among them when it was written.
        public var logits: Tensor
    }

    /// What the decoder knows of an instruction before it sees anything; see ``TokenLayout/Order/instructionFirst``.
    public struct InstructionPrefix: Sendable {
        let promptIDs: [Int]
        let cache: KeyValueCache
    }

    /// The keys and values of begin and instruction, to be used for every observation with the same instruction; nil
    /// when images stand first.
    public func instructionPrefix(_ promptIDs: [Int]) -> InstructionPrefix? {
        guard layout.order == .instructionFirst else { return nil }
        return withoutGradient {
            var cache: KeyValueCache? = decoder.makeCache()
            let ids = [decoder.configuration.beginID] + promptIDs
            _ = decoder(decoder.embed(Tensor(integers: ids, [1, ids.count])), cache: &cache)
            return InstructionPrefix(promptIDs: promptIDs, cache: cache!)
        }
    }

    /// Writes the tokens of one row's chunk, one after another.
    ///
    /// - Parameters:
    ///   - inputs: One row.
    ///   - coding: Which ids are action tokens.
    ///   - mode: Among which ids a token is chosen.
    ///   - usesCache: Without, everything is computed again for each token; for tests.
    ///   - prefix: Of this row's instruction; saves its part of the work.
    ///   - generator: For modes that sample.
    public func decode(
        _ inputs: PolicyInputs, coding: ActionTokenCoding, mode: DecodingMode = .restricted, usesCache: Bool = true,
        prefix: InstructionPrefix? = nil, using generator: inout some RandomNumberGenerator
    ) -> Decoded {
        require(inputs.count == 1, "decode: \(inputs.count) rows; they are decoded one by one")
        let end = coding.isVariable ? decoder.configuration.endID : nil
        let ids = (coding.tokenIDs + (end.map { [$0] } ?? [])).sorted()
        var tokens: [Int] = []
        var rows: [Tensor] = []
        var cache: KeyValueCache? = usesCache ? (prefix?.cache ?? decoder.makeCache()) : nil
        withoutGradient {
            let images = imageRows(inputs)
            for _ in 0..<layout.actionTokenCount {
                var vectors: Tensor
                if usesCache, !tokens.isEmpty {
                    vectors = decoder.embed(Tensor(integers: [tokens[tokens.count - 1]], [1, 1]))
                } else {
                    vectors = self.vectors(inputs, imageRows: images, actions: [tokens], isWhole: false)
                    if usesCache, let prefix {
                        require(prefix.promptIDs == inputs.promptIDs[0], "decode: the prefix of another instruction")
                        vectors = vectors.slice(axis: 1, prefix.cache.tokenCount..<vectors.shape[1])
                    }
                }
                let hidden = decoder(vectors, cache: &cache).hidden
                let logits = decoder.logits(hidden.select(axis: 1, hidden.shape[1] - 1))
                rows.append(logits)
                let token = Self.choose(logits.elements(), among: ids, mode, using: &generator)
                if token == end { break }
                tokens.append(token)
            }
        }
        return Decoded(tokens: tokens, logits: .concatenated(rows, axis: 0))
    }

    private static func choose(
        _ logits: [Float], among ids: [Int], _ mode: DecodingMode, using generator: inout some RandomNumberGenerator
    ) -> Int {
        func likeliest(_ ids: some Sequence<Int>) -> Int {
            var best = (id: -1, value: -Float.infinity)
            for id in ids where logits[id] > best.value || best.id < 0 { best = (id, logits[id]) }
            return best.id
        }
        switch mode {
        case .restricted: return likeliest(ids)
        case .free: return likeliest(logits.indices)
        case .sampled(let temperature):
            guard temperature > 0 else { return likeliest(ids) }
            let highest = ids.map { logits[$0] }.max()!
            let weights = ids.map { exp(Double((logits[$0] - highest) / temperature)) }
            var rest = Double.random(in: 0..<weights.reduce(0, +), using: &generator)
            for (id, weight) in zip(ids, weights) {
                rest -= weight
                if rest < 0 { return id }
            }
            return ids[ids.count - 1]
        }
    }

    public func predict(
        _ inputs: PolicyInputs, actions: ActionPipeline, using generator: inout some RandomNumberGenerator
    ) throws -> [[Float]] {
        guard let coding = actions.tokens else {
            throw PipelineError.tokenizer("the action pipeline says nothing of tokens")
        }
        return try (0..<inputs.count).map { row in
            let decoded = write(inputs.row(row), coding: coding, using: &generator)
            return try coding.numbers(of: decoded.tokens, dimensionCount: actions.dimensionCount)
        }
    }

    /// Writes one row's chunk as a policy that acts does: with the cache, and with what is kept of the instruction.
    public func write(
        _ inputs: PolicyInputs, coding: ActionTokenCoding, using generator: inout some RandomNumberGenerator
    ) -> Decoded {
        require(inputs.count == 1, "write: \(inputs.count) rows; they are written one by one")
        let prefix = prefixes?.prefix(inputs.promptIDs[0]) { instructionPrefix(inputs.promptIDs[0]) }
        return decode(inputs, coding: coding, prefix: prefix, using: &generator)
    }

    /// The logits that each row's tokens are learnt from, `[tokens, vocabulary]`: all places at once, as
    /// ``loss(on:using:)`` computes them, without dropout. The end is one of the tokens where chunks differ in length.
    public func actionLogits(on batch: PolicyBatch) -> [Tensor] {
        require(batch.coding != nil && !batch.tokens.isEmpty, "token model: the action pipeline has no tokens")
        let isVariable = batch.coding!.isVariable
        return withoutGradient {
            let vectors = vectors(
                batch.inputs, imageRows: imageRows(batch.inputs), actions: batch.tokens,
                isWhole: isVariable ? true : nil)
            var cache: KeyValueCache?
            let hidden = decoder(vectors, cache: &cache).hidden
            let (rows, length) = (hidden.shape[0], hidden.shape[1])
            let flat = hidden.reshaped([rows * length, hidden.shape[2]])
            return (0..<rows).map { row in
                let first = row * length + layout.prefixCount(textCount: batch.inputs.promptIDs[row].count) - 1
                let count = batch.tokens[row].count + (isVariable ? 1 : 0)
                return decoder.logits(flat.gatheringRows(Array(first..<first + count)))
            }
        }
    }

    public func validate(_ actions: ActionPipeline) throws {
        guard let coding = actions.tokens else {
            throw PipelineError.tokenizer("the action pipeline says nothing of tokens")
        }
        if let wrong = coding.tokenIDs.first(where: { $0 < 0 || $0 >= decoder.configuration.vocabularySize }) {
            throw PipelineError.tokenizer("the action token \(wrong) is not among the decoder's ids")
        }
        guard configuration.settings.actionTokenLimit == coding.fast?.tokenLimit else {
            throw PipelineError.tokenizer(
                "a chunk has at most \(coding.fast?.tokenLimit ?? actions.horizon * actions.dimensionCount) tokens, the "
                    + "model is made for \(layout.actionTokenCount)")
        }
        if let end = coding.fast.map({ _ in decoder.configuration.endID }), coding.tokenIDs.contains(end) {
            throw PipelineError.tokenizer("the id \(end) ends a chunk and cannot be one of its tokens")
        }
    }
}
