import Foundation

/// Runs the cases of one executable as the driver asks.
///
///     worker --list                 the names of the cases, one per line
///     worker --case NAME            prints "ready" when set up, then measures a round for every line it reads and
///                                   prints its measurements as JSON lines and then "done", until its input ends
///     worker --case NAME --rounds N measures N rounds without being asked
///
/// The peers in `peers/` speak the same way.
public struct BenchmarkWorker {
    let cases: [BenchmarkCase]

    public init(_ cases: [BenchmarkCase]) { self.cases = cases }

    public func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) throws {
        func value(after option: String) -> String? {
            arguments.firstIndex(of: option).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
        }
        if arguments.contains("--list") {
            for item in cases { print(item.name) }
            return
        }
        guard let name = value(after: "--case"), let item = cases.first(where: { $0.name == name }) else {
            throw BenchmarkError.unknownCase(value(after: "--case") ?? "", known: cases.map(\.name))
        }

        let round = try item.prepare()
        if let count = value(after: "--rounds").flatMap(Int.init) {
            for _ in 0..<count { try measure(round) }
            return
        }
        say("ready")
        while readLine() != nil {
            try measure(round)
            say("done")
        }
    }

    private func measure(_ round: () throws -> [MeasuredValue]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for measurement in try round() { say(String(decoding: try encoder.encode(measurement), as: UTF8.self)) }
    }

    /// `print` into a pipe waits for its buffer to fill; the driver waits for the line.
    private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}

public enum BenchmarkError: Error, CustomStringConvertible {
    case unknownCase(String, known: [String])
    case workerEnded(String, status: Int32)
    case unreadableLine(String, from: String)

    public var description: String {
        switch self {
        case .unknownCase(let name, let known): "There is no case '\(name)'; there are \(known)."
        case .workerEnded(let worker, let status):
            "\(worker) ended with status \(status) before its round was done; its messages stand above."
        case .unreadableLine(let line, let worker): "\(worker) printed '\(line)', which is no measurement."
        }
    }
}
