public import Foundation

/// The bytes of a file, read-only: mapped into memory, or held in memory.
///
/// The mapping ends when the last reader and the last tensor on it are gone. Replacing the file by renaming another
/// over it is harmless. A file that is made shorter in place while it is mapped ends the process with a bus error:
/// do not edit weight files under a running program.
///
/// `@unchecked Sendable`: the bytes are never written after the initializer.
public final class MappedFile: @unchecked Sendable {
    /// The path, or the name given to bytes in memory: how errors call the file.
    public let name: String
    package let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Maps a file.
    ///
    /// - Throws: ``SerializationError`` when it does not exist, cannot be read or is not a regular file.
    public init(at url: URL) throws {
        let path = url.path
        func failure(_ reason: String) -> SerializationError {
            SerializationError(.cannotRead, file: path, reason, advice: "Check the path and its permissions.")
        }

        // a pipe would block in open and a folder cannot be mapped
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("not a regular file") }

        // an empty mapping is an error to mmap
        name = path
        let count = Int(status.st_size)
        isMapped = count > 0
        guard isMapped else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw failure("mapping \(count) bytes failed: \(String(cString: strerror(errno)))")
        }
        bytes = UnsafeRawBufferPointer(start: base, count: count)
    }

    /// Copies bytes, aligned to 64.
    public init(bytes source: some Sequence<UInt8>, name: String) {
        self.name = name
        isMapped = false
        let source = Array(source)
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 64)
        copy.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }

    public var byteCount: Int { bytes.count }

    /// Passes the bytes, which live at least as long as the call.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(bytes) }
    }
}
