import ArgumentParser
import BenchmarkKit
import Foundation

/// Measures both sides of every case in turn and prints the table. Started by `Benchmarks/run`.
@main
struct BenchmarkDriver: ParsableCommand {
    @Option(help: "The layer to measure.")
    var package: String

    @Option(help: "Only the case of this name, or all whose names begin with it and a slash.")
    var `case`: String?

    @Option(help: "Rounds of each case, ours and the peer's in turn.")
    var rounds = 7

    @Option(help: "Our worker.")
    var worker: String

    @Option(help: "The Python of the peers' virtual environment.")
    var python: String

    @Option(help: "Folder that holds targets.json and peers/.")
    var folder: String

    @Option(help: "Where to write the rows as JSON.")
    var json: String?

    func run() throws {
        let home = URL(fileURLWithPath: folder)
        let targets = try JSONDecoder().decode(
            [String: [BenchmarkRow.Target]].self, from: Data(contentsOf: home.appendingPathComponent("targets.json")))
        let peer = [python, home.appendingPathComponent("peers/\(package.lowercased()).py").path]

        let ourCases = try Worker.cases(of: [worker]).filter { name in
            self.case.map { name == $0 || name.hasPrefix($0 + "/") } ?? true
        }
        if ourCases.isEmpty { throw ValidationError("\(worker) has no case \(self.case ?? "at all").") }
        let peerCases = Set(try Worker.cases(of: peer))

        var rows: [BenchmarkRow] = []
        for name in ourCases {
            let measurements = try measure(name, against: peerCases.contains(name) ? peer : nil)
            let measuredNames = Set(measurements.map(\.name))
            let known = targets[package, default: []].filter { measuredNames.contains($0.name) }
            rows += known.compactMap { BenchmarkRow($0, from: measurements) }
            for stray in measuredNames.subtracting(known.map(\.name)).sorted() {
                message("\(stray): measured, but targets.json has no target for it")
            }
        }

        print(Table.text(rows))
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(rows).write(to: URL(fileURLWithPath: json))
        }
    }

    /// Rounds of ours and the peer's in turn, both set up before the first.
    private func measure(_ name: String, against peer: [String]?) throws -> [MeasuredValue] {
        var workers = [try Worker([worker], case: name, role: .ours)]
        if let peer { workers.append(try Worker(peer, case: name, role: .peer)) }
        defer { workers.forEach { $0.end() } }

        var measurements: [MeasuredValue] = []
        for round in 1...max(rounds, 1) {
            message("\(name): round \(round) of \(rounds)")
            for worker in workers {
                // threads of the other side spin for up to 0.2 s after their work
                Thread.sleep(forTimeInterval: 0.3)
                measurements += try worker.measureRound()
            }
        }
        return measurements
    }

    private func message(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
