import ArgumentParser
import FileSupport
import VisionLanguage

struct ChatPerplexity: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Compute a language model's perplexity on the texts of a JSON-lines file.",
        discussion: """
            Lines are {"text": "…"}, of which every token counts, or {"conversations": […]}, of which the assistant's do. \
            Conversations with images are left out and counted.

            EXAMPLES
              vla perplexity --model MiniMind2/ held_out.jsonl
              vla perplexity --model MiniMind2/ --limit 1000 --json held_out.jsonl
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var source: ModelOptions

    @Option(help: "Window size in tokens; longer texts are split into independent windows.")
    var window = 512

    @Option(help: "Maximum number of lines.")
    var limit: Int?

    @Flag(help: "Print a JSON object.")
    var json = false

    @Argument(help: "The file.", completion: .file(extensions: ["jsonl"]))
    var file: String

    func validate() throws {
        try checkOptions { options throws(SettingError) in
            try options.check("--window", window, in: 2...1 << 20)
            try options.check("--limit", limit, in: 1...Int.max)
        }
    }

    func run() throws {
        common.apply()
        let report = try PerplexityReport(
            file, of: source.source, window: window, limit: limit, shouldContinue: Interruption.check)
        try show(report, asJSON: json)
    }
}
