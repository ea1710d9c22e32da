import FileSupport
import ActionTokenizer
import ArgumentParser
import Foundation
import TensorCore
import TextTokenizers

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

    @Option(help: "Where the counts are kept, and continued from.", completion: .file())
    var state: String?

    @Option(help: "Write the least used tokens as a map from action bins.", completion: .file())
    var map: String?

    @Option(help: "Action bins of the map.")
    var bins = 256

    @Flag(help: "Print the counts of all tokens as JSON.")
    var json = false

    func validate() throws {
        if bins < 2 { throw ValidationError("--bins is \(bins); at least 2 are needed.") }
    }

    func run() throws {
        common.apply()
        let tokenizerFile = URL(fileURLWithPath: tokenizer)
        let tokenizer = try BPETokenizer(at: tokenizerFile)
        let corpus = try corpus.corpus()
        var counter = try CorpusTokenCounter(corpus, tokenizer: tokenizer)
        let stateFile = state.map { URL(fileURLWithPath: $0) }
        if let stateFile, FileManager.default.fileExists(atPath: stateFile.path) {
            try counter.resume(
                from: JSONDecoder().decode(CorpusTokenCounter.State.self, from: Data(contentsOf: stateFile)))
        }

        // counts are kept every few seconds, at an interruption, and at the end
        func save(_ counter: CorpusTokenCounter) throws {
            guard let stateFile else { return }
            try AtomicFile.write(JSONEncoder().encode(counter.state), to: stateFile)
        }
        var saved = ContinuousClock.now
        let frequency = try counter.countAll { counter in
            let progress = counter.progress
            let percent = (progress.fraction * 1000).rounded(.down) / 10
            FileHandle.standardError.write(Data("\r\(percent) %, \(progress.tokenCount) tokens ".utf8))
            if Interruption.isRequested || saved.duration(to: .now) > .seconds(5) {
                try save(counter)
                saved = .now
            }
            try Interruption.check()
        }
        FileHandle.standardError.write(Data("\n".utf8))
        try save(counter)

        let kept = tokenizer.indispensableIDs
        let free = tokenizer.vocabularySize - kept.count
        if let map {
            guard bins <= free else {
                throw ValidationError("--bins is \(bins); \(free) tokens can be taken from this vocabulary.")
            }
            let names = corpus.files.map(\.lastPathComponent).joined(separator: ", ")
            let hash = SHA256.hexadecimal([UInt8](try Data(contentsOf: tokenizerFile)))
            try ActionTokenMap(tokenIDs: frequency.leastUsed(bins, keeping: kept)).write(
                to: URL(fileURLWithPath: map),
                provenance: .init(corpus: names, tokenCount: frequency.tokenCount, tokenizerHash: hash))
        }
        if json { return try printJSON(frequency) }
        print("\(counter.state.textCount) texts, \(frequency.tokenCount) tokens")
        let unused = frequency.counts.indices.count { frequency.counts[$0] == 0 && !kept.contains($0) }
        print("\(unused) of \(free) tokens that text can do without do not occur")
        for id in frequency.leastUsed(min(10, free), keeping: kept) {
            let text = tokenizer.decode([id]).debugDescription
            print("  \(id)  \(text)  \(frequency.counts[id])")
        }
    }
}
