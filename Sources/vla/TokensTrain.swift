import FileSupport
import ArgumentParser
import Foundation
import TensorCore
import TextTokenizers

struct TokensTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Learn a byte-level vocabulary from text and write a tokenizer.json.",
        discussion: """
            The merges are those that Hugging Face's tokenizers library learns from the same lines.

            EXAMPLES
              vla tokens train instructions.txt --size 512 -o tokenizer.json
              vla tokens train pretrain.jsonl --size 6400 --special '<|endoftext|>,<|im_start|>,<|im_end|>' -o tokenizer.json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var corpus: CorpusOptions

    @Option(help: "Tokens of the vocabulary, at least 256 and the special ones.")
    var size: Int

    @Option(help: "Occurrences a pair needs to become a token.")
    var minimumFrequency = 2

    @Option(help: "Special tokens, separated by commas; they get the first ids.")
    var special = ""

    @Option(name: [.short, .customLong("output")], help: "The file to write.", completion: .file())
    var output: String

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Report: Encodable {
        var file: String
        var textCount: Int
        var mergeCount: Int
        var tokenCount: Int
    }

    func validate() throws {
        if size < 256 { throw ValidationError("--size is \(size); the 256 bytes need a token each.") }
        if minimumFrequency < 1 { throw ValidationError("--minimum-frequency is \(minimumFrequency).") }
    }

    func run() throws {
        common.apply()
        var trainer = BPETrainer(
            vocabularySize: size, minimumFrequency: minimumFrequency,
            specialTokens: special.split(separator: ",").map(String.init))
        var count = 0
        let line = ProgressLine()
        try corpus.corpus().forEachText { text in
            trainer.add(text)
            count += 1
            if count % 10_000 == 0 {
                line.show("\(count) texts")
                try Interruption.check()
            }
        }
        line.show("\(count) texts; choosing merges", isImportant: true)
        line.end()
        let trained = try trainer.train()
        try AtomicFile.write(trained.json, to: URL(fileURLWithPath: output))
        let report = Report(
            file: output, textCount: count, mergeCount: trained.merges.count, tokenCount: trained.vocabulary.count)
        if json {
            try printJSON(report)
        } else {
            print("\(output): \(report.tokenCount) tokens, \(report.mergeCount) merges of \(count) texts")
        }
    }
}
