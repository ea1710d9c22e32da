import ArgumentParser
import Evaluation
import Foundation

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Carry a recorded episode out again and compare it bit for bit.",
        discussion: """
            EXIT CODES
              0    every state is the same
              1    something differs: the first step is named

            EXAMPLES
              vla replay out/records/task00_episode003.jsonl
              vla replay --libero ~/LIBERO --json out/records/*.jsonl
            """)

    @OptionGroup var common: CommonOptions

    @Option(
        help: "Folder of LIBERO's files and assets. Default: LIBERO_ROOT, else ../shared/libero.",
        completion: .directory)
    var libero: String?

    @Flag(help: "Go on behind the first difference, to see whether the episode still succeeds.")
    var toTheEnd = false

    @Flag(help: "Print one JSON array, an object per file.")
    var json = false

    @Argument(help: "Records, as `vla evaluate` writes them.", completion: .file())
    var files: [String]

    struct Report: Codable {
        var file: String
        var isIdentical: Bool
        var replay: Evaluation.Replay
    }

    func run() throws {
        common.apply()
        var reports: [Report] = []
        for file in files {
            try Interruption.check()
            let record = try RolloutRecord(at: URL(fileURLWithPath: file))
            let rules = record.header.rules
            let setting = WorldSetting(
                suite: record.header.suite, libero: libero, pictureSize: rules.pictureSize ?? 256,
                renderProfile: rules.renderProfile ?? "faithful", placementSeed: rules.environmentSeed)
            var world = try setting.environment()
            let replay = try record.replay(in: &world, stopsAtDifference: !toTheEnd)
            reports.append(Report(file: file, isIdentical: replay.isIdentical, replay: replay))
            if !json { print(text(of: reports[reports.count - 1], record)) }
        }
        if json { try printJSON(reports) }
        if !reports.allSatisfy(\.isIdentical) { throw ExitCode(1) }
    }

    private func text(of report: Report, _ record: RolloutRecord) -> String {
        let replay = report.replay
        var lines: [String] = []
        if let difference = replay.difference {
            let place = difference.step == 0 ? "the start" : "step \(difference.step) of \(record.steps.count)"
            lines.append("\(report.file): differs first at \(place)")
        } else if replay.isIdentical {
            let end = replay.isSuccess ? "success" : "no success"
            lines.append("\(report.file): \(replay.stepCount) steps, all identical, \(end)")
        }
        if replay.isSuccess != replay.wasSuccess, replay.stepCount == record.steps.count {
            lines.append("  the record says \(replay.wasSuccess ? "success" : "failure"), now it is the other")
        }
        lines += replay.originDifferences.map { "  \($0)" }
        return lines.joined(separator: "\n")
    }
}
