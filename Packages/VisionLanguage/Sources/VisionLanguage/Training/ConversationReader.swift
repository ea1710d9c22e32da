public import Foundation
public import ImageProcessing
public import TensorCore
public import TextTokenizers

/// Makes examples of conversations.
public struct ConversationReader: Sendable {
    public var tokenizer: BPETokenizer
    public var generation: MiniMindGeneration
    public var transform: ImageTransform
    /// Where image files lie.
    public var imageFolder: URL
    public var tokensPerImage: Int
    public var maximumLength: Int
    /// Changes made to conversations by chance; nil for none.
    public var variation: ConversationVariation?
    private let mask: LabelMask

    public init(
        tokenizer: BPETokenizer, generation: MiniMindGeneration, transform: ImageTransform, imageFolder: URL,
        tokensPerImage: Int, maximumLength: Int, variation: ConversationVariation? = nil
    ) {
        self.tokenizer = tokenizer
        self.generation = generation
        self.transform = transform
        self.imageFolder = imageFolder
        self.tokensPerImage = tokensPerImage
        self.maximumLength = maximumLength
        self.variation = variation
        mask = LabelMask(generation.chatTemplate, tokenizer: tokenizer)
    }

    /// The example of a conversation, cut to the maximal length; its images are files in the folder.
    ///
    /// - Parameters:
    ///   - conversation: Turns of text, and the names of its images.
    ///   - generator: Of the ``variation``.
    /// - Throws: ``ConversationError`` when marks and images are not as many or the cut goes through an image, and what
    ///   reading an image throws.
    public func example(
        _ conversation: Conversation, using generator: PhiloxGenerator = PhiloxGenerator(seed: 0)
    ) throws -> VisionLanguageExample {
        let images = try conversation.images.map { name in
            // a name is looked for in the folder and nowhere else
            guard !name.split(separator: "/").contains(".."), !name.hasPrefix("/") else {
                throw ConversationError.imageElsewhere(name)
            }
            return try RGBImage(at: imageFolder.appendingPathComponent(name))
        }
        return try example(conversation, images: images, using: generator)
    }

    /// The same of images that are read already; names in the conversation are not looked at.
    public func example(
        _ conversation: Conversation, images: [RGBImage],
        using generator: PhiloxGenerator = PhiloxGenerator(seed: 0)
    ) throws -> VisionLanguageExample {
        let plain = conversation.messages.isEmpty ? conversation.text : nil
        var text = plain ?? ""
        if plain == nil {
            var (messages, generator) = (conversation.messages, generator)
            variation?.addSystemTurn(to: &messages, using: &generator)
            text = generation.chatTemplate.text(for: messages)
            variation?.removeEmptyThoughts(from: &text, using: &generator)
        }
        var prompt = try ChatPrompt(
            text: text, generation: generation, tokenizer: tokenizer, tokensPerImage: tokensPerImage)
        guard prompt.runs.count == images.count else {
            throw ConversationError.imageCount(marks: prompt.runs.count, images: images.count)
        }
        prompt.ids = Array(prompt.ids.prefix(maximumLength))
        if let cut = prompt.runs.first(where: { $0.tokens.upperBound > maximumLength }) {
            throw ConversationError.imageCut(tokens: cut.tokens, maximumLength: maximumLength)
        }
        let labels = plain != nil ? prompt.ids : mask.labels(for: prompt.ids)
        let pixels = images.isEmpty ? nil : try transform(images)
        return VisionLanguageExample(ids: prompt.ids, labels: labels, pixels: pixels, runs: prompt.runs)
    }
}

/// A conversation that no example can be made of.
public enum ConversationError: Error, Equatable, CustomStringConvertible {
    case imageCount(marks: Int, images: Int)
    case imageCut(tokens: Range<Int>, maximumLength: Int)
    case imageElsewhere(String)
    /// What was found in place of a conversation.
    case format(String)

    public var description: String {
        switch self {
        case .imageCount(let marks, let images):
            "The conversation has \(marks) times <image> and \(images) images. Give as many as there are marks."
        case .imageCut(let tokens, let maximumLength):
            "An image has the tokens \(tokens), and an example at most \(maximumLength). Allow longer examples."
        case .imageElsewhere(let name):
            "The image '\(name)' lies outside of the image folder. Name files inside it."
        case .format(let found):
            "\(found). A conversation is an array of turns, or an object with \"conversations\" or \"text\"."
        }
    }
}
