public import FileSupport
import Foundation

/// A vocabulary that was learned from a corpus and written.
public struct VocabularyReport: Codable, TextReport, Sendable {
    public var file: String
    public var textCount: Int
    public var mergeCount: Int
    public var tokenCount: Int

    /// What ``init(_:trainer:file:progress:)`` is at.
    public enum Progress: Sendable {
        /// So many texts are counted; every 10,000.
        case counting(Int)
        /// All of so many texts are counted; pairs are merged.
        case merging(Int)
    }

    /// Learns a vocabulary and writes its `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - corpus: The texts.
    ///   - trainer: Its settings; text it holds counts too.
    ///   - file: The file, which appears whole or not at all.
    ///   - progress: What it throws ends the work.
    public init(
        _ corpus: Corpus, trainer: BPETrainer, file: String, progress: (Progress) throws -> Void = { _ in }
    ) throws {
        var (trainer, count) = (trainer, 0)
        try corpus.forEachText { text in
            trainer.add(text)
            count += 1
            if count % 10_000 == 0 { try progress(.counting(count)) }
        }
        try progress(.merging(count))
        let trained = try trainer.train()
        try AtomicFile.write(trained.json, to: URL(fileURLWithPath: file))
        (self.file, textCount) = (file, count)
        (mergeCount, tokenCount) = (trained.merges.count, trained.vocabulary.count)
    }

    public var text: String { "\(file): \(tokenCount) tokens, \(mergeCount) merges of \(textCount) texts" }
}
