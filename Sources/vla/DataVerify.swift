import FileSupport
import ActionTokenizer
import ArgumentParser
import Foundation
import LiberoData
import TensorCore

struct DataVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every number and image and list what is wrong.",
        discussion: """
            Files named in a manifest beside the set are compared with their SHA-256.
            Exit status 1 when anything is wrong.

            EXAMPLES
              vla data verify data/libero_spatial
              vla data verify --numbers-only --json data/libero_10
              vla data verify --statistics dataset_statistics.json data/spatial_rlds
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Flag(help: "Do not decode images.") var numbersOnly = false
    @Option(
        help: "Compare the actions' statistics with this file, of OpenVLA's, openpi's or LeRobot's form.",
        completion: .file())
    var statistics: String?
    @Option(help: "For --statistics: count chunks of this horizon, not frames, as openpi does.") var chunks: Int?
    @Flag(help: "Print one JSON object.") var json = false

    private struct Report: Encodable {
        var dataset: DatasetReport
        var episodeCount: Int
        var frameCount: Int
        var problems: [String]
    }

    func validate() throws {
        if let chunks, chunks < 1 { throw ValidationError("--chunks has to be at least 1.") }
    }

    func run() throws {
        common.apply()
        let data = try dataset.open()
        if !json { print(DatasetReport(data).text + "\n") }
        let progress = DataProgress("episodes read")
        let report = try data.validate(decodingImages: !numbersOnly) {
            try progress.show($0, of: data.episodes.count)
        }
        var problems = report.errors.map(\.description)
        problems += try data.manifestDifferences() ?? []
        if let statistics { problems += try compare(data, with: statistics) }
        if json {
            try printJSON(
                Report(
                    dataset: DatasetReport(data), episodeCount: report.episodeCount, frameCount: report.frameCount,
                    problems: problems))
        } else {
            for problem in problems { print("wrong: \(problem)") }
            print(
                "\(report.episodeCount) of \(data.episodes.count) episodes, \(report.frameCount) frames, "
                    + "\(problems.count) problems"
            )
        }
        if !problems.isEmpty { throw ExitCode.failure }
    }

    /// Published standard deviations were summed in single precision and are off by up to 5e-4; so are quantiles from
    /// openpi's 5000 bins.
    private func compare(_ data: LiberoDataset, with file: String) throws -> [String] {
        let url = URL(fileURLWithPath: file)
        let (form, theirs) = try published(url, data)
        let rows: DatasetStatistics.Rows = chunks.map { .chunks(horizon: $0) } ?? .frames
        let found = try DatasetStatistics(of: data, rows: rows)
        let mine: ActionStatistics
        if form == .openvla {
            // OpenVLA's gripper is 1 open, 0 closed
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vla-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let own = folder.appendingPathComponent("dataset_statistics.json")
            try found.write(openVLA: own, dataset: "data")
            mine = try ActionStatistics(openVLA: own)
        } else {
            mine = try ActionStatistics(
                found.action, mask: nil, gripperConvention: data.description.actionSpace.gripperConvention)
        }
        if !json { print("statistics compared with \(file), of the form '\(form.rawValue)'") }
        var problems: [String] = []
        for (name, a, b) in [
            ("mean", mine.mean, theirs.mean), ("std", mine.standardDeviation, theirs.standardDeviation),
            ("min", mine.minimum, theirs.minimum), ("max", mine.maximum, theirs.maximum),
            ("q01", mine.lowerQuantile, theirs.lowerQuantile), ("q99", mine.upperQuantile, theirs.upperQuantile),
        ] {
            guard let a, let b else { continue }
            guard a.count == b.count else {
                problems.append("\(name) has \(b.count) numbers in the file, the actions have \(a.count)")
                continue
            }
            for (dimension, (x, y)) in zip(a, b).enumerated() where abs(x - y) > 5e-4 {
                problems.append("\(name) of dimension \(dimension) is \(x), the file says \(y)")
            }
        }
        return problems
    }

    /// The file's statistics of actions, and which form it has.
    private func published(
        _ url: URL, _ data: LiberoDataset
    ) throws -> (form: DataStats.Form, statistics: ActionStatistics) {
        let root = try StrictJSON(parsing: Data(contentsOf: url), file: url.path)
        if root["norm_stats"] != nil { return (.openpi, try ActionStatistics(openPI: url)) }
        if let feature = ["actions", "action"].first(where: { root[$0]?["mean"] != nil }), root["proprio"] == nil {
            return (.research, try ActionStatistics(leRobot: url, feature: feature))
        }
        return (.openvla, try ActionStatistics(openVLA: url))
    }
}
