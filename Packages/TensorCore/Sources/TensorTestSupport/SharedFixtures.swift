public import Foundation

/// The folder of reference fixtures that tests compare with: `VLA_SHARED`, else `../shared` from the project's root.
public enum SharedFixtures {
    /// The root, nil when it is not there: tests over its files are then skipped.
    public static let root: URL? = {
        let manager = FileManager.default
        if let path = ProcessInfo.processInfo.environment["VLA_SHARED"] {
            return manager.fileExists(atPath: path) ? URL(fileURLWithPath: path) : nil
        }
        // the project's root is the outermost folder above this file, or above the working directory, with a manifest
        let starts = [URL(fileURLWithPath: #filePath), URL(fileURLWithPath: manager.currentDirectoryPath)]
        for start in starts {
            var folder = start
            while folder.path != "/" {
                let shared = folder.appendingPathComponent("shared")
                if manager.fileExists(atPath: shared.appendingPathComponent("golden").path) { return shared }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }()

    /// The folders below `path` whose names the filter accepts, sorted by name; empty when absent.
    public static func folders(in path: String, where accepts: (String) -> Bool = { _ in true }) -> [URL] {
        entries(in: path).filter { $0.hasDirectoryPath && accepts($0.lastPathComponent) }
    }

    /// The files and folders below `path`, sorted by name; empty when absent.
    public static func entries(in path: String) -> [URL] {
        guard let root else { return [] }
        let folder = root.appendingPathComponent(path)
        let found = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (found ?? []).sorted { $0.lastPathComponent < $1.lastPathComponent }
    }
}
