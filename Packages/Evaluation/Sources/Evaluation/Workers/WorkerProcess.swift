import FileSupport
public import Foundation
import Synchronization

/// A worker in a process of its own: a crash there ends one job, not the run.
///
/// Parent and child exchange one JSON object a line: the child's setting, its answer that it is ready, then a job and
/// its result in turn. The child ends when its input does.
public final class WorkerProcess<Job: Encodable, Result: Codable> {
    private let process = Process()
    private let input: FileHandle
    private let output: LineReader
    private let encoder = JSONEncoder()

    /// Starts the program and waits until it says that it is ready.
    ///
    /// - Throws: ``WorkerError`` with what the child said or how it ended.
    public init(_ executable: URL, arguments: [String], setting: some Encodable) throws {
        // a write to a child that has ended shall be an error, not a signal
        signal(SIGPIPE, SIG_IGN)
        let (toChild, fromChild) = (Pipe(), Pipe())
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = toChild
        process.standardOutput = fromChild
        process.standardError = FileHandle.standardError
        input = toChild.fileHandleForWriting
        output = LineReader(fromChild.fileHandleForReading)
        do { try process.run() } catch {
            throw WorkerError.cannotStart("\(executable.path): \(error)")
        }
        try send(setting)
        _ = try receive(WorkerReply<Bool>.self)
    }

    deinit { close() }

    public var processIdentifier: Int32 { process.processIdentifier }

    /// Has one job done.
    ///
    /// - Throws: ``WorkerError/failed(_:)`` with the child's error; ``WorkerError/ended(_:)`` when the child has ended.
    public func run(_ job: Job) throws -> Result {
        try send(job)
        return try receive(WorkerReply<Result>.self)
    }

    /// Lets the child end and waits for it.
    public func close() {
        try? input.close()
        if process.isRunning { process.waitUntilExit() }
    }

    private func send(_ value: some Encodable) throws {
        var line = try encoder.encode(value)
        line.append(UInt8(ascii: "\n"))
        do { try input.write(contentsOf: line) } catch { throw ended() }
    }

    private func receive<Content>(_ type: WorkerReply<Content>.Type) throws -> Content {
        guard let line = output.next() else { throw ended() }
        switch try JSONDecoder().decode(type, from: line) {
        case .done(let content): return content
        case .failed(let message): throw WorkerError.failed(message)
        }
    }

    private func ended() -> WorkerError {
        process.waitUntilExit()
        return .ended(
            process.terminationReason == .exit
                ? "with exit status \(process.terminationStatus)" : "by signal \(process.terminationStatus)")
    }
}

/// A worker process did not do its job.
public enum WorkerError: Error, Equatable, CustomStringConvertible {
    case cannotStart(String)
    /// It reported an error.
    case failed(String)
    /// It ended in the middle of a job.
    case ended(String)

    public var description: String {
        switch self {
        case .cannotStart(let reason): "A worker process cannot be started: \(reason)."
        case .failed(let message): message
        case .ended(let how):
            "A worker process ended \(how). Its last lines stand above; what was finished before is kept, and the same "
                + "command goes on from there. With --workers 1 the work runs in the command itself."
        }
    }
}

/// What a child answers.
enum WorkerReply<Content: Codable> {
    case done(Content)
    case failed(String)
}

/// As JSON `{"done": content}` or `{"failed": message}`; `_0` around the value is read too.
extension WorkerReply: Codable {
    private enum Kind: String, CodingKey {
        case done, failed
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        self =
            switch try container.onlyCase("a worker's reply is one of done and failed") {
            case .done: .done(try container.decodeCaseValue(forKey: .done))
            case .failed: .failed(try container.decodeCaseValue(forKey: .failed))
            }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .done(let content): try container.encode(content, forKey: .done)
        case .failed(let message): try container.encode(message, forKey: .failed)
        }
    }
}

extension WorkerReply: Sendable where Content: Sendable {}

/// The child's side of ``WorkerProcess``.
public enum WorkerService {
    /// Reads the setting, then does job after job until the input ends.
    ///
    /// Standard output is taken for the answers; whatever else the process prints goes to standard error.
    /// - Parameter prepare: Makes what does the jobs; its errors are the parent's.
    public static func serve<Setting: Decodable, Job: Decodable, Result: Codable>(
        _ prepare: (Setting) throws -> (Job) throws -> Result
    ) throws {
        // the parent decides when to end; Ctrl-C reaches both, and so may SIGTERM
        signal(SIGINT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        let answers = FileHandle(fileDescriptor: dup(STDOUT_FILENO), closeOnDealloc: true)
        dup2(STDERR_FILENO, STDOUT_FILENO)
        let input = LineReader(FileHandle.standardInput)
        let job = JobFlag()
        endWithParent(job)
        func answer<Content: Codable>(_ body: () throws -> Content) throws {
            let reply: WorkerReply<Content>
            job.isRunning.store(true, ordering: .sequentiallyConsistent)
            defer { job.isRunning.store(false, ordering: .sequentiallyConsistent) }
            do { reply = .done(try body()) } catch { reply = .failed("\(error)") }
            var line = try JSONEncoder().encode(reply)
            line.append(UInt8(ascii: "\n"))
            try answers.write(contentsOf: line)
        }

        guard let first = input.next() else { return }
        var work: ((Job) throws -> Result)?
        try answer {
            work = try prepare(JSONDecoder().decode(Setting.self, from: first))
            return true
        }
        while let work, let line = input.next() {
            try answer { try work(JSONDecoder().decode(Job.self, from: line)) }
        }
    }

    /// Whether a job is under way.
    private final class JobFlag: Sendable {
        let isRunning = Atomic(false)
    }

    /// Ends the process when the parent dies in the middle of a job: who begins anew shall not meet its old workers.
    ///
    /// Between jobs the end of the input is noticed anyway.
    private static func endWithParent(_ job: JobFlag) {
        let thread = Thread {
            while true {
                var input = pollfd(fd: STDIN_FILENO, events: 0, revents: 0)
                let count = poll(&input, 1, -1)
                if count < 0, errno == EINTR { continue }
                // no more than the end of the other side is asked for
                if count > 0, job.isRunning.load(ordering: .sequentiallyConsistent) { _exit(1) }
                return
            }
        }
        thread.name = "parent watch"
        thread.start()
    }
}

/// Lines of a pipe.
final class LineReader {
    private let handle: FileHandle
    private var buffer = Data()

    init(_ handle: FileHandle) { self.handle = handle }

    /// The next line without its end; nil when there is no more.
    func next() -> Data? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer = Data(buffer[buffer.index(after: end)...]) }
                return Data(buffer[..<end])
            }
            // FileHandle waits until it has all that is asked for
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(handle.fileDescriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return nil }
            buffer.append(contentsOf: chunk[..<count])
        }
    }
}
