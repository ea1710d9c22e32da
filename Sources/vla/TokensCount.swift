import ActionTokenizer
import ArgumentParser
import FileSupport
import Foundation
import TextTokenizers
import VLAPolicy

struct TokensCount: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Count how often each token occurs, and choose the least used ones for actions.",
        discussion: """
            Reads files of any size on all cores. With --state, the counts so far are kept in a file every few seconds and \
            when interrupted; the same command goes on from there.

            --map never takes special tokens nor the single bytes, from which any text is spelt.

            EXAMPLES
              vla tokens count pretrain.jsonl --tokenizer minimind/tokenizer.json
              vla tokens count pretrain.jsonl --tokenizer tokenizer.json --state counts.json --map actions.json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var corpus: CorpusOptions

    @Option(help: "The tokenizer.json.", completion: .file(extensions: ["json"]))
    var tokenizer: String

    @Option(help: "File that stores the counts; counting continues from it.", completion: .file())
    var state: String?

    @Option(help: "Write the least used tokens as a map from action bins.", completion: .file())
    var map: String?

    @Option(help: "Action bins of the map.")
    var bins = 256

    @Flag(help: "Print the counts of all tokens as JSON.")
    var json = false

    func validate() throws {
        try checkOptions { options throws(SettingError) in try options.check("--bins", bins, in: 2...65_536) }
    }

    func run() throws {
        common.apply()
        let tokenizerFile = URL(fileURLWithPath: tokenizer)
        let report = try TokenCountReport(
            corpus.corpus(), tokenizer: BPETokenizer(at: tokenizerFile),
            keeping: state.map { URL(fileURLWithPath: $0) },
            shouldStop: { Interruption.isRequested }
        ) { progress in
            let percent = (progress.fraction * 1000).rounded(.down) / 10
            FileHandle.standardError.write(Data("\r\(percent) %, \(progress.tokenCount) tokens ".utf8))
        }
        FileHandle.standardError.write(Data("\n".utf8))
        if let map {
            try ActionTokenMap.writeLeastUsed(
                of: report, binCount: bins, tokenizer: tokenizerFile, to: URL(fileURLWithPath: map))
        }
        try show(report, asJSON: json)
    }
}
