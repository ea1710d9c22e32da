import Foundation

/// The files of LIBERO on disk: `bddl_files/<suite>/<task>.bddl` and `init_files/<suite>/<task>.pruned_init`, or a folder
/// of one's own with `<task>.bddl` and, where states are stored, `<task>.pruned_init` beside it.
public struct LiberoFolder: Sendable {
    /// The folder that holds `bddl_files` and `init_files`; of a folder of tasks that folder itself.
    public let root: URL
    /// The suite of a folder of tasks; nil for LIBERO's layout.
    private let ownSuite: String?

    /// Finds `bddl_files` in the folder, or below it as in a checkout (`libero/libero/bddl_files`).
    ///
    /// - Throws: ``LiberoTasksError/notALiberoFolder(path:)`` when it is in neither place.
    public init(at folder: URL) throws {
        let places = ["", "libero", "libero/libero", "libero/libero/libero"].map {
            $0.isEmpty ? folder : folder.appendingPathComponent($0)
        }
        guard let found = places.first(where: { Self.isFolder($0.appendingPathComponent("bddl_files")) }) else {
            throw LiberoTasksError.notALiberoFolder(path: folder.path)
        }
        root = found
        ownSuite = nil
    }

    /// Takes a folder with BDDL files in it as a suite, called as the folder is.
    ///
    /// - Throws: ``LiberoTasksError/noTasks(path:)`` when there is none in it.
    public init(taskFolder folder: URL) throws {
        root = folder.standardizedFileURL
        ownSuite = root.lastPathComponent
        guard Self.isFolder(root), try !Self.taskNames(in: root).isEmpty else {
            throw LiberoTasksError.noTasks(path: folder.path)
        }
    }

    /// The names of the BDDL files in a folder, sorted.
    private static func taskNames(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".bddl") }
            .map { String($0.dropLast(".bddl".count)) }.sorted()
    }

    /// The suites that lie here, by name: LIBERO's with their own order of tasks, others in the order of the file names.
    public func suites() throws -> [LiberoSuite] {
        if let ownSuite { return [LiberoSuite(name: ownSuite, taskNames: try Self.taskNames(in: root))] }
        let manager = FileManager.default
        let folders = try manager.contentsOfDirectory(atPath: root.appendingPathComponent("bddl_files").path).sorted()
        return try folders.compactMap { name in
            if let suite = LiberoSuite.builtIn.first(where: { $0.name == name }) { return suite }
            let folder = root.appendingPathComponent("bddl_files/\(name)")
            guard Self.isFolder(folder) else { return nil }
            let tasks = try Self.taskNames(in: folder)
            return tasks.isEmpty ? nil : LiberoSuite(name: name, taskNames: tasks)
        }
    }

    /// Where the problem of a task is written.
    public func problemFile(of task: LiberoTask) -> URL {
        file("bddl_files", task, suffix: ".bddl")
    }

    /// Where the initial states of a task are stored: the first of `.pruned_init`, `.pruned_init.npz`, `.init`, `.npz` and
    /// `.npy` that is there, or else where the first of them would be.
    public func initialStatesFile(of task: LiberoTask) -> URL {
        let files = Self.initialStatesSuffixes.map { file("init_files", task, suffix: $0) }
        return files.first { FileManager.default.fileExists(atPath: $0.path) } ?? files[0]
    }

    private func file(_ folder: String, _ task: LiberoTask, suffix: String) -> URL {
        let path = ownSuite == nil ? "\(folder)/\(task.suite)/" : ""
        return root.appendingPathComponent("\(path)\(task.name)\(suffix)")
    }

    private static let initialStatesSuffixes = [".pruned_init", ".pruned_init.npz", ".init", ".npz", ".npy"]

    /// Whether initial states of a task are stored; starts can be drawn without.
    public func hasInitialStates(of task: LiberoTask) -> Bool {
        FileManager.default.fileExists(atPath: initialStatesFile(of: task).path)
    }

    /// Reads the problem of a task.
    ///
    /// - Throws: ``LiberoTasksError/missingFile(path:task:)`` when there is no file, ``BDDLError`` for what is wrong in it.
    public func problem(of task: LiberoTask) throws -> BDDLProblem {
        let file = problemFile(of: task)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw LiberoTasksError.missingFile(path: file.path, task: task.name)
        }
        return try BDDLParser().problem(at: file)
    }

    /// What a policy is told in a task.
    ///
    /// - Parameter source: Nil for the rule of the field: in LIBERO's five suites the file name, in others the `:language`
    ///   line, in lower case.
    /// - Throws: As ``problem(of:)`` where the line is read.
    public func instruction(of task: LiberoTask, source: InstructionSource? = nil) throws -> String {
        let isBuiltIn = ownSuite == nil && LiberoSuite.builtIn.contains { $0.name == task.suite }
        switch source ?? (isBuiltIn ? .fileName : .problem) {
        case .fileName: return task.instruction
        case .problem: return try problem(of: task).language
        }
    }

    /// A note where the file name and the `:language` line of a task give different instructions; nil where they agree.
    ///
    /// - Throws: As ``problem(of:)``.
    public func instructionNote(of task: LiberoTask) throws -> String? {
        let language = try problem(of: task).language
        guard language != task.instruction.lowercased() else { return nil }
        return "\(task.suite)/\(task.name): the file name says '\(task.instruction)', its :language line '\(language)'"
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
