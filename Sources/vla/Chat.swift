import ArgumentParser
import Foundation
import ImageProcessing
import TensorCore
import TensorNN
import TextTokenizers
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
        help: "A PNG or JPEG file; may be given several times.", completion: .file(extensions: ["png", "jpg", "jpeg"]))
    var image: [String] = []

    @Option(help: "The system's turn.")
    var system: String?

    @Option(help: "Tokens at most.")
    var maxTokens = 512

    @Option(help: "Divides the logits; 0 takes the largest. Default: 0.65 (07), 0.7 (26).")
    var temperature: Float?

    @Option(help: "Keeps so many of the most probable tokens. Default: all (07), 50 (26).")
    var topK: Int?

    @Option(help: "Keeps the most probable tokens up to this sum of probabilities.")
    var topP: Float = 0.85

    @Option(help: "Makes tokens already present less probable; 1 for none.")
    var repetitionPenalty: Float = 1

    @Flag(help: "Take the most probable token each time.")
    var greedy = false

    @Flag(help: "Let a model of 2026 think before it answers.")
    var thinking = false

    @Option(help: "Of the draws: the same seed gives the same answer.")
    var seed: UInt64 = 42

    @Flag(help: "Print one JSON object at the end, not the answer while it is made.")
    var json = false

    @Argument(help: "The question. <image> in it stands for the next image; otherwise images stand in front.")
    var question: String

    func run() throws {
        common.apply()
        let tokenizer = try source.tokenizer()
        let generation = try source.generation(of: tokenizer)
        var options = SamplingOptions.miniMind(generation)
        options.temperature = greedy ? 0 : temperature ?? options.temperature
        options.topK = topK ?? options.topK
        options.topP = topP < 1 ? topP : nil
        (options.repetitionPenalty, options.maximumTokenCount) = (repetitionPenalty, maxTokens)
        try options.validate()

        let start = ContinuousClock.now
        let model = try load(generation)
        let loaded = ContinuousClock.now
        options.stopIDs = [model.decoder.configuration.endID]
        let pixels = try pixels(model.tower)
        var text = question
        if !image.isEmpty, !text.contains(ChatPrompt.imageMark) {
            text = String(repeating: ChatPrompt.imageMark, count: image.count) + "\n" + text
        }
        let messages = (system.map { [ChatMessage(.system, $0)] } ?? []) + [ChatMessage(.user, text)]
        let prompt = try ChatPrompt(
            messages, generation: generation, tokenizer: tokenizer, tokensPerImage: max(model.tokensPerImage, 1),
            continuation: thinking ? .thinking : .answer)
        guard prompt.runs.count == image.count else {
            throw ValidationError("The question has \(prompt.runs.count) times <image>, and \(image.count) are given.")
        }
        var generated = model.generate(
            [prompt.ids], pixels: pixels, at: prompt.runs, options: options, seed: seed)
        let prefilled = ContinuousClock.now

        var decoder = StreamingDecoder(tokenizer, skippingSpecialTokens: true)
        var (answer, whole) = ("", "")
        while let ids = generated.next() {
            try Interruption.check()
            answer += decoder.append(ids[0])
            flush(&answer, into: &whole)
        }
        answer += decoder.finish()
        flush(&answer, into: &whole)
        let end = ContinuousClock.now
        let count = generated.stepCount
        if json {
            return try printJSON(
                Report(
                    answer: whole, promptTokenCount: prompt.ids.count, tokenCount: count,
                    loadSeconds: (loaded - start).inSeconds, promptSeconds: (prefilled - loaded).inSeconds,
                    answerSeconds: (end - prefilled).inSeconds))
        }
        write("\n")
        FileHandle.standardError.write(
            Data(
                """
                loaded in \((loaded - start).seconds) s; prompt of \(prompt.ids.count) tokens in \
                \((prefilled - loaded).seconds) s; \(count) tokens in \((end - prefilled).seconds) s, \
                \((Double(count) / max((end - prefilled).inSeconds, 1e-9)).rounded(toPlaces: 1)) tokens/s

                """.utf8))
    }

    /// The model; without images it has no tower.
    private func load(_ generation: MiniMindGeneration) throws -> VisionLanguageModel {
        guard !image.isEmpty else {
            return VisionLanguageModel(
                decoder: try ModelFolder.decoder(
                    at: source.url, generation: generation, converting: source.convert, source.loading
                ).decoder)
        }
        var generator = PhiloxGenerator(seed: 0)
        return try ModelFolder.visionLanguageModel(
            at: source.url, tower: vision.map { URL(fileURLWithPath: $0) }, generation: generation,
            converting: source.convert, source.loading, using: &generator
        ).model
    }

    /// The images as the tower takes them.
    private func pixels(_ tower: AnyVisionTower?) throws -> Tensor? {
        guard let tower else { return nil }
        let transform = try tower.imageTransform(folder: vision.map { URL(fileURLWithPath: $0) } ?? source.url)
        return try transform(image.map { try RGBImage(at: URL(fileURLWithPath: $0)) })
    }

    private struct Report: Encodable {
        var answer: String
        var promptTokenCount: Int
        var tokenCount: Int
        var loadSeconds: Double
        var promptSeconds: Double
        var answerSeconds: Double
    }

    /// Shows what is new of the answer, unless it is printed as JSON at the end.
    private func flush(_ text: inout String, into whole: inout String) {
        if !json { write(text) }
        whole += text
        text = ""
    }

    private func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

/// Which language model, as an `@OptionGroup`.
struct ModelOptions: ParsableArguments {
    @Option(help: "Folder or weight file of the model.", completion: .directory)
    var model: String

    @Option(help: "tokenizer.json; default: in the model's folder.", completion: .file(extensions: ["json"]))
    var tokenizerFile: String?

    @Option(help: "MiniMind's generation, 07 or 26; default: told from the tokenizer.")
    var generation: MiniMindGeneration?

    @Flag(help: "Convert weights from before 2025-04-26.")
    var convert = false

    @Flag(help: "Keep half-precision weights as they are stored: half the memory, slower prompts.")
    var stored = false

    var url: URL { URL(fileURLWithPath: model) }

    var loading: LoadingOptions {
        var options = LoadingOptions()
        options.keepsStoredMatrices = stored
        return options
    }

    func tokenizer() throws -> BPETokenizer { try BPETokenizer(at: Self.tokenizerURL(tokenizerFile, beside: model)) }

    /// The file that is named, or lies with the weights.
    static func tokenizerURL(_ file: String?, beside model: String) throws -> URL {
        if let file { return URL(fileURLWithPath: file) }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) else {
            throw CommandError("There is no file or folder \(model).")
        }
        let url = URL(fileURLWithPath: model)
        let folder = isFolder.boolValue ? url : url.deletingLastPathComponent()
        let tokenizer = folder.appendingPathComponent("tokenizer.json")
        guard FileManager.default.fileExists(atPath: tokenizer.path) else {
            throw CommandError("There is no tokenizer.json in \(folder.path); name one with --tokenizer-file.")
        }
        return tokenizer
    }

    /// The generation of the model. Both vocabularies have 6400 entries with other meanings, so that the tokenizer of the
    /// other generation would go unnoticed.
    func generation(of tokenizer: BPETokenizer) throws -> MiniMindGeneration {
        let told = MiniMindGeneration(of: tokenizer)
        let weights = try ModelDescription(of: Checkpoint(at: url), generation: generation).generation ?? told
        guard told == weights else {
            throw CommandError(
                "The tokenizer is of MiniMind \(told.rawValue), the weights are of \(weights.rawValue).")
        }
        return told
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
    var seconds: Double { inSeconds.rounded(toPlaces: 2) }
}

extension Double {
    func rounded(toPlaces places: Int) -> Double {
        let factor = Double((0..<places).reduce(1) { factor, _ in factor * 10 })
        return (self * factor).rounded() / factor
    }
}
