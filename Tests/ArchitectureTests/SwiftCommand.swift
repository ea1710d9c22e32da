import Foundation

/// The `swift` of the running toolchain, as a subprocess.
enum SwiftCommand {
    /// `swift package dump-package` of the manifest in `folder`.
    ///
    /// A scratch folder of its own keeps the subprocess from waiting for the build that runs this test.
    static func dumpPackage(_ folder: URL) throws -> Data {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("vla-manifests-\(getpid())")
        defer { try? FileManager.default.removeItem(at: scratch) }

        let process = Process()
        let output = Pipe()
        process.executableURL = try executable()
        process.arguments = ["package", "--package-path", folder.path, "--scratch-path", scratch.path, "dump-package"]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SwiftCommandError.dumpFailed(folder.path) }
        return data
    }

    /// What a program writes to standard output.
    static func output(of program: URL, _ arguments: [String]) throws -> Data {
        let process = Process()
        let output = Pipe()
        (process.executableURL, process.arguments, process.standardOutput) = (program, arguments, output)
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SwiftCommandError.failed(program.path) }
        return data
    }

    /// Looks beside the runtime library this process has loaded, then along `PATH`.
    static func executable() throws -> URL {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let runtime = maps.split(separator: "\n").compactMap { line in
            line.range(of: "/usr/lib/swift/linux/libswiftCore.so").map { end in
                line[line.firstIndex(of: "/")!..<end.lowerBound] + "/usr/bin"
            }
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        let folders = runtime.map(String.init) + path.split(separator: ":").map(String.init)
        for folder in folders {
            let candidate = folder + "/swift"
            if FileManager.default.isExecutableFile(atPath: candidate) { return URL(fileURLWithPath: candidate) }
        }
        throw SwiftCommandError.notFound(folders)
    }
}

enum SwiftCommandError: Error, CustomStringConvertible {
    case notFound([String])
    case dumpFailed(String)
    case failed(String)

    var description: String {
        switch self {
        case .notFound(let folders): "No swift in \(folders). Add the toolchain's usr/bin to PATH."
        case .dumpFailed(let folder): "'swift package dump-package' failed for \(folder); run it there to see why."
        case .failed(let program): "\(program) did not end with status 0; run it to see why."
        }
    }
}
