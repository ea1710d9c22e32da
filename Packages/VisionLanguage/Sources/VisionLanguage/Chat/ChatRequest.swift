import FileSupport
public import Foundation
import ImageProcessing
import TensorCore
import TextTokenizers

/// A question to a MiniMind or MiniMind-V model, about images too.
public struct ChatRequest: Sendable {
    public var source: LanguageModelSource
    /// `<image>` in it stands for the next image; otherwise images stand in front.
    public var question: String
    /// The vision tower's folder or file; `nil` for the one inside the weights.
    public var vision: URL?
    /// PNG or JPEG files.
    public var images: [URL] = []
    /// The system's turn; `nil` for none.
    public var system: String?
    /// `nil` for what the generation's own chat takes.
    public var temperature: Float?
    /// `nil` for what the generation's own chat takes.
    public var topK: Int?
    /// 1 for all tokens.
    public var topP: Float = 0.85
    /// 1 for none.
    public var repetitionPenalty: Float = 1
    public var maximumTokenCount = 512
    /// Takes the most probable token each time.
    public var isGreedy = false
    /// Lets a model of 2026 think before it answers.
    public var isThinking = false
    public var seed: UInt64 = 42

    public init(_ question: String, to source: LanguageModelSource) {
        self.question = question
        self.source = source
    }

    /// Loads the model and answers.
    ///
    /// - Parameter text: Called with each new part of the answer while it is made; throwing ends it.
    /// - Throws: `RequestError` for a question with another number of images than there are.
    public func answer(_ text: (String) throws -> Void = { _ in }) throws -> ChatReport {
        let tokenizer = try source.tokenizer()
        let generation = try source.generation(of: tokenizer)
        var options = try samplingOptions(generation)

        let start = ContinuousClock.now
        let model = try source.visionLanguageModel(generation, tower: vision, hasImages: !images.isEmpty)
        let loaded = ContinuousClock.now
        options.stopIDs = [model.decoder.configuration.endID]
        let prompt = try prompt(generation, tokenizer, tokensPerImage: max(model.tokensPerImage, 1))
        try prompt.requireFit(in: model.decoder.configuration)
        var generated = model.generate(
            [prompt.ids], pixels: try pixels(model.tower), at: prompt.runs, options: options, seed: seed)
        let prefilled = ContinuousClock.now

        var decoder = StreamingDecoder(tokenizer, skippingSpecialTokens: true)
        var whole = ""
        func add(_ part: String) throws {
            whole += part
            try text(part)
        }
        while let ids = generated.next() { try add(decoder.append(ids[0])) }
        try add(decoder.finish())
        let end = ContinuousClock.now
        return ChatReport(
            answer: whole, promptTokenCount: prompt.ids.count, tokenCount: generated.stepCount,
            loadSeconds: (loaded - start) / .seconds(1), promptSeconds: (prefilled - loaded) / .seconds(1),
            answerSeconds: (end - prefilled) / .seconds(1))
    }

    private func samplingOptions(_ generation: MiniMindGeneration) throws -> SamplingOptions {
        var options = SamplingOptions.miniMind(generation)
        options.temperature = isGreedy ? 0 : temperature ?? options.temperature
        options.topK = topK ?? options.topK
        options.topP = topP < 1 ? topP : nil
        (options.repetitionPenalty, options.maximumTokenCount) = (repetitionPenalty, maximumTokenCount)
        try options.validate()
        return options
    }

    private func prompt(
        _ generation: MiniMindGeneration, _ tokenizer: BPETokenizer, tokensPerImage: Int
    ) throws -> ChatPrompt {
        var text = question
        if !images.isEmpty, !text.contains(ChatPrompt.imageMark) {
            text = String(repeating: ChatPrompt.imageMark, count: images.count) + "\n" + text
        }
        let messages = (system.map { [ChatMessage(.system, $0)] } ?? []) + [ChatMessage(.user, text)]
        let prompt = try ChatPrompt(
            messages, generation: generation, tokenizer: tokenizer, tokensPerImage: tokensPerImage,
            continuation: isThinking ? .thinking : .answer)
        guard prompt.runs.count == images.count else {
            throw RequestError(
                "The question has \(prompt.runs.count) times <image>, and \(images.count) are given.")
        }
        return prompt
    }

    /// The images as the tower takes them.
    private func pixels(_ tower: AnyVisionTower?) throws -> Tensor? {
        guard let tower else { return nil }
        let transform = try tower.imageTransform(folder: vision ?? source.url)
        return try transform(images.map { try RGBImage(at: $0) })
    }
}

/// An answer, and what it took.
public struct ChatReport: Codable, Sendable {
    public var answer: String
    public var promptTokenCount: Int
    public var tokenCount: Int
    public var loadSeconds: Double
    public var promptSeconds: Double
    public var answerSeconds: Double

    /// Times and speed in a line.
    public var timing: String {
        func rounded(_ value: Double, _ factor: Double) -> Double { (value * factor).rounded() / factor }
        let speed = Double(tokenCount) / max(answerSeconds, 1e-9)
        return "loaded in \(rounded(loadSeconds, 100)) s; prompt of \(promptTokenCount) tokens in "
            + "\(rounded(promptSeconds, 100)) s; \(tokenCount) tokens in \(rounded(answerSeconds, 100)) s, "
            + "\(rounded(speed, 10)) tokens/s"
    }
}
