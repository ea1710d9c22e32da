import ArgumentParser
import BenchmarkKit
import Foundation

/// Measures the layers and shows what came of it. Started by `Benchmarks/run`.
@main
struct BenchmarkDriver: ParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [Measure.self, Show.self])
}

/// Measures both sides of every case of a layer in turn.
///
/// A case that cannot be measured, or whose peer cannot, is noted with the reason; the others go on.
struct Measure: ParsableCommand {
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

    @Option(help: "Where to write what was measured.")
    var output: String

    func run() throws {
        let home = URL(fileURLWithPath: folder)
        let targets = try JSONDecoder().decode(
            [String: [BenchmarkRow.Target]].self, from: Data(contentsOf: home.appendingPathComponent("targets.json")))
        let peer = [python, home.appendingPathComponent("peers/\(package.lowercased()).py").path]

        let ourCases = try Worker.cases(of: [worker]).filter { name in
            self.case.map { name == $0 || name.hasPrefix($0 + "/") } ?? true
        }
        var results = Results()
        guard !ourCases.isEmpty else { return try results.write(to: output) }
        var peerCases: Set<String> = []
        do { peerCases = Set(try Worker.cases(of: peer)) } catch {
            results.note("\(package): no peers: \(error)")
        }

        let known = targets[package, default: []]
        for name in ourCases {
            do {
                let measurements = try measure(name, against: peerCases.contains(name) ? peer : nil)
                let names = Set(measurements.map(\.name))
                for target in known where names.contains(target.name) {
                    if let row = BenchmarkRow(target, from: measurements) {
                        results.rows.append(row)
                    } else {
                        results.note("\(target.name): one side only")
                    }
                }
                for stray in names.subtracting(known.map(\.name)).sorted() {
                    results.note("\(stray): measured, but targets.json has no target for it")
                }
            } catch {
                results.note("\(name): not measured: \(error)")
            }
            // what was measured stays when a later case ends the process
            try results.write(to: output)
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

/// Prints one table of what several layers measured.
struct Show: ParsableCommand {
    @Argument(help: "Files of `measure`.")
    var files: [String]

    @Option(help: "Where to write the rows as JSON.")
    var json: String?

    func run() throws {
        var all = Results()
        for file in files {
            let part = try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
            all.rows += part.rows
            all.notes += part.notes
        }
        if all.rows.isEmpty, all.notes.isEmpty { throw ValidationError("No layer has a case of this name.") }
        if !all.rows.isEmpty { print(Table.text(all.rows)) }
        let missed = all.rows.filter { !$0.met }.map(\.name)
        print(
            "\n\(all.rows.count) targets measured, \(missed.count) missed\(missed.isEmpty ? "" : ": ")"
                + missed.joined(separator: ", "))
        for note in all.notes { print("note: \(note)") }
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(all.rows).write(to: URL(fileURLWithPath: json))
        }
    }
}

/// Rows, and what could not become one.
struct Results: Codable {
    var rows: [BenchmarkRow] = []
    var notes: [String] = []

    func write(to path: String) throws {
        try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    mutating func note(_ text: String) {
        notes.append(text)
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
