import FileSupport
import Foundation

/// A file that is written beside its place and renamed when it is complete.
final class ParquetOutput {
    private let url: URL
    private let temporary: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ url: URL) throws {
        self.url = url
        let name = ".\(url.lastPathComponent).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
        temporary = url.deletingLastPathComponent().appendingPathComponent(name).path
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("creating a file beside it") }
    }

    deinit {
        guard descriptor >= 0 else { return }
        Foundation.close(descriptor)
        unlink(temporary)
    }

    func write(_ bytes: [UInt8]) throws {
        buffer += bytes
        if buffer.count >= 1 << 20 { try flush() }
    }

    func close() throws {
        try flush()
        guard fsync(descriptor) == 0 else { throw failure("fsync") }
        guard rename(temporary, url.path) == 0 else { throw failure("renaming") }
        Foundation.close(descriptor)
        descriptor = -1
        let folder = open(url.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("opening the folder") }
        defer { Foundation.close(folder) }
        guard fsync(folder) == 0 else { throw failure("fsync of the folder") }
    }

    private func flush() throws {
        var start = 0
        try buffer.withUnsafeBytes { bytes in
            while start < bytes.count {
                let count = Foundation.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
                guard count > 0 || (count < 0 && errno == EINTR) else { throw failure("writing") }
                start += max(count, 0)
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func failure(_ step: String) -> SerializationError {
        SerializationError(
            .cannotWrite, file: url.path, "\(step) failed: \(String(cString: strerror(errno)))",
            advice: "Check that the folder exists, may be written and has space.")
    }
}
