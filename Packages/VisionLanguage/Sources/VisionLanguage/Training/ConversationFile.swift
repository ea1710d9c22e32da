public import Foundation
public import ImageProcessing
import TensorCore
public import TextTokenizers

/// Conversations in a JSON-lines file, with image files beside it: MiniMind-V's format.
///
///     {"conversations": [{"role": "user", "content": "What is this?\n<image>"}, …], "image": "a.jpg"}
///
/// Opening finds the lines; an example is read when it is asked for. `image` is a file name, several with commas between
/// them, or an array of them; `<image>` in a message stands for the next one. Roles that are missing alternate from
/// `user` on.
public struct ConversationFile: Sendable {
    public let url: URL
    private let file: MappedFile
    /// Bytes of each line that is not blank, and its number from 1.
    private let lines: [(bytes: Range<Int>, number: Int)]

    /// Bytes of a line at most.
    public static let maximumLineByteCount = 1 << 24

    /// - Throws: ``SerializationError`` when the file cannot be read or a line is too long.
    public init(at url: URL) throws {
        self.url = url
        file = try MappedFile(at: url)
        var lines: [(Range<Int>, Int)] = []
        try file.withBytes { bytes in
            var (start, number) = (0, 1)
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                guard end - start <= Self.maximumLineByteCount else {
                    throw SerializationError(
                        .limitExceeded, file: url.path, offset: start, "line \(number) has \(end - start) bytes")
                }
                if bytes[start..<end].contains(where: { $0 > 0x20 }) { lines.append((start..<end, number)) }
                (start, number) = (end + 1, number + 1)
            }
        }
        self.lines = lines
    }

    public var count: Int { lines.count }

    /// A conversation and the names of its images.
    public struct Conversation: Sendable, Equatable {
        public var messages: [ChatMessage]
        public var images: [String]
        /// A plain text in place of messages (`{"text": …}`), for language models.
        public var text: String?
    }

    private struct Line: Decodable {
        struct Message: Decodable {
            var role: String?
            var content: String
            var reasoning_content: String?
        }
        enum Images: Decodable {
            case one(String), several([String])
            init(from decoder: any Swift.Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let name = try? value.decode(String.self) {
                    self = .one(name)
                } else {
                    self = .several(try value.decode([String].self))
                }
            }
        }
        var conversations: [Message]?
        var image: Images?
        var text: String?
    }

    /// - Throws: ``SerializationError`` with the number of a line that is not of the format.
    public func conversation(at index: Int) throws -> Conversation {
        let (range, number) = lines[index]
        let data = file.withBytes { Data($0[range]) }
        func refuse(_ found: String) -> SerializationError {
            SerializationError(
                .damaged, file: url.path, offset: range.lowerBound, "line \(number): \(found)",
                advice: #"A line has to be an object with "conversations" or "text"."#)
        }
        let line: Line
        do {
            line = try JSONDecoder().decode(Line.self, from: data)
        } catch {
            throw refuse(describe(error))
        }
        guard line.conversations != nil || line.text != nil else { throw refuse("neither conversations nor text") }
        let messages = try (line.conversations ?? []).enumerated().map { place, message in
            let name = message.role ?? (place % 2 == 0 ? "user" : "assistant")
            guard let role = ChatMessage.Role(rawValue: name) else { throw refuse("the role '\(name)'") }
            return ChatMessage(role, message.content, reasoning: message.reasoning_content)
        }
        let images =
            switch line.image {
            case .one(let names):
                names.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            case .several(let names): names
            case nil: [String]()
            }
        return Conversation(messages: messages, images: images, text: line.text)
    }
}

/// Makes examples of conversations.
public struct ConversationReader: Sendable {
    public var tokenizer: BPETokenizer
    public var generation: MiniMindGeneration
    public var transform: ImageTransform
    /// Where image files lie.
    public var imageFolder: URL
    public var tokensPerImage: Int
    public var maximumLength: Int
    private let mask: LabelMask

    public init(
        tokenizer: BPETokenizer, generation: MiniMindGeneration, transform: ImageTransform, imageFolder: URL,
        tokensPerImage: Int, maximumLength: Int
    ) {
        self.tokenizer = tokenizer
        self.generation = generation
        self.transform = transform
        self.imageFolder = imageFolder
        self.tokensPerImage = tokensPerImage
        self.maximumLength = maximumLength
        mask = LabelMask(generation.chatTemplate, tokenizer: tokenizer)
    }

    /// The example of a conversation, cut to the maximal length.
    ///
    /// - Throws: ``ConversationError`` when marks and images are not as many or the cut goes through an image, and what
    ///   reading an image throws.
    public func example(_ conversation: ConversationFile.Conversation) throws -> VisionLanguageExample {
        var prompt: ChatPrompt
        if let text = conversation.text, conversation.messages.isEmpty {
            prompt = try ChatPrompt(
                text: text, generation: generation, tokenizer: tokenizer, tokensPerImage: tokensPerImage)
        } else {
            prompt = try ChatPrompt(
                conversation.messages, generation: generation, tokenizer: tokenizer, tokensPerImage: tokensPerImage,
                continuation: .none)
        }
        guard prompt.runs.count == conversation.images.count else {
            throw ConversationError.imageCount(marks: prompt.runs.count, images: conversation.images.count)
        }
        prompt.ids = Array(prompt.ids.prefix(maximumLength))
        if let cut = prompt.runs.first(where: { $0.tokens.upperBound > maximumLength }) {
            throw ConversationError.imageCut(tokens: cut.tokens, maximumLength: maximumLength)
        }
        let labels =
            conversation.messages.isEmpty && conversation.text != nil ? prompt.ids : mask.labels(for: prompt.ids)
        let images = try conversation.images.map { name in
            // a name is looked for in the folder and nowhere else
            guard !name.split(separator: "/").contains(".."), !name.hasPrefix("/") else {
                throw ConversationError.imageElsewhere(name)
            }
            return try RGBImage(at: imageFolder.appendingPathComponent(name))
        }
        let pixels = images.isEmpty ? nil : try transform(images)
        return VisionLanguageExample(ids: prompt.ids, labels: labels, pixels: pixels, runs: prompt.runs)
    }
}

/// A conversation that no example can be made of.
public enum ConversationError: Error, Equatable, CustomStringConvertible {
    case imageCount(marks: Int, images: Int)
    case imageCut(tokens: Range<Int>, maximumLength: Int)
    case imageElsewhere(String)

    public var description: String {
        switch self {
        case .imageCount(let marks, let images):
            "The conversation has \(marks) times <image> and \(images) image files. Give as many as there are marks."
        case .imageCut(let tokens, let maximumLength):
            "An image has the tokens \(tokens), and an example at most \(maximumLength). Allow longer examples."
        case .imageElsewhere(let name):
            "The image '\(name)' lies outside of the image folder. Name files inside it."
        }
    }
}
