import Foundation

/// How an instruction becomes token ids.
public struct PromptPipeline: Hashable, Codable, Sendable {
    /// The text around the instruction, whose place is `{task}`.
    public var template: String
    /// Whether the instruction is turned to lower case first, as OpenVLA does.
    public var lowercases: Bool
    /// SHA-256 of the tokenizer's file.
    public var tokenizerHash: String
    /// The longest prompt; a longer one is an error and never cut.
    public var maximumTokenCount: Int

    /// - Throws: ``PipelineError/template(_:)`` when the template has no place for the instruction, or several.
    public init(template: String, lowercases: Bool, tokenizerHash: String, maximumTokenCount: Int) throws {
        guard template.components(separatedBy: Self.place).count == 2 else { throw PipelineError.template(template) }
        self.template = template
        self.lowercases = lowercases
        self.tokenizerHash = tokenizerHash
        self.maximumTokenCount = maximumTokenCount
    }

    static let place = "{task}"
    /// The 2025 system's: a Chinese frame around the English task.
    public static let microVLA2025Template = "机器人应该怎么做才能完成{task}?答:"
    /// OpenVLA's, with ``lowercases``.
    public static let openVLATemplate = "In: What action should the robot take to {task}?\nOut:"

    /// The text for an instruction.
    public func text(for instruction: String) -> String {
        template.replacingOccurrences(of: Self.place, with: lowercases ? instruction.lowercased() : instruction)
    }

    /// The ids of an instruction's prompt.
    ///
    /// - Throws: ``PipelineError`` when the tokenizer is another one, knows a word not, or the prompt is too long.
    public func tokenIDs(for instruction: String, using tokenizer: InstructionTokenizer) throws -> [Int] {
        guard tokenizer.hash == tokenizerHash else {
            throw PipelineError.otherTokenizer(found: tokenizer.hash, expected: tokenizerHash)
        }
        let ids = try tokenizer.encode(text(for: instruction))
        guard ids.count <= maximumTokenCount else {
            throw PipelineError.promptTooLong(instruction, tokenCount: ids.count, limit: maximumTokenCount)
        }
        return ids
    }
}
