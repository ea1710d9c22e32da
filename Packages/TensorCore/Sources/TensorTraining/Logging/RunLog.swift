import FileSupport
public import Foundation
import Synchronization
import TensorCore

/// What happened during a run: a text file with one JSON object a line, appended to.
///
/// Each record goes to the system in one write before `append` returns: killing the process loses none, and at most
/// the last line is incomplete after a power failure. Opening a log cuts an incomplete last line off; reading skips it.
public final class RunLog: Sendable {
    public let url: URL
    private let descriptor: Mutex<Int32>

    /// Opens the log at `url` for appending, and creates it when there is none.
    ///
    /// - Throws: `SerializationError` when the system refuses.
    public init(at url: URL) throws {
        self.url = url
        let descriptor = open(url.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.refused("opening", url) }
        self.descriptor = Mutex(descriptor)
        let complete = try Self.completeLines(of: url).reduce(0) { $0 + $1.count + 1 }
        guard ftruncate(descriptor, off_t(complete)) == 0 else { throw Self.refused("shortening", url) }
    }

    deinit { descriptor.withLock { _ = close($0) } }

    /// Appends a record; its keys are written in alphabetical order.
    public func append(_ record: [String: LogValue]) throws {
        var line = try Self.encoder.encode(record)
        line.append(UInt8(ascii: "\n"))
        try descriptor.withLock { descriptor in
            try line.withUnsafeBytes { bytes in
                var rest = bytes
                while !rest.isEmpty {
                    let count = write(descriptor, rest.baseAddress, rest.count)
                    guard count > 0 || (count < 0 && errno == EINTR) else { throw Self.refused("writing", url) }
                    rest = UnsafeRawBufferPointer(rebasing: rest[max(count, 0)...])
                }
            }
        }
    }

    /// Removes the records at the end whose number under `key` is greater than `limit`.
    ///
    /// A run that resumes at an earlier checkpoint repeats those steps.
    public func removeTail(after limit: Double, of key: String = "step") throws {
        try descriptor.withLock { descriptor in
            var lines = try Self.completeLines(of: url)
            while let last = lines.last, let number = try? Self.record(last)[key]?.number, number > limit {
                lines.removeLast()
            }
            let kept = lines.reduce(0) { $0 + $1.count + 1 }
            guard ftruncate(descriptor, off_t(kept)) == 0 else { throw Self.refused("shortening", url) }
        }
    }

    /// Waits until everything appended is on the disk.
    public func synchronize() throws {
        try descriptor.withLock {
            guard fsync($0) == 0 else { throw Self.refused("fsync", url) }
        }
    }
}

// MARK: - Reading

extension RunLog {
    /// The records of the log at `url`, oldest first; an incomplete last line is left out.
    ///
    /// - Throws: ``RunLogError`` for a complete line that is not a JSON object, with its number.
    public static func records(at url: URL) throws -> [[String: LogValue]] {
        try completeLines(of: url).enumerated().map { index, line in
            do {
                return try record(line)
            } catch {
                throw RunLogError(path: url.path, line: index + 1, reason: "\(error)")
            }
        }
    }

    private static func refused(_ step: String, _ url: URL) -> SerializationError {
        SerializationError(
            .cannotWrite, file: url.path, "\(step) failed: \(String(cString: strerror(errno)))",
            advice: "Check that the folder exists, may be written and has space.")
    }

    private static let encoder = JSONEncoder.sorted()

    private static func record(_ line: Data) throws -> [String: LogValue] {
        try JSONDecoder().decode([String: LogValue].self, from: line)
    }

    /// The lines that end in a line feed, without it.
    private static func completeLines(of url: URL) throws -> [Data] {
        let data = try FileContent.data(at: url)
        var lines: [Data] = []
        var start = data.startIndex
        while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(data[start..<end])
            start = data.index(after: end)
        }
        return lines
    }
}

/// A log holds a line that is not a record.
public struct RunLogError: Error, Equatable, CustomStringConvertible {
    public let path: String
    public let line: Int
    public let reason: String

    public var description: String {
        "Line \(line) of '\(path)' is not a record (a JSON object of numbers, texts, flags and lists): \(reason)"
    }
}
