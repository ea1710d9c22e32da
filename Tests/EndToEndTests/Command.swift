import Foundation
import Testing

/// The command `vla` of this build, run as people run it.
struct Command {
    /// Beside the tests; nil where only they were built.
    static let program = program(named: "vla")

    /// A program built beside the tests; nil where only they were built.
    static func program(named name: String) -> URL? {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let program = folder.appendingPathComponent(name)
        return FileManager.default.isExecutableFile(atPath: program.path) ? program : nil
    }

    /// Whether the command can simulate: it was built with the trait `MuJoCo`.
    static let simulates: Bool = {
        struct Info: Decodable { var traits: [String: Bool] }
        let output = (try? Command("info", "--json").run())?.output ?? ""
        return (try? JSONDecoder().decode(Info.self, from: Data(output.utf8)))?.traits["MuJoCo"] ?? false
    }()

    /// How it ended, and what it said.
    struct Outcome {
        var status: Int32
        var isSignalled: Bool
        var output: String
        var messages: String
    }

    private let process = Process()
    private let output: URL
    private let messages: URL

    /// - Parameters:
    ///   - environment: Set beside this process's own.
    ///   - shell: Words of a shell before the command, such as a limit.
    ///   - name: Another program than the command.
    init(
        _ arguments: [String], environment: [String: String] = [:], shell: String = "", program name: String = "vla"
    ) throws {
        let program = try #require(Self.program(named: name))
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "\(shell) exec \"$0\" \"$@\"", program.path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        // files and no pipes: nothing has to be read while it runs
        let folder = FileManager.default.temporaryDirectory
        let name = UUID().uuidString
        (output, messages) = (
            folder.appendingPathComponent("\(name).out"), folder.appendingPathComponent("\(name).err")
        )
        for file in [output, messages] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: messages)
    }

    init(_ arguments: String...) throws { try self.init(arguments) }

    func start() throws { try process.run() }

    var isRunning: Bool { process.isRunning }

    /// What it has printed so far.
    var outputSoFar: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    func wait() throws -> Outcome {
        process.waitUntilExit()
        defer { for file in [output, messages] { try? FileManager.default.removeItem(at: file) } }
        return Outcome(
            status: process.terminationStatus, isSignalled: process.terminationReason == .uncaughtSignal,
            output: try String(contentsOf: output, encoding: .utf8),
            messages: try String(contentsOf: messages, encoding: .utf8))
    }

    func run() throws -> Outcome {
        try start()
        return try wait()
    }
}

/// A folder of its own for a test, removed at the end.
struct TemporaryFolder: ~Copyable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("vla-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func callAsFunction(_ name: String) -> URL { url.appendingPathComponent(name) }
}

/// The lines of a file; none when it is not there.
func lines(of file: URL) -> [Substring] {
    ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n")
}

/// The files of a folder by name.
func contents(of folder: URL) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
    return Dictionary(
        uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) })
}
