public import Foundation

/// Where the files of variants lie: folders that `Scripts/setup` fills, or others.
public struct VariantFiles: Sendable {
    /// LIBERO-Plus: `bddl_files`, `init_files`, and the list of tasks.
    public var plusFolder: URL
    /// LIBERO-PRO: `bddl_files`, `init_files` and assets.
    public var proFolder: URL
    /// LIBERO-Para: `para_metadata.csv`.
    public var paraphraseFolder: URL

    public init(plusFolder: URL, proFolder: URL, paraphraseFolder: URL) {
        (self.plusFolder, self.proFolder, self.paraphraseFolder) = (plusFolder, proFolder, paraphraseFolder)
    }

    /// The folders of `LIBERO_PLUS_ROOT`, `LIBERO_PRO_ROOT` and `LIBERO_PARA_ROOT`, else `.libero-plus`, `.libero-pro` and
    /// `.libero-para` in the working directory.
    public static func standard(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> VariantFiles {
        func folder(_ variable: String, _ name: String) -> URL {
            URL(fileURLWithPath: environment[variable] ?? name)
        }
        return VariantFiles(
            plusFolder: folder("LIBERO_PLUS_ROOT", ".libero-plus"), proFolder: folder("LIBERO_PRO_ROOT", ".libero-pro"),
            paraphraseFolder: folder("LIBERO_PARA_ROOT", ".libero-para"))
    }

    /// - Throws: ``LiberoTasksError/missingVariantFiles(path:advice:)`` when they are not there.
    public func plus() throws -> LiberoFolder {
        try Self.folder(
            plusFolder, advice: "Scripts/setup --with-libero-plus fetches them; LIBERO_PLUS_ROOT names another place")
    }

    /// - Throws: ``LiberoTasksError/missingVariantFiles(path:advice:)`` when they are not there.
    public func pro() throws -> LiberoFolder {
        try Self.folder(
            proFolder, advice: "Scripts/setup --with-libero-pro fetches them; LIBERO_PRO_ROOT names another place")
    }

    /// - Throws: ``LiberoTasksError/missingVariantFiles(path:advice:)`` when it is not there.
    public func paraphrases() throws -> URL {
        let file = paraphraseFolder.appendingPathComponent("para_metadata.csv")
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw LiberoTasksError.missingVariantFiles(
                path: file.path, advice: "Put LIBERO-Para's table there; LIBERO_PARA_ROOT names another place")
        }
        return file
    }

    /// The tasks of LIBERO-Plus: with levels from `tasks.tsv` where it lies in the folder, else from the package's list.
    public func plusTasks() throws -> LiberoPlusTasks {
        let table = plusFolder.appendingPathComponent("tasks.tsv")
        if FileManager.default.fileExists(atPath: table.path) { return try LiberoPlusTasks(table: table) }
        let list = try plus().root.appendingPathComponent("benchmark/libero_suite_task_map.py")
        guard FileManager.default.fileExists(atPath: list.path) else {
            throw LiberoTasksError.missingVariantFiles(
                path: list.path, advice: "The list of tasks comes with the package's other files, or as tasks.tsv")
        }
        return try LiberoPlusTasks(taskMap: list)
    }

    private static func folder(_ url: URL, advice: String) throws -> LiberoFolder {
        let places = [url] + ["liberoplus", "liberoplus/liberoplus"].map { url.appendingPathComponent($0) }
        guard let found = places.lazy.compactMap({ try? LiberoFolder(at: $0) }).first else {
            throw LiberoTasksError.missingVariantFiles(path: url.path, advice: advice)
        }
        return found
    }
}
