import Foundation

/// The files of LIBERO on disk: `bddl_files/<suite>/<task>.bddl` and `init_files/<suite>/<task>.pruned_init`.
public struct LiberoFolder: Sendable {
    /// The folder that holds `bddl_files` and `init_files`.
    public let root: URL

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
    }

    /// The suites that lie here, by name: LIBERO's with their own order of tasks, others in the order of the file names.
    public func suites() throws -> [LiberoSuite] {
        let manager = FileManager.default
        let folders = try manager.contentsOfDirectory(atPath: root.appendingPathComponent("bddl_files").path).sorted()
        return try folders.compactMap { name in
            if let suite = LiberoSuite.builtIn.first(where: { $0.name == name }) { return suite }
            let folder = root.appendingPathComponent("bddl_files/\(name)")
            guard Self.isFolder(folder) else { return nil }
            let files = try manager.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".bddl") }
            guard !files.isEmpty else { return nil }
            return LiberoSuite(name: name, taskNames: files.map { String($0.dropLast(".bddl".count)) }.sorted())
        }
    }

    /// Where the problem of a task is written.
    public func problemFile(of task: LiberoTask) -> URL {
        root.appendingPathComponent("bddl_files/\(task.suite)/\(task.name).bddl")
    }

    /// Where the initial states of a task are stored.
    public func initialStatesFile(of task: LiberoTask) -> URL {
        root.appendingPathComponent("init_files/\(task.suite)/\(task.name).pruned_init")
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

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
