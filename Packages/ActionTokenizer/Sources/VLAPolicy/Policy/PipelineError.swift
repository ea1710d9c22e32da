public import RobotInterface

/// A pipeline, or what it is used with, that does not fit.
public enum PipelineError: Error, Equatable, CustomStringConvertible {
    /// A version of the format that this program does not know.
    case version(found: Int, known: Int)
    case dimensions(String, found: Int, expected: Int)
    /// Fields in which two sides differ, such as the action spaces of a policy and a data set.
    case mismatch(String, [FieldDifference])
    case template(String)
    case tokenizer(String)
    case otherTokenizer(found: String, expected: String)
    case unknownWords([String], known: [String])
    case promptTooLong(String, tokenCount: Int, limit: Int)
    case repeatedCamera(CameraName)
    case transform(CameraName, String)
    case notFinite(String)
    /// The policy's model and its pipelines do not belong together.
    case model([FieldDifference])

    public var description: String {
        func list(_ differences: [FieldDifference]) -> String {
            differences.map { "\n  \($0)" }.joined()
        }
        switch self {
        case .version(let found, let known):
            return "The pipeline has version \(found); this program knows \(known). Use the program that wrote it."
        case .dimensions(let what, let found, let expected):
            return "\(what) has \(found) dimensions where \(expected) are expected."
        case .mismatch(let what, let differences):
            return "\(what) is not what the policy was trained with:" + list(differences)
        case .template(let template):
            return "The prompt template '\(template)' has to contain \(PromptPipeline.place) once."
        case .tokenizer(let reason): return "The tokenizer cannot be used: \(reason)."
        case .otherTokenizer(let found, let expected):
            return "The tokenizer's hash is \(found.prefix(12))…, the pipeline was made with \(expected.prefix(12))…; "
                + "its ids would mean other words. Use the tokenizer of the checkpoint."
        case .unknownWords(let words, let known):
            return "The policy was never shown the words \(words.joined(separator: ", ")). It knows: "
                + known.joined(separator: " ") + "."
        case .promptTooLong(let instruction, let count, let limit):
            return "The prompt of '\(instruction)' has \(count) tokens, the policy takes \(limit); it is not cut."
        case .repeatedCamera(let camera): return "The camera '\(camera)' occurs twice in the pipeline."
        case .transform(let camera, let reason):
            return "The image transform of '\(camera)' cannot be used: \(reason)."
        case .notFinite(let what): return "\(what) holds a number that is not finite."
        case .model(let differences):
            return "The model and the pipelines do not belong together:" + list(differences)
        }
    }
}
