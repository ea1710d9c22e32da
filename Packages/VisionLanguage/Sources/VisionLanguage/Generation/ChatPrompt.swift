public import TextTokenizers

extension MiniMindGeneration {
    /// The generation's chat template.
    public var chatTemplate: ChatTemplate {
        switch self {
        case .july2025: .miniMind2025
        case .june2026: .miniMind2026
        }
    }

    /// The text that stands for one row of an image: a character that takes part in no merge, or a token of its own.
    public var imagePlaceholder: String {
        switch self {
        case .july2025: "@"
        case .june2026: "<|image_pad|>"
        }
    }

    /// The generation of a tokenizer, told from its added tokens.
    public init(of tokenizer: BPETokenizer) {
        self = tokenizer.id(ofAddedToken: "<|vision_start|>") == nil ? .july2025 : .june2026
    }
}

/// A conversation as token ids, with the places of its images.
public struct ChatPrompt: Sendable, Equatable {
    public var ids: [Int]
    /// Of one sequence, number 0; images in the order they are met.
    public var runs: [ImageRun]

    /// The placeholder of an image in a message.
    public static let imageMark = "<image>"

    /// Tokens of a conversation in which every ``imageMark`` stands for an image.
    ///
    /// A placeholder character that the text itself holds stays text: images have the places of their marks.
    ///
    /// - Throws: ``ConfigurationError`` when the tokenizer has no placeholder.
    public init(
        _ messages: [ChatMessage], generation: MiniMindGeneration, tokenizer: BPETokenizer, tokensPerImage: Int,
        continuation: ChatTemplate.Continuation = .answer
    ) throws {
        let text = generation.chatTemplate.text(for: messages, continuation: continuation)
        try self.init(text: text, generation: generation, tokenizer: tokenizer, tokensPerImage: tokensPerImage)
    }

    /// Tokens of a text, likewise.
    public init(
        text: String, generation: MiniMindGeneration, tokenizer: BPETokenizer, tokensPerImage: Int
    ) throws {
        let placeholder = tokenizer.encode(generation.imagePlaceholder)
        guard placeholder.count == 1 else {
            throw ConfigurationError(
                "a tokenizer that makes \(placeholder.count) tokens of '\(generation.imagePlaceholder)'",
                advice: "Take the tokenizer of the model's generation.")
        }
        (ids, runs) = ([], [])
        for (index, part) in text.split(separator: Self.imageMark, omittingEmptySubsequences: false).enumerated() {
            if index > 0 {
                runs.append(
                    ImageRun(sequence: 0, tokens: ids.count..<ids.count + tokensPerImage, image: index - 1))
                ids += [Int](repeating: placeholder[0], count: tokensPerImage)
            }
            ids += tokenizer.encode(String(part))
        }
    }

    /// Checks that a decoder has a position for every token of the prompt, and for one of the answer.
    ///
    /// - Throws: ``PromptLengthError``.
    public func requireFit(in configuration: DecoderConfiguration) throws {
        guard ids.count < configuration.positionCount else {
            throw PromptLengthError(tokenCount: ids.count, positionCount: configuration.positionCount)
        }
    }
}

/// A prompt that is longer than the sequences a model can have.
public struct PromptLengthError: Error, Equatable, CustomStringConvertible {
    public var tokenCount: Int
    public var positionCount: Int

    public init(tokenCount: Int, positionCount: Int) {
        (self.tokenCount, self.positionCount) = (tokenCount, positionCount)
    }

    public var description: String {
        "The prompt is \(tokenCount) tokens, the model has \(positionCount) positions. Shorten it, or take fewer images."
    }
}
