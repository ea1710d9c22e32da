/// Text of a generator where an instruction should stand.
///
/// LIBERO-Plus has two such files, one of them among its 10,030 tasks: "Here are 20 variations of the given instruction
/// while maintaining its core meaning".
public enum InstructionDefect {
    /// Whether a sentence speaks about instructions instead of being one.
    public static func isGeneratorText(_ instruction: String) -> Bool {
        let text = instruction.lowercased()
        let words = text.split { !$0.isLetter }
        return words.contains("variations") || words.contains("paraphrases") || text.contains("core meaning")
    }
}
