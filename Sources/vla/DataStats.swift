import ArgumentParser
import FileSupport
import Foundation
import LiberoData
import VLAPolicy

struct DataStats: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Compute exact statistics of actions, states and images.",
        discussion: """
            Without --output the statistics are printed, as JSON.

            EXAMPLES
              vla data stats data/libero_spatial
              vla data stats data/libero_spatial --form openvla -o dataset_statistics.json
              vla data stats data/libero_spatial --training-only --images 10 --form research -o meta/stats.json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Option(help: "The format of the file: research, openvla, openpi.") var form: StatisticsForm?
    @Option(name: [.short, .long], help: "The file to write; with 'research', its other keys are kept.") var output:
        String?
    @Option(help: "Use the image of every n-th frame.") var images: Int?
    @Option(help: "Use chunks of this horizon in place of frames, as openpi does.") var chunks: Int?
    @Flag(help: "Leave out the validation episodes of the 80/20 split (seed 42).") var trainingOnly = false
    @Option(help: "Folder that caches results, identified by their source files.") var cache: String?

    @Flag(help: "Print one JSON object, even if a file is written.") var json = false

    func validate() throws {
        if (form == nil) != (output == nil) { throw ValidationError("--form and --output belong together.") }
        try checkOptions { options throws(SettingError) in
            try options.check("--images", images, in: 1...1_000_000_000)
            try options.check("--chunks", chunks, in: 1...4096)
        }
    }

    func run() throws {
        common.apply()
        let data = try dataset.open()
        let all = Array(data.episodes.indices)
        let split = DemonstrationSplit(validationShare: 0.2)
        let episodes = trainingOnly ? split.indices(episodeCount: all.count).training.sorted() : all
        let rows: DatasetStatistics.Rows = chunks.map { .chunks(horizon: $0) } ?? .frames
        let statistics =
            try cache.map {
                try DatasetStatistics.cached(
                    in: URL(fileURLWithPath: $0), of: data, episodes: episodes, rows: rows, imageStride: images)
            } ?? DatasetStatistics(of: data, episodes: episodes, rows: rows, imageStride: images)
        guard let form, let output else { return try printJSON(statistics) }
        try statistics.write(form, to: URL(fileURLWithPath: output), of: data)
        if json { return try printJSON(statistics) }
        print(
            "\(output): \(statistics.episodes.count) episodes, \(statistics.action.count) rows, "
                + "content \(statistics.contentHash.prefix(16))")
    }
}

extension StatisticsForm: ExpressibleByArgument {}
