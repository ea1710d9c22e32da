/// A task, a suite or its files cannot be found.
public enum LiberoTasksError: Error, Equatable, CustomStringConvertible {
    case unknownSuite(String, known: [String])
    case unknownTask(String, suite: String, known: [String])
    /// No `bddl_files` in or below the folder.
    case notALiberoFolder(path: String)
    case missingFile(path: String, task: String)

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
        }
    }
}
