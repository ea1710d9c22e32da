import Testing
import TextTokenizers

/// The goldens have plain turns; these are the rest. Expected texts: the two generations' templates run by Jinja2 3.1.6
/// with `trim_blocks` and `lstrip_blocks`, as Transformers runs them.
@Suite struct ChatTemplateTests {
    private static let move = #"{"name": "move", "parameters": {"x": 1}}"#

    private static func toolText(_ tools: [String]) -> String {
        """
        # Tools

        You may call one or more functions to assist with the user query.

        You are provided with function signatures within <tools></tools> XML tags:
        <tools>
        \(tools.joined(separator: "\n"))
        </tools>

        For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
        <tool_call>
        {"name": <function-name>, "arguments": <args-json-object>}
        </tool_call><|im_end|>

        """
    }

    @Test func userTurnOf2025HoldsTheAssistantsHeader() {
        let text = ChatTemplate.miniMind2025.text(for: [ChatMessage(.user, "hi")])
        let system = "<|im_start|>system\nYou are a helpful assistant<|im_end|>\n"
        #expect(text == system + "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n")
        // the switch does nothing
        #expect(ChatTemplate.miniMind2025.text(for: [ChatMessage(.user, "hi")], continuation: .thinking) == text)
    }

    @Test func toolsAndCallsOf2026() {
        let calls = [
            ChatMessage.ToolCall(name: "move", arguments: #"{"x": 1}"#),
            ChatMessage.ToolCall(name: "stop", arguments: "{}"),
        ]
        let text = ChatTemplate.miniMind2026.text(
            for: [
                ChatMessage(.system, "s"), ChatMessage(.user, "u"), ChatMessage(.assistant, "", toolCalls: calls),
                ChatMessage(.tool, "done"), ChatMessage(.tool, "ok"), ChatMessage(.user, "thanks"),
                ChatMessage(.assistant, "a"),
            ], tools: [Self.move])
        var expected = "<|im_start|>system\ns\n\n" + Self.toolText([Self.move])
        expected += "<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
        expected += "<tool_call>\n{\"name\": \"move\", \"arguments\": {\"x\": 1}}\n</tool_call>\n"
        expected += "<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call><|im_end|>\n"
        expected += "<|im_start|>user\n<tool_response>\ndone\n</tool_response>\n"
        expected += "<tool_response>\nok\n</tool_response><|im_end|>\n"
        expected += "<|im_start|>user\nthanks<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\na<|im_end|>\n"
        #expect(text == expected)
    }

    @Test func aCallFollowsItsSentenceOnANewLine() {
        let text = ChatTemplate.miniMind2026.text(
            for: [
                ChatMessage(.user, "u"),
                ChatMessage(.assistant, "go", toolCalls: [.init(name: "move", arguments: #"{"x": 1}"#)]),
                ChatMessage(.tool, "done"),
            ], tools: [Self.move, Self.move], continuation: .answer)
        var expected = "<|im_start|>system\n" + Self.toolText([Self.move, Self.move])
        expected += "<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\ngo\n"
        expected += "<tool_call>\n{\"name\": \"move\", \"arguments\": {\"x\": 1}}\n</tool_call><|im_end|>\n"
        expected += "<|im_start|>user\n<tool_response>\ndone\n</tool_response><|im_end|>\n"
        expected += "<|im_start|>assistant\n<think>\n\n</think>\n\n"
        #expect(text == expected)
    }

    /// Content and reasoning given, then the assistant's turn.
    @Test(arguments: [
        ("\n\nx\n", "\nr\n", "<think>\nr\n</think>\n\nx\n"),
        // the first end of thinking closes the reasoning, the last one opens the answer
        ("<think>a</think>b<think>\n\nc\n\n</think>\n\nd\r\n", nil, "<think>\na\n</think>\n\nd\r\n"),
        ("x<think>y\n</think>\n\n\u{301}z", nil, "<think>\ny\n</think>\n\n\u{301}z"),
        // a mark that combines with the last letter hides nothing
        ("x</think>\u{301}z", nil, "<think>\nx\n</think>\n\n\u{301}z"),
        ("plain", nil, "<think>\n\n</think>\n\nplain"),
    ])
    func reasoningIsTakenFromTheContent(content: String, reasoning: String?, expected: String) {
        let text = ChatTemplate.miniMind2026.text(for: [ChatMessage(.assistant, content, reasoning: reasoning)])
        #expect(text.utf8.elementsEqual("<|im_start|>assistant\n\(expected)<|im_end|>\n".utf8))
    }

    @Test func laterSystemAndToolTurns() {
        let messages = [
            ChatMessage(.system, "a"), ChatMessage(.system, "b"), ChatMessage(.user, "c"), ChatMessage(.tool, "x"),
            ChatMessage(.assistant, "d"),
        ]
        var expected =
            "<|im_start|>system\na<|im_end|>\n<|im_start|>system\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n"
        expected += "<|im_start|>user\n<tool_response>\nx\n</tool_response><|im_end|>\n"
        expected += "<|im_start|>assistant\n<think>\n\n</think>\n\nd<|im_end|>\n"
        #expect(ChatTemplate.miniMind2026.text(for: messages) == expected)
        let old = "<|im_start|>system\na<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\nd<|im_end|>\n"
        #expect(ChatTemplate.miniMind2025.text(for: messages) == old)
    }
}

@Suite struct LabelMaskTests {
    /// `<|im_start|>` 300, `<|im_end|>` 301, all else one id per byte.
    let tokenizer: BPETokenizer

    init() throws {
        tokenizer = try SmallTokenizer.make(
            merges: [], added: [(300, "<|im_start|>", true), (301, "<|im_end|>", true)])
    }

    private func learned(_ template: ChatTemplate, _ text: String) -> String {
        let ids = tokenizer.encode(text)
        let mask = LabelMask(template, tokenizer: tokenizer).supervised(ids)
        return tokenizer.decode(zip(ids, mask).filter(\.1).map(\.0))
    }

    @Test(arguments: ChatTemplate.allCases)
    func onlyAnswersAreLearned(template: ChatTemplate) {
        let text = "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\nyes<|im_end|>\n<|im_start|>user\n"
        #expect(learned(template, text) == "yes<|im_end|>\n")
        #expect(learned(template, "<|im_start|>user\nassistant\n<|im_end|>\n") == "")
        // an answer cut off is learned to the end
        #expect(learned(template, "<|im_start|>assistant\nye") == "ye")
        #expect(learned(template, "<|im_start|>assistant") == "")
        #expect(learned(template, "") == "")
    }

    @Test func labelsAreIDsOrIgnored() {
        let mask = LabelMask(.miniMind2026, tokenizer: tokenizer)
        let labels = mask.labels(for: tokenizer.encode("<|im_start|>assistant\na<|im_end|>\n"))
        #expect(labels == Array(repeating: -100, count: 11) + [97, 301, 10])
    }
}
