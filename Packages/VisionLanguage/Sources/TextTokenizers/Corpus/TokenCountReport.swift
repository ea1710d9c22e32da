public import FileSupport
public import Foundation

/// How often a corpus has each token of a tokenizer.
public struct TokenCountReport: Encodable, TextReport, Sendable {
    public let corpus: Corpus
    public let tokenizer: BPETokenizer
    public let frequency: TokenFrequency
    public let textCount: Int

    /// Counts a corpus on all cores.
    ///
    /// - Parameters:
    ///   - corpus: What is counted.
    ///   - tokenizer: In whose tokens.
    ///   - state: A file in which the counts are kept every five seconds, when the count is stopped, and at the end; what
    ///     it holds of the same corpus is not counted again. `nil` to keep nothing.
    ///   - shouldStop: Asked after each block; the count ends with `CancellationError` once its state is kept.
    ///   - progress: Called after each block.
    /// - Throws: ``CorpusError`` for files that cannot be read, or a state of another corpus.
    public init(
        _ corpus: Corpus, tokenizer: BPETokenizer, keeping state: URL? = nil, shouldStop: () -> Bool = { false },
        progress: (CorpusTokenCounter.Progress) -> Void = { _ in }
    ) throws {
        var counter = try CorpusTokenCounter(corpus, tokenizer: tokenizer)
        if let state, FileManager.default.fileExists(atPath: state.path) {
            try counter.resume(
                from: JSONReading.decode(CorpusTokenCounter.State.self, at: state, advice: "Remove it to count anew."))
        }
        func save(_ counter: CorpusTokenCounter) throws {
            guard let state else { return }
            try AtomicFile.write(JSONEncoder.sorted().encode(counter.state), to: state)
        }
        var saved = ContinuousClock.now
        frequency = try counter.countAll { counter in
            progress(counter.progress)
            let isStopped = shouldStop()
            if isStopped || saved.duration(to: .now) > .seconds(5) {
                try save(counter)
                saved = .now
            }
            if isStopped { throw CancellationError() }
        }
        try save(counter)
        (self.corpus, self.tokenizer, textCount) = (corpus, tokenizer, counter.state.textCount)
    }

    /// Ids that may stand for something else: those that text can do without.
    public var freeCount: Int { tokenizer.vocabularySize - tokenizer.indispensableIDs.count }

    /// As ``TokenFrequency``.
    public func encode(to encoder: any Encoder) throws { try frequency.encode(to: encoder) }

    public var text: String {
        let kept = tokenizer.indispensableIDs
        let unused = frequency.counts.indices.count { frequency.counts[$0] == 0 && !kept.contains($0) }
        let rare = frequency.leastUsed(min(10, freeCount), keeping: kept).map { id in
            "  \(id)  \(tokenizer.decode([id]).debugDescription)  \(frequency.counts[id])"
        }
        return
            ([
                "\(textCount) texts, \(frequency.tokenCount) tokens",
                "\(unused) of \(freeCount) tokens that text can do without do not occur",
            ] + rare).joined(separator: "\n")
    }
}
