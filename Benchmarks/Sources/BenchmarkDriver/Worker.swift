import BenchmarkKit
import Foundation

/// A running worker of either side: set up once, then asked for one round at a time.
final class Worker {
    private let name: String
    private let role: MeasuredValue.Role
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    init(_ command: [String], case name: String, role: MeasuredValue.Role) throws {
        self.name = "\(command.last ?? "") \(name)"
        self.role = role
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command + ["--case", name]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        _ = try lines(until: "ready")
    }

    /// Asks for one round and waits for its measurements. What does not name its role has that of the worker.
    func measureRound() throws -> [MeasuredValue] {
        input.fileHandleForWriting.write(Data("go\n".utf8))
        return try lines(until: "done").map { line in
            guard var object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                throw BenchmarkError.unreadableLine(line, from: name)
            }
            if object["role"] == nil { object["role"] = role.rawValue }
            return try JSONDecoder().decode(MeasuredValue.self, from: JSONSerialization.data(withJSONObject: object))
        }
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The names of the cases a worker offers.
    static func cases(of command: [String]) throws -> [String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command + ["--list"]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError.workerEnded(command.last ?? "", status: process.terminationStatus)
        }
        return text.split(separator: "\n").map(String.init)
    }

    private func lines(until last: String) throws -> [String] {
        var found: [String] = []
        while true {
            while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                unread.removeSubrange(unread.startIndex...end)
                if line == last { return found }
                found.append(line)
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty {
                process.waitUntilExit()
                throw BenchmarkError.workerEnded(name, status: process.terminationStatus)
            }
            unread.append(more)
        }
    }
}
