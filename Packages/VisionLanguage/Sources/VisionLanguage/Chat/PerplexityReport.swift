public import FileSupport
import Foundation
import TextTokenizers

/// How surprised a language model is by the texts of a JSON-lines file.
public struct PerplexityReport: Codable, TextReport, Sendable {
    public var file: String
    public var perplexity: Double
    /// Nats.
    public var loss: Double
    public var tokenCount: Int
    public var lineCount: Int
    /// Lines with images.
    public var leftOutCount: Int

    /// Measures a model on lines of `{"text": "…"}`, of which every token counts, or `{"conversations": […]}`, of which
    /// the assistant's do.
    ///
    /// - Parameters:
    ///   - file: The lines.
    ///   - source: The model.
    ///   - window: Tokens of a window, at least 2; longer texts are taken in several that do not see each other.
    ///   - limit: Lines at most; `nil` for all.
    ///   - shouldContinue: Asked before each line; what it throws ends the work.
    /// - Throws: `ContentError` where there is no token to predict.
    public init(
        _ file: String, of source: LanguageModelSource, window: Int = 512, limit: Int? = nil,
        shouldContinue: () throws -> Void = {}
    ) throws {
        let tokenizer = try source.tokenizer()
        let generation = try source.generation(of: tokenizer)
        let decoder = try source.decoder(generation)
        let lines = try ConversationFile(at: URL(fileURLWithPath: file))
        let mask = LabelMask(generation.chatTemplate, tokenizer: tokenizer)
        var (found, leftOut) = (Perplexity(), 0)
        let count = min(limit ?? lines.count, lines.count)
        for index in 0..<count {
            try shouldContinue()
            let line = try lines.conversation(at: index)
            guard line.images.isEmpty else {
                leftOut += 1
                continue
            }
            if let text = line.text, line.messages.isEmpty {
                found.add(tokenizer.encode(text), decoder: decoder, windowSize: window)
            } else {
                let ids = tokenizer.encode(generation.chatTemplate.text(for: line.messages))
                found.add(ids, labels: mask.labels(for: ids), decoder: decoder, windowSize: window)
            }
        }
        guard found.tokenCount > 0 else {
            throw ContentError("\(file): no token to predict in \(count) lines, \(leftOut) of them with images.")
        }
        self.file = file
        (perplexity, loss, tokenCount) = (found.value, found.loss, found.tokenCount)
        (lineCount, leftOutCount) = (count - leftOut, leftOut)
    }

    public var text: String {
        "perplexity \(perplexity) (loss \(loss)) over \(tokenCount) tokens of \(lineCount) lines; \(leftOutCount) with "
            + "images left out"
    }
}
