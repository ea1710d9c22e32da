import ArgumentParser
import Foundation
import TextTokenizers

struct Tokens: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Count the tokens of a corpus, choose, check and measure those that actions take over, learn a vocabulary.",
        discussion: """
            EXAMPLES
              vla tokens count corpus.jsonl --tokenizer tokenizer.json
              vla tokens train instructions.txt --size 512 -o tokenizer.json
            """,
        subcommands: [TokensCount.self, TokensTrain.self, TokensReport.self, TokensCheck.self])
}

/// The files of a corpus on the command line.
struct CorpusOptions: ParsableArguments {
    @Option(help: "Keys of a JSON-lines file whose strings are texts, separated by commas.")
    var keys = "text,content"

    @Argument(
        help: "Text files; those that end in .jsonl have a JSON value on each line, others a text on each line.",
        completion: .file())
    var files: [String]

    /// Traps on no files, which the parser refuses.
    func corpus() throws -> Corpus {
        let urls = files.map { URL(fileURLWithPath: $0) }
        let isJSON = urls.map { $0.pathExtension == "jsonl" }
        guard Set(isJSON).count == 1 else {
            throw ValidationError("The files are both .jsonl and text; count them one after the other.")
        }
        return Corpus(
            files: urls,
            format: isJSON[0] ? .jsonLines(keys: keys.split(separator: ",").map(String.init)) : .plainText)
    }
}
