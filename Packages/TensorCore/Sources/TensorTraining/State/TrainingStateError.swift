/// A saved training state cannot be used.
public enum TrainingStateError: Error, Equatable, CustomStringConvertible {
    /// The checksum is not that of the content.
    case damaged(path: String)
    /// The file lacks something that every training state has.
    case notATrainingState(path: String, missing: String)
    /// A version of the format that this program does not know.
    case otherVersion(path: String, found: String)
    case missingParameters([String])
    case unusedParameters([String])
    case wrongShape(name: String, found: String, expected: String)
    case otherOptimizer(expected: String, moments: [String])
    case missingValue(String, present: [String])

    public var description: String {
        switch self {
        case .damaged(let path): "'\(path)' is damaged: its checksum does not fit. Resume from an older state."
        case .notATrainingState(let path, let missing):
            "'\(path)' is not a training state: it has no '\(missing)'. Give a file that TrainingState wrote."
        case .otherVersion(let path, let found):
            "'\(path)' is a training state of version \(found). Read it with the program that wrote it."
        case .missingParameters(let names):
            "The training state has no \(names), which the model trains. Freeze and build the model as in the first run."
        case .unusedParameters(let names):
            "The model does not train \(names) of the training state. Freeze and build it as in the first run."
        case .wrongShape(let name, let found, let expected):
            "'\(name)' is \(found) in the training state and \(expected) in the model. Use the first run's configuration."
        case .otherOptimizer(let expected, let moments):
            "The training state's moments \(moments) are not those of \(expected). Use the first run's optimizer."
        case .missingValue(let name, let present):
            "The training state has no value '\(name)' of the expected type; it has \(present)."
        }
    }
}
