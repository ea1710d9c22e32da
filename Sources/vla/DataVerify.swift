import ArgumentParser
import FileSupport
import Foundation
import LiberoData

struct DataVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read all numbers and images and list errors.",
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
        help: "Compare the actions' statistics with this file, in the format of OpenVLA, openpi or LeRobot.",
        completion: .file())
    var statistics: String?
    @Option(help: "For --statistics: the data set, where the file holds several.") var statisticsKey: String?
    @Option(help: "For --statistics: use chunks of this horizon in place of frames, as openpi does.") var chunks: Int?
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        try checkOptions { options throws(SettingError) in try options.check("--chunks", chunks, in: 1...4096) }
        if statisticsKey != nil, statistics == nil {
            throw ValidationError("--statistics-key belongs to --statistics.")
        }
    }

    func run() throws {
        common.apply()
        let data = try dataset.open()
        if !json { print(DatasetReport(data).text + "\n") }
        let report = try DatasetCheckReport(
            data, decodingImages: !numbersOnly, statistics: statistics.map { URL(fileURLWithPath: $0) },
            of: statisticsKey,
            rows: chunks.map { .chunks(horizon: $0) } ?? .frames, progress: DataProgress("episodes read").show)
        try show(report, asJSON: json)
        if !report.problems.isEmpty { throw ExitCode.failure }
    }
}
