/// A task, a suite or its files cannot be found.
public enum LiberoTasksError: Error, Equatable, CustomStringConvertible {
    case unknownSuite(String, known: [String])
    case unknownTask(String, suite: String, known: [String])
    /// No `bddl_files` in or below the folder.
    case notALiberoFolder(path: String)
    case missingFile(path: String, task: String)
    /// The files of a variant, such as LIBERO-Plus, are not in their folder.
    case missingVariantFiles(path: String, advice: String)
    /// A folder without a BDDL file in it.
    case noTasks(path: String)

    public var description: String {
        switch self {
        case .unknownSuite(let name, let known):
            "There is no suite '\(name)'; there are \(known.joined(separator: ", "))."
        case .unknownTask(let name, let suite, let known):
            "The suite '\(suite)' has no task '\(name)'; it has \(known.joined(separator: ", "))."
        case .notALiberoFolder(let path):
            "\(path) holds no bddl_files; give the root of a LIBERO checkout or the folder with bddl_files in it."
        case .missingFile(let path, let task):
            "The task '\(task)' has no file \(path)."
        case .missingVariantFiles(let path, let advice):
            "There is no \(path). \(advice)."
        case .noTasks(let path):
            "\(path) holds no .bddl files; each is a task, with its initial states beside it or drawn at the start."
        }
    }
}
