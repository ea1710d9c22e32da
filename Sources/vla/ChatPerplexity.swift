import ArgumentParser
import Foundation
import TensorCore
import TextTokenizers
import VisionLanguage

struct ChatPerplexity: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "How surprised a language model is by the texts of a JSON-lines file.",
        discussion: """
            Lines are {"text": "…"}, of which every token counts, or {"conversations": […]}, of which the assistant's do. \
            Conversations with images are left out and counted.

            EXAMPLES
              vla perplexity --model MiniMind2/ held_out.jsonl
              vla perplexity --model MiniMind2/ --limit 1000 --json held_out.jsonl
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var source: ModelOptions

    @Option(help: "Tokens of a window; longer texts are taken in several that do not see each other.")
    var window = 512

    @Option(help: "Lines at most.")
    var limit: Int?

    @Flag(help: "Print a JSON object.")
    var json = false

    @Argument(help: "The file.", completion: .file(extensions: ["jsonl"]))
    var file: String

    private struct Report: Encodable {
        var file: String
        var perplexity: Double
        var loss: Double
        var tokenCount: Int
        var lineCount: Int
        var leftOutCount: Int
    }

    func validate() throws {
        if window < 2 { throw ValidationError("--window is \(window); it has to be at least 2.") }
    }

    func run() throws {
        common.apply()
        let tokenizer = try source.tokenizer()
        let generation = try source.generation(of: tokenizer)
        let (decoder, _) = try ModelFolder.decoder(
            at: source.url, generation: generation, converting: source.convert, source.loading)
        let lines = try ConversationFile(at: URL(fileURLWithPath: file))
        let mask = LabelMask(generation.chatTemplate, tokenizer: tokenizer)
        var (perplexity, leftOut) = (Perplexity(), 0)
        let count = min(limit ?? lines.count, lines.count)
        for index in 0..<count {
            try Interruption.check()
            let line = try lines.conversation(at: index)
            guard line.images.isEmpty else {
                leftOut += 1
                continue
            }
            if let text = line.text, line.messages.isEmpty {
                perplexity.add(tokenizer.encode(text), decoder: decoder, windowSize: window)
            } else {
                let ids = tokenizer.encode(generation.chatTemplate.text(for: line.messages))
                perplexity.add(ids, labels: mask.labels(for: ids), decoder: decoder, windowSize: window)
            }
        }
        guard perplexity.tokenCount > 0 else {
            throw CommandError("\(file): no token to predict in \(count) lines, \(leftOut) of them with images.")
        }
        let report = Report(
            file: file, perplexity: perplexity.value, loss: perplexity.loss, tokenCount: perplexity.tokenCount,
            lineCount: count - leftOut, leftOutCount: leftOut)
        if json {
            try printJSON(report)
        } else {
            print(
                "perplexity \(report.perplexity) (loss \(report.loss)) over \(report.tokenCount) tokens of "
                    + "\(report.lineCount) lines; \(leftOut) with images left out")
        }
    }
}
