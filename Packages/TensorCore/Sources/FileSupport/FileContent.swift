public import Foundation

/// Reads whole files of settings and text: regular files up to a size, never a pipe, a device or a folder.
public enum FileContent {
    /// The most that a file of settings has; larger ones are refused unless the caller says otherwise.
    public static let byteLimit = 256 << 20

    /// The bytes of a regular file.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - limit: The most bytes it may have.
    /// - Throws: ``SerializationError`` when it does not exist, cannot be read, is no regular file or is larger.
    public static func data(at url: URL, limit: Int = byteLimit) throws -> Data {
        let path = url.path
        let handle = try handle(at: url)
        defer { try? handle.close() }
        let descriptor = handle.fileDescriptor
        func tooLarge(_ count: Int) -> SerializationError {
            SerializationError(.limitExceeded, file: path, "\(count) bytes; at most \(limit) are read")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, String(cString: strerror(errno))) }
        guard status.st_size <= limit else { throw tooLarge(Int(status.st_size)) }

        // files of /proc say that they are empty; a file may grow while it is read
        var data = Data()
        data.reserveCapacity(Int(status.st_size) + 1)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, String(cString: strerror(errno))) }
            guard count > 0 else { return data }
            data.append(contentsOf: buffer[..<count])
            guard data.count <= limit else { throw tooLarge(data.count) }
        }
    }

    /// A regular file, open for reading.
    ///
    /// - Throws: ``SerializationError`` when it does not exist, cannot be read or is no regular file.
    public static func handle(at url: URL) throws -> FileHandle {
        let path = url.path
        // a pipe without a writer would block in open, a device never ends
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw failure(path, "not a regular file")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func failure(_ path: String, _ reason: String) -> SerializationError {
        SerializationError(.cannotRead, file: path, reason, advice: "Check the path and its permissions.")
    }
}
