/// One turn of a conversation.
public struct ChatMessage: Equatable, Sendable {
    public enum Role: String, Codable, Sendable {
        case system, user, assistant, tool
    }

    /// A function the assistant wants called.
    public struct ToolCall: Equatable, Sendable {
        public var name: String
        /// A JSON object as text.
        public var arguments: String

        public init(name: String, arguments: String) {
            self.name = name
            self.arguments = arguments
        }
    }

    public var role: Role
    public var content: String
    /// What an assistant thought before it answered; nil to take it from `<think>…</think>` in the content.
    public var reasoning: String?
    public var toolCalls: [ToolCall]

    public init(_ role: Role, _ content: String, reasoning: String? = nil, toolCalls: [ToolCall] = []) {
        self.role = role
        self.content = content
        self.reasoning = reasoning
        self.toolCalls = toolCalls
    }
}
