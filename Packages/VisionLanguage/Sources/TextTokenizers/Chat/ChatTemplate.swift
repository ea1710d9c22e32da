/// How a conversation becomes text, in the two generations of MiniMind.
///
/// Contents are put in as they are: a content that holds `<|im_end|>` ends its turn. Source: `chat_template` in the
/// `tokenizer_config.json` of MiniMind-V 2025-07 and 2026-06.
public enum ChatTemplate: String, CaseIterable, Codable, Sendable {
    /// A system turn always comes first; the assistant's header belongs to the user's turn. No tools, no reasoning:
    /// tool turns and calls are left out.
    case miniMind2025
    /// A system turn only where given; every assistant turn has a `<think>` block.
    case miniMind2026

    /// What follows the last turn.
    public enum Continuation: Sendable {
        /// Nothing: the conversation is complete, as in training.
        case none
        /// The header of an answer without thinking.
        case answer
        /// The header of an answer that begins with thinking.
        case thinking
    }

    /// The text of a conversation.
    ///
    /// - Parameters:
    ///   - messages: The turns, in order.
    ///   - tools: Descriptions of functions, each a JSON object as text. Only ``miniMind2026`` has them.
    ///   - continuation: What the model is to go on with; ``miniMind2025`` has the header behind every user turn and
    ///     takes no notice.
    public func text(
        for messages: [ChatMessage], tools: [String] = [], continuation: Continuation = .none
    ) -> String {
        switch self {
        case .miniMind2025: Self.text2025(messages)
        case .miniMind2026: Self.text2026(messages, tools, continuation)
        }
    }

    private static func turn(_ role: String, _ content: String) -> String {
        "<|im_start|>\(role)\n\(content)<|im_end|>\n"
    }

    private static func text2025(_ messages: [ChatMessage]) -> String {
        let first = messages.first.flatMap { $0.role == .system ? $0.content : nil }
        var text = turn("system", first ?? "You are a helpful assistant")
        for message in messages {
            switch message.role {
            case .user: text += turn("user", message.content) + "<|im_start|>assistant\n"
            case .assistant: text += message.content + "<|im_end|>\n"
            case .system, .tool: break
            }
        }
        return text
    }

    private static func text2026(
        _ messages: [ChatMessage], _ tools: [String], _ continuation: Continuation
    ) -> String {
        var text = ""
        let system = messages.first.flatMap { $0.role == .system ? $0.content : nil }
        if !tools.isEmpty {
            text += turn("system", (system.map { $0 + "\n\n" } ?? "") + description(of: tools))
        } else if let system {
            text += turn("system", system)
        }

        for (index, message) in messages.enumerated() {
            switch message.role {
            case .system where index == 0: break
            case .system, .user: text += turn(message.role.rawValue, message.content)
            case .assistant: text += assistantTurn2026(message)
            case .tool:
                // answers of tools that follow one another share one turn
                if index == 0 || messages[index - 1].role != .tool { text += "<|im_start|>user" }
                text += "\n<tool_response>\n\(message.content)\n</tool_response>"
                if index == messages.count - 1 || messages[index + 1].role != .tool { text += "<|im_end|>\n" }
            }
        }

        switch continuation {
        case .none: return text
        case .answer: return text + "<|im_start|>assistant\n<think>\n\n</think>\n\n"
        case .thinking: return text + "<|im_start|>assistant\n<think>\n"
        }
    }

    private static func assistantTurn2026(_ message: ChatMessage) -> String {
        var (reasoning, content) = (message.reasoning ?? "", message.content)
        let ends = content.codePointRanges(of: "</think>")
        if message.reasoning == nil, let end = ends.first, let last = ends.last {
            // before the first end and after the last start of thinking; after the last end
            let thinking = content[..<end.lowerBound].trimmingNewlines(leading: false)
            let start = thinking.codePointRanges(of: "<think>").last?.upperBound ?? thinking.startIndex
            reasoning = String(thinking[start...])
            content = String(content[last.upperBound...].trimmingNewlines(trailing: false))
        }
        var text = "<think>\n\(reasoning[...].trimmingNewlines())\n</think>\n\n"
        text += content[...].trimmingNewlines(trailing: false)
        for (index, call) in message.toolCalls.enumerated() {
            if index > 0 || !content.isEmpty { text += "\n" }
            text += "<tool_call>\n{\"name\": \"\(call.name)\", \"arguments\": \(call.arguments)}\n</tool_call>"
        }
        return turn("assistant", text)
    }

    private static func description(of tools: [String]) -> String {
        """
        # Tools

        You may call one or more functions to assist with the user query.

        You are provided with function signatures within <tools></tools> XML tags:
        <tools>\(tools.map { "\n" + $0 }.joined())
        </tools>

        For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
        <tool_call>
        {"name": <function-name>, "arguments": <args-json-object>}
        </tool_call>
        """
    }
}

extension StringProtocol {
    /// Where a text occurs, code point by code point: a mark that combines with its last letter does not hide it.
    fileprivate func codePointRanges(of text: String) -> [Range<Index>] {
        unicodeScalars.ranges(of: Array(text.unicodeScalars))
    }
}

extension Substring {
    /// Without the line feeds at its ends. By code points: a carriage return before a line feed stays.
    fileprivate func trimmingNewlines(leading: Bool = true, trailing: Bool = true) -> Substring {
        var view = unicodeScalars
        if leading { view = view.drop { $0 == "\n" } }
        while trailing, view.last == "\n" { view.removeLast() }
        return Substring(view)
    }
}
