import FileSupport
public import Foundation
import TensorCore

/// A folder to which a long run writes, one process at a time: what it is, and what is finished.
///
/// `plan.json` says what the run is and is compared when it goes on; `log.jsonl` gets one line per finished piece, which
/// is on the disk before the next one begins. A line that a crash has cut off is removed.
public final class RunFolder<Plan: Codable & Hashable & Sendable, Entry: Codable & Sendable>: @unchecked Sendable {
    // used by one thread at a time: entries arrive one after another
    public let url: URL
    public let plan: Plan
    /// What is finished, oldest first.
    public private(set) var entries: [Entry] = []
    private let lock: Int32
    private let log: Int32
    private var logSize = 0

    /// Opens the folder of a new run, or of one that goes on.
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
        do { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) } catch {
            throw RunFolderError(path: url.path, reason: "the folder cannot be made: \(error.localizedDescription)")
        }

        lock = open(url.appendingPathComponent(".lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else { throw Self.refused(url, "making the file '.lock'") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw RunFolderError(
                path: url.path, reason: "another process writes to this folder; wait for it or choose another folder")
        }
        let planFile = url.appendingPathComponent("plan.json")
        let logFile = url.appendingPathComponent("log.jsonl")
        do {
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
                let others = try FileManager.default.contentsOfDirectory(atPath: url.path).filter { $0 != ".lock" }
                guard !others.contains("log.jsonl") else {
                    throw RunFolderError(path: url.path, reason: "there is a log.jsonl without a plan.json")
                }
            }
            if isNew {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
                try AtomicFile.write(encoder.encode(plan), to: planFile)
            }
            log = open(logFile.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            guard log >= 0 else { throw Self.refused(url, "opening log.jsonl") }
        } catch {
            close(lock)
            throw error
        }
        try readLog(logFile)
    }

    deinit {
        close(log)
        close(lock)
    }

    /// Adds what is finished; it is on the disk when this returns.
    ///
    /// - Throws: `SerializationError`, the log being as before; a full disk is the usual reason.
    public func append(_ entry: Entry) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = try encoder.encode(entry)
        line.append(UInt8(ascii: "\n"))
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
        do {
            return try JSONDecoder().decode(Plan.self, from: Data(contentsOf: file))
        } catch {
            throw RunFolderError(path: file.path, reason: "it is not the plan of such a run: \(error)")
        }
    }

    private func readLog(_ file: URL) throws {
        let data = try Data(contentsOf: file)
        var start = data.startIndex
        var number = 0
        while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            do {
                entries.append(try JSONDecoder().decode(Entry.self, from: Data(data[start..<end])))
            } catch {
                throw RunFolderError(
                    path: file.path,
                    reason: "line \(number) is damaged: \(error). Remove the line; what it stood for is run again")
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
