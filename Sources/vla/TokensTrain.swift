import ArgumentParser
import FileSupport
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

    @Option(help: "Vocabulary size, at least 256 plus the special tokens.")
    var size: Int

    @Option(help: "Minimum number of occurrences of a merged pair.")
    var minimumFrequency = 2

    @Option(help: "Special tokens, separated by commas; they get the first ids.")
    var special = ""

    @Option(name: [.short, .customLong("output")], help: "The file to write.", completion: .file())
    var output: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        // the 256 bytes need a token each
        try checkOptions { options throws(SettingError) in
            try options.check("--size", size, in: 256...1 << 21)
            try options.check("--minimum-frequency", minimumFrequency, in: 1...Int.max)
        }
    }

    func run() throws {
        common.apply()
        let trainer = BPETrainer(
            vocabularySize: size, minimumFrequency: minimumFrequency,
            specialTokens: special.split(separator: ",").map(String.init))
        let line = ProgressLine()
        let report = try VocabularyReport(corpus.corpus(), trainer: trainer, file: output) { progress in
            switch progress {
            case .counting(let count): line.show("\(count) texts")
            case .merging(let count):
                line.show("\(count) texts; choosing merges", isImportant: true)
                line.end()
            }
            try Interruption.check()
        }
        try show(report, asJSON: json)
    }
}
