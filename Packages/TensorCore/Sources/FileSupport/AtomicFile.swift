public import Foundation

/// Where writers send bytes, in order.
public typealias ByteSink = (UnsafeRawBufferPointer) throws -> Void

/// Writes a file that appears complete or not at all, also when the process is killed or the machine loses power:
/// a temporary file in the same folder is synchronized, renamed over the target, and the folder is synchronized.
public enum AtomicFile {
    /// Replaces the file at `url`.
    ///
    /// - Throws: ``SerializationError`` with the step that failed and the system's reason.
    public static func write(_ bytes: some ContiguousBytes, to url: URL) throws {
        try write(to: url) { sink in try bytes.withUnsafeBytes { try sink($0) } }
    }

    /// Replaces the file at `url` by the bytes that `produce` sends.
    public static func write(to url: URL, _ produce: (ByteSink) throws -> Void) throws {
        let path = url.path
        let temporary = url.deletingLastPathComponent()
            .appendingPathComponent(".\(url.lastPathComponent).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp").path
        func failure(_ step: String) -> SerializationError {
            SerializationError(
                .cannotWrite, file: path, "\(step) failed: \(String(cString: strerror(errno)))",
                advice: "Check that the folder exists, may be written and has space.")
        }

        // a device, a pipe or a folder is not replaced
        var status = stat()
        if lstat(path, &status) == 0, ![S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT) {
            throw SerializationError(
                .cannotWrite, file: path, "there is something that is no regular file", advice: "Give another name.")
        }

        // everything into the temporary file
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("creating a file beside it") }
        do {
            defer { close(descriptor) }
            try produce { bytes in
                var written = 0
                while written < bytes.count {
                    let count = Foundation.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
                    guard count > 0 || (count < 0 && errno == EINTR) else { throw failure("writing") }
                    written += max(count, 0)
                }
            }
            guard fsync(descriptor) == 0 else { throw failure("fsync") }
        } catch {
            unlink(temporary)
            throw error
        }

        // the new name, and the folder's entry for it
        guard rename(temporary, path) == 0 else {
            let error = failure("renaming")
            unlink(temporary)
            throw error
        }
        let folder = open(url.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("opening the folder") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("fsync of the folder") }
    }

    /// The bytes that would be written.
    package static func bytes(_ produce: (ByteSink) throws -> Void) rethrows -> [UInt8] {
        var result: [UInt8] = []
        try produce { result.append(contentsOf: $0) }
        return result
    }
}
