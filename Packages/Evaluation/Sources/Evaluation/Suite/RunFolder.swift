import FileSupport
public import Foundation
import TensorCore

/// A folder to which a long run writes, one process at a time: what it is, and what is finished.
///
/// `plan.json` describes the run and is compared on resuming; `log.jsonl` gets one line per finished piece, which
/// is on the disk before the next one begins. A line that a crash has cut off is removed.
public final class RunFolder<Plan: Codable & Hashable & Sendable, Entry: Codable & Sendable>: @unchecked Sendable {
    // used by one thread at a time: entries arrive one after another
    public let url: URL
    public let plan: Plan
    /// What is finished, oldest first.
    public private(set) var entries: [Entry] = []
    private let lock: FolderLock
    private var log: Int32 = -1
    private var logSize = 0

    /// Opens the folder of a new or resumed run.
    ///
    /// - Parameters:
    ///   - url: The folder; made when there is none.
    ///   - plan: What the run is going to do.
    ///   - differences: What speaks against going on with a plan that was found; nothing when the run may go on as the
    ///     new plan says.
    /// - Throws: ``RunFolderError`` when another process is at it, it holds another run, or its log is damaged;
    ///   `SerializationError` when the system refuses.
    public init(at url: URL, plan: Plan, differences: (_ found: Plan, _ wanted: Plan) throws -> [String]) throws {
        self.url = url
        self.plan = plan
        do { lock = try FolderLock(of: url) } catch let error as SerializationError {
            throw RunFolderError(
                path: url.path,
                reason: error.found
                    + (error.advice.map { "; \($0.prefix(1).lowercased())\($0.dropFirst().dropLast())" } ?? ""))
        }
        let planFile = url.appendingPathComponent("plan.json")
        var isNew = true
        if FileManager.default.fileExists(atPath: planFile.path) {
            let found = try Self.plan(at: planFile)
            isNew = found != plan
            let differences = try differences(found, plan)
            if !differences.isEmpty {
                throw RunFolderError(
                    path: url.path,
                    reason: "the folder holds another run:\n"
                        + differences.map { "  \($0)" }.joined(separator: "\n")
                        + "\nRepeat the command that began it, or choose another folder")
            }
        } else {
            let others = try FileManager.default.contentsOfDirectory(atPath: url.path)
            guard !others.contains("log.jsonl") else {
                throw RunFolderError(path: url.path, reason: "there is a log.jsonl without a plan.json")
            }
        }
        if isNew {
            try AtomicFile.write(JSONEncoder.sorted(indented: true).encode(plan), to: planFile)
        }
        try openLog()
        try readLog(logFile)
    }

    deinit { if log >= 0 { close(log) } }

    private var logFile: URL { url.appendingPathComponent("log.jsonl") }

    private func openLog() throws {
        if log >= 0 { close(log) }
        log = open(logFile.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        var status = stat()
        guard log >= 0, fstat(log, &status) == 0 else { throw Self.refused(url, "opening log.jsonl") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw RunFolderError(path: logFile.path, reason: "it is no regular file")
        }
    }

    /// Puts the log into another order, or leaves entries out of it: the file is replaced whole.
    ///
    /// Pieces are logged as they get ready; with several workers that differs from run to run.
    ///
    /// - Parameter ordered: Entries of this folder.
    /// - Throws: `SerializationError`, the log being as before.
    public func replaceEntries(by ordered: [Entry]) throws {
        var content = Data()
        for entry in ordered { content += try Self.line(entry) }
        if try content != FileContent.data(at: logFile) { try AtomicFile.write(content, to: logFile) }
        try openLog()
        (entries, logSize) = (ordered, content.count)
    }

    private static func line(_ entry: Entry) throws -> Data {
        var line = try JSONEncoder.sorted().encode(entry)
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// Adds what is finished; it is on the disk when this returns.
    ///
    /// - Throws: `SerializationError`, the log being as before; a full disk is the usual reason.
    public func append(_ entry: Entry) throws {
        let line = try Self.line(entry)
        let written = line.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = write(log, bytes.baseAddress! + done, bytes.count - done)
                guard count > 0 || (count < 0 && errno == EINTR) else { return false }
                done += max(count, 0)
            }
            return fsync(log) == 0
        }
        guard written else {
            let error = Self.refused(url, "writing to log.jsonl")
            ftruncate(log, off_t(logSize))
            throw error
        }
        logSize += line.count
        entries.append(entry)
    }

    /// The plan of a folder.
    public static func plan(at file: URL) throws -> Plan {
        let data = try FileContent.data(at: file)
        do {
            return try JSONDecoder().decode(Plan.self, from: data)
        } catch {
            let reason = JSONReading.explanation(of: error, in: data)
            throw RunFolderError(path: file.path, reason: "it is not the plan of such a run: \(reason)")
        }
    }

    private func readLog(_ file: URL) throws {
        let data = try FileContent.data(at: file)
        var start = data.startIndex
        var number = 0
        while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            let line = Data(data[start..<end])
            do {
                entries.append(try JSONDecoder().decode(Entry.self, from: line))
            } catch {
                let found = JSONReading.explanation(of: error, in: line)
                throw RunFolderError(
                    path: file.path,
                    reason: "line \(number) is damaged: \(found). Remove the line; what it stood for is run again")
            }
            start = data.index(after: end)
        }
        logSize = start - data.startIndex
        guard ftruncate(log, off_t(logSize)) == 0 else { throw Self.refused(url, "shortening log.jsonl") }
    }

    private static func refused(_ url: URL, _ step: String) -> SerializationError {
        SerializationError(
            .cannotWrite, file: url.path, "\(step) failed: \(String(cString: strerror(errno)))",
            advice: "Check that the folder may be written and the disk has space; the same command goes on from there.")
    }
}

/// A folder in which a run can neither begin nor go on.
public struct RunFolderError: Error, Equatable, CustomStringConvertible {
    public let path: String
    public let reason: String

    public init(path: String, reason: String) { (self.path, self.reason) = (path, reason) }

    public var description: String { "\(path): \(reason)." }
}
