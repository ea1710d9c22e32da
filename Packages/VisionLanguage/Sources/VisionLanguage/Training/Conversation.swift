import FileSupport
public import Foundation
public import TextTokenizers

/// A conversation to train on, or a plain text, with the images it speaks of.
public struct Conversation: Sendable, Equatable {
    public var messages: [ChatMessage]
    /// Names of image files.
    public var images: [String]
    /// A plain text in place of messages (`{"text": …}`), for language models.
    public var text: String?

    public init(messages: [ChatMessage] = [], images: [String] = [], text: String? = nil) {
        self.messages = messages
        self.images = images
        self.text = text
    }

    /// Reads MiniMind's JSON: an object with `conversations` or `text`, and `image`; or the array of turns alone, as the
    /// Parquet sets hold it. Roles that are missing alternate from `user` on.
    ///
    /// - Throws: ``ConversationError/format(_:)`` for anything else, descriptions of functions among it: they would
    ///   change the prompt.
    public init(json: Data) throws {
        let line: Line
        do {
            let isArray = json.first { $0 > 0x20 } == UInt8(ascii: "[")
            line =
                isArray
                ? Line(conversations: try JSONDecoder().decode([Line.Message].self, from: json))
                : try JSONDecoder().decode(Line.self, from: json)
        } catch {
            throw ConversationError.format("\(JSONReading.explanation(of: error, in: json))")
        }
        guard line.conversations != nil || line.text != nil else {
            let keys = (try? StrictJSON(parsing: json, file: ""))?.object?.map { "'\($0.key)'" } ?? []
            throw ConversationError.format(
                "neither 'conversations' nor 'text'; there are \(keys.isEmpty ? "no keys" : keys.joined(separator: ", "))"
            )
        }
        messages = try (line.conversations ?? []).enumerated().map { place, message in
            let name = message.role ?? (place % 2 == 0 ? "user" : "assistant")
            guard let role = ChatMessage.Role(rawValue: name) else {
                throw ConversationError.format("the role '\(name)'")
            }
            guard message.functions == nil, message.tools == nil, message.tool_calls == nil else {
                throw ConversationError.format("descriptions or calls of functions, which are not supported here")
            }
            return ChatMessage(role, message.content, reasoning: message.reasoning_content)
        }
        images =
            switch line.image {
            case .one(let names):
                names.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            case .several(let names): names
            case nil: [String]()
            }
        text = line.text
    }

    private struct Line: Decodable {
        struct Message: Decodable {
            var role: String?
            var content: String
            var reasoning_content: String?
            var functions, tools, tool_calls: Present?
        }
        /// Something that is there and not null.
        struct Present: Decodable {
            init(from decoder: any Swift.Decoder) throws {}
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
}
