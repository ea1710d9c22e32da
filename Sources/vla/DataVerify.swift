import ActionTokenizer
import ArgumentParser
import Foundation
import LiberoData

struct DataVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every number and picture and list what is wrong.",
        discussion: """
            Files named in a manifest beside the set are compared with their SHA-256.
            Exit status 1 when anything is wrong.

            EXAMPLES
              vla data verify data/libero_spatial
              vla data verify --numbers-only data/libero_10
              vla data verify --statistics dataset_statistics.json data/spatial_rlds
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Flag(help: "Do not decode pictures.") var numbersOnly = false
    @Option(help: "Compare the actions' statistics with this file of OpenVLA's form.", completion: .file())
    var statistics: String?

    func run() throws {
        common.apply()
        let data = try dataset.open()
        print(DatasetReport(data).text + "\n")
        var progress = DataProgress("episodes read")
        let report = try data.validate(decodingPictures: !numbersOnly) {
            try progress.show($0, of: data.episodes.count)
        }
        var problems = report.errors.map(\.description)
        problems += try data.manifestDifferences() ?? []
        if let statistics { problems += try compare(data, with: statistics) }
        for problem in problems { print("wrong: \(problem)") }
        print(
            "\(report.episodeCount) of \(data.episodes.count) episodes, \(report.frameCount) frames, "
                + "\(problems.count) problems"
        )
        if !problems.isEmpty { throw ExitCode.failure }
    }

    /// Published standard deviations were summed in single precision and are off by up to 5e-4.
    private func compare(_ data: LiberoDataset, with file: String) throws -> [String] {
        let found = try DatasetStatistics(of: data)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vla-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let own = folder.appendingPathComponent("dataset_statistics.json")
        try found.write(openVLA: own, dataset: "data")
        let (mine, theirs) = (
            try ActionStatistics(openVLA: own), try ActionStatistics(openVLA: URL(fileURLWithPath: file))
        )
        var problems: [String] = []
        for (name, a, b) in [
            ("mean", mine.mean, theirs.mean), ("std", mine.standardDeviation, theirs.standardDeviation),
            ("q01", mine.lowerQuantile, theirs.lowerQuantile), ("q99", mine.upperQuantile, theirs.upperQuantile),
        ] {
            guard let a, let b else { continue }
            for (dimension, (x, y)) in zip(a, b).enumerated() where abs(x - y) > 5e-4 {
                problems.append("\(name) of dimension \(dimension) is \(x), the file says \(y)")
            }
        }
        return problems
    }
}
