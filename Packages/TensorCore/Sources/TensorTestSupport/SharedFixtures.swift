public import Foundation

/// Reference results that tests compare with, in two folders of the same layout.
///
/// `Tests/Fixtures` is part of the repository and holds at least one case of each kind. The shared folder, `VLA_SHARED`, else
/// `../shared` from the project's root, holds the rest. Suites go through the cases of both.
public enum SharedFixtures {
    /// The shared folder; `nil` when it is not there.
    public static let root: URL? = {
        let manager = FileManager.default
        if let path = ProcessInfo.processInfo.environment["VLA_SHARED"] {
            return manager.fileExists(atPath: path) ? URL(fileURLWithPath: path) : nil
        }
        // the project's root is the outermost folder above this file, or above the working directory, with a manifest
        return folderAbove("shared")
    }()

    /// The repository's own folder; `nil` in a layer's separate repository.
    public static let own: URL? = folderAbove("Tests/Fixtures")

    /// The folders that are there, the repository's own first.
    public static let roots: [URL] = [own, root].compactMap { $0 }

    /// The nearest folder of this name, with fixtures in it, beside a folder above this file or the working directory.
    private static func folderAbove(_ name: String) -> URL? {
        let manager = FileManager.default
        let starts = [URL(fileURLWithPath: #filePath), URL(fileURLWithPath: manager.currentDirectoryPath)]
        for start in starts {
            var folder = start
            while folder.path != "/" {
                let found = folder.appendingPathComponent(name)
                if manager.fileExists(atPath: found.appendingPathComponent("golden").path) { return found }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }

    /// The root that a fixture lies in, for files that it names relative to it.
    public static func root(of fixture: URL) -> URL? {
        roots.first { fixture.standardizedFileURL.path.hasPrefix($0.standardizedFileURL.path + "/") }
    }

    /// The files or folders at `path`, one for each root that has it.
    public static func all(_ path: String) -> [URL] {
        roots.map { $0.appendingPathComponent(path) }.filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// The folders below `path` whose names the filter accepts, sorted by name; empty when absent.
    public static func folders(in path: String, where accepts: (String) -> Bool = { _ in true }) -> [URL] {
        entries(in: path).filter { isFolder($0) && accepts($0.lastPathComponent) }
    }

    /// All files below `path` with one of the suffixes, sorted by path; empty when absent. Symbolic links are followed: a
    /// fixture may be a link to a file or folder elsewhere.
    public static func files(below path: String = "", suffixes: Set<String>) -> [URL] {
        var (found, seen) = ([URL](), Set<String>())
        var open = roots.map { path.isEmpty ? $0 : $0.appendingPathComponent(path) }
        while let folder = open.popLast() {
            // a link may lead back to a folder above it
            guard seen.insert(folder.resolvingSymlinksInPath().path).inserted else { continue }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names where !name.hasPrefix(".") {
                let url = folder.appendingPathComponent(name)
                if isFolder(url) { open.append(url) } else if suffixes.contains(url.pathExtension) { found.append(url) }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    /// Whether it is a folder, or a symbolic link to one.
    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The files and folders below `path`, sorted by name; empty when absent.
    public static func entries(in path: String) -> [URL] {
        roots.flatMap { root -> [URL] in
            let folder = root.appendingPathComponent(path)
            let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            return found.sorted().map { folder.appendingPathComponent($0) }
        }
    }
}
