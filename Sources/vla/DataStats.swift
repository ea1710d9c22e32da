import ArgumentParser
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

    enum Form: String, ExpressibleByArgument, CaseIterable { case research, openvla, openpi }

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Option(help: "The form of the file: research, openvla, openpi.") var form: Form?
    @Option(name: [.short, .long], help: "The file to write; with 'research' other keys in it stay.") var output:
        String?
    @Option(help: "Count an image of every so many frames.") var images: Int?
    @Option(help: "Count chunks of this horizon, not frames, as openpi does.") var chunks: Int?
    @Flag(help: "Leave out the validation episodes of the 80/20 split (seed 42).") var trainingOnly = false
    @Option(help: "A folder of earlier results, told by the files they are of.") var cache: String?

    @Flag(help: "Print one JSON object, also where a file is written.") var json = false

    func validate() throws {
        if (form == nil) != (output == nil) { throw ValidationError("--form and --output belong together.") }
        if let images, images < 1 { throw ValidationError("--images has to be at least 1.") }
        if let chunks, chunks < 1 { throw ValidationError("--chunks has to be at least 1.") }
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
        guard let form, let output else {
            try printJSON(statistics)
            return
        }
        let url = URL(fileURLWithPath: output)
        switch form {
        case .research:
            let names = Dictionary(
                uniqueKeysWithValues: data.description.cameras.keys.map { ($0.rawValue, data.columnName(of: $0)) })
            try statistics.write(researchCode: url, cameras: names)
        case .openvla: try statistics.write(openVLA: url, dataset: data.url.lastPathComponent)
        case .openpi: try statistics.write(openPI: url)
        }
        if json { return try printJSON(statistics) }
        print(
            "\(output): \(statistics.episodes.count) episodes, \(statistics.action.count) rows, "
                + "content \(statistics.contentHash.prefix(16))"
        )
    }
}
