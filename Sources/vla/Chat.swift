import ArgumentParser
import FileSupport
import Foundation
import VisionLanguage

struct Chat: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a MiniMind or MiniMind-V model a question, about images too.",
        discussion: """
            The answer goes to standard output while it is made; times and tokens per second to standard error.

            The model is a folder (config.json, model.safetensors or pytorch_model.bin, tokenizer.json) or a weight file. \
            With images the vision tower is a folder of its own, as it is published.

            EXAMPLES
              vla chat --model MiniMind2/ "Who are you?"
              vla chat --model MiniMind2-V/ --vision clip-vit-base-patch16/ --image bowl.png "What is this?"
              vla chat --model MiniMind2/ --greedy --max-tokens 20 --json "One, two, three,"
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var source: ModelOptions

    @Option(
        help: "Folder or file of the vision tower: CLIP or SigLIP2. Default: inside the weights.",
        completion: .directory)
    var vision: String?

    @Option(
        help: "A PNG or JPEG file; may be repeated.", completion: .file(extensions: ["png", "jpg", "jpeg"]))
    var image: [String] = []

    @Option(help: "The system prompt.")
    var system: String?

    @Option(help: "Maximum number of tokens.")
    var maxTokens = 512

    @Option(help: "Sampling temperature; 0 always takes the most probable token. Default: 0.65 (07), 0.7 (26).")
    var temperature: Float?

    @Option(help: "Top-k sampling: number of tokens kept. Default: all (07), 50 (26).")
    var topK: Int?

    @Option(help: "Top-p sampling: sum of the probabilities of the tokens kept.")
    var topP: Float = 0.85

    @Option(help: "Repetition penalty; 1 for none.")
    var repetitionPenalty: Float = 1

    @Flag(help: "Take the most probable token each time.")
    var greedy = false

    @Flag(help: "Let a model of 2026 think before it answers.")
    var thinking = false

    @Option(help: "Random seed; the same seed gives the same answer.")
    var seed: UInt64 = 42

    @Flag(help: "Print one JSON object at the end instead of streaming the answer.")
    var json = false

    @Argument(help: "The question. <image> marks the place of the next image; otherwise images come first.")
    var question: String

    func validate() throws {
        try checkOptions { options throws(SettingError) in
            try options.check("--max-tokens", maxTokens, in: 1...1 << 20)
            try options.check("--temperature", temperature, in: 0...1000)
            try options.check("--top-k", topK, in: 1...1 << 24)
            try options.check("--top-p", topP, in: 0...1)
            try options.check("--repetition-penalty", Double(repetitionPenalty), above: 0, upTo: 1000)
        }
    }

    func run() throws {
        common.apply()
        var request = ChatRequest(question, to: source.source)
        request.vision = vision.map { URL(fileURLWithPath: $0) }
        (request.images, request.system) = (image.map { URL(fileURLWithPath: $0) }, system)
        (request.temperature, request.topK, request.topP) = (temperature, topK, topP)
        (request.repetitionPenalty, request.maximumTokenCount) = (repetitionPenalty, maxTokens)
        (request.isGreedy, request.isThinking, request.seed) = (greedy, thinking, seed)
        let report = try request.answer { part in
            if !json { FileHandle.standardOutput.write(Data(part.utf8)) }
            try Interruption.check()
        }
        if json { return try printJSON(report) }
        FileHandle.standardOutput.write(Data("\n".utf8))
        FileHandle.standardError.write(Data("\(report.timing)\n".utf8))
    }
}

/// Which language model, as an `@OptionGroup`.
struct ModelOptions: ParsableArguments {
    @Option(help: "Folder or weight file of the model.", completion: .directory)
    var model: String

    @Option(help: "tokenizer.json; default: in the model's folder.", completion: .file(extensions: ["json"]))
    var tokenizerFile: String?

    @Option(help: "MiniMind's generation, 07 or 26; default: detected from the tokenizer.")
    var generation: MiniMindGeneration?

    @Flag(help: "Convert weights from before 2025-04-26.")
    var convert = false

    @Flag(help: "Keep weights in half precision: half the memory, slower prompts.")
    var stored = false

    var source: LanguageModelSource {
        var source = LanguageModelSource(
            URL(fileURLWithPath: model), tokenizerFile: tokenizerFile.map { URL(fileURLWithPath: $0) })
        (source.generation, source.isConverted, source.keepsStoredMatrices) = (generation, convert, stored)
        return source
    }
}
