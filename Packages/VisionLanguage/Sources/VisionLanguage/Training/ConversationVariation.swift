import TextTokenizers

/// What MiniMind-V of 2026 changes by chance in the conversations it learns from.
///
/// So that the model answers with and without a system turn, and with and without the empty block of thoughts that the
/// template puts before every answer.
public struct ConversationVariation: Sendable, Hashable, Codable {
    /// Lines of which one is put in front as the system's turn. The reference has ten of its own; they are not part of
    /// this package.
    public var systemLines: [String] = []
    /// Share of the conversations without a system's turn that get one.
    public var systemShare = 0.2
    /// Share of the conversations that keep their empty thoughts.
    public var emptyThoughtShare = 0.2

    public init() {}

    /// Puts a system's turn in front, by chance.
    func addSystemTurn(to messages: inout [ChatMessage], using generator: inout some RandomNumberGenerator) {
        guard !systemLines.isEmpty, messages.first?.role != .system,
            Double.random(in: 0..<1, using: &generator) < systemShare,
            let line = systemLines.randomElement(using: &generator)
        else { return }
        messages.insert(ChatMessage(.system, line), at: 0)
    }

    /// Removes all empty thoughts of a conversation's text, by chance.
    func removeEmptyThoughts(from text: inout String, using generator: inout some RandomNumberGenerator) {
        guard Double.random(in: 0..<1, using: &generator) >= emptyThoughtShare else { return }
        text = text.replacing("<think>\n\n</think>\n\n", with: "")
    }
}
