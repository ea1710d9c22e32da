public import Foundation

/// Paths that files name, kept inside a folder.
public enum ContainedPath {
    /// The file that a relative path names inside a folder, also after links are resolved; nil for an absolute path, one
    /// that leaves the folder, and what is no regular file.
    public static func file(_ path: String, in folder: URL) -> URL? {
        guard let url = url(path, in: folder) else { return nil }
        var status = stat()
        guard stat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return url
    }

    /// The place that a relative path names inside a folder, also after links are resolved; it need not exist. nil for an
    /// absolute or empty path and one that leaves the folder.
    public static func url(_ path: String, in folder: URL) -> URL? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard !path.hasPrefix("/"), !parts.isEmpty, !parts.contains(".."), !path.utf8.contains(0) else { return nil }
        guard let base = realPath(folder.path) else { return nil }
        let url = parts.reduce(folder) { $0.appendingPathComponent(String($1)) }
        // the deepest part that exists decides
        var existing = url
        for _ in 0..<parts.count {
            if let real = realPath(existing.path) { return real == base || real.hasPrefix(base + "/") ? url : nil }
            // a link that points nowhere could be made to point anywhere
            var status = stat()
            if lstat(existing.path, &status) == 0 { return nil }
            existing.deleteLastPathComponent()
        }
        return url
    }

    /// A text as the name of a file: signs that end a name or leave a folder become `_`.
    public static func fileName(_ text: String, limit: Int = 100) -> String {
        let scalars = text.unicodeScalars.prefix(limit).map { scalar -> Unicode.Scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": scalar
            default: "_"
            }
        }
        var name = String(String.UnicodeScalarView(scalars))
        if name.isEmpty || name.hasPrefix(".") { name = "_" + name.dropFirst() }
        return name
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
