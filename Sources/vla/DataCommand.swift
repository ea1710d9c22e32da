import RobotInterface
import ArgumentParser
import Foundation
import LiberoData
import LiberoTasks
import VLAPolicy

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Look at, check, count and convert demonstrations.",
        discussion: """
            Reads LIBERO's HDF5 files (raw and regenerated), LeRobot sets (v2.0, v2.1, v3.0) and RLDS sets.

            EXAMPLES
              vla data info data/libero_spatial
              vla data convert data/libero_spatial data/spatial-v3 --to lerobot-v3
            """,
        subcommands: [DataInfo.self, DataVerify.self, DataStats.self, DataView.self, DataConvert.self])
}

/// Which data set, and what its numbers mean where it does not say.
struct DatasetArguments: ParsableArguments {
    @Argument(help: "The data set: a folder, or an HDF5 file.", completion: .directory)
    var data: String

    @Option(help: "Take this suite's tasks only, numbered as the suite does: libero_spatial, …")
    var suite: String?

    @Option(help: "How the images lie where the data do not tell: raw, rotated180, upright.")
    var orientation: ImageOrientation?

    @Option(help: "Where the observation lies, where the data do not tell: beforeAction, afterAction.")
    var alignment: ObservationAlignment?

    @Flag(help: "Keep observations and actions as raw files pair them: the observation after the action.")
    var asStored = false

    func open() throws -> LiberoDataset {
        var options = DatasetOptions(suite: try suite.map { try LiberoSuite.named($0) })
        (options.orientation, options.alignment, options.pairsCausally) = (orientation, alignment, !asStored)
        return try LiberoDataset(at: URL(fileURLWithPath: data), options: options)
    }
}

extension ImageOrientation: ExpressibleByArgument {}
extension ObservationAlignment: ExpressibleByArgument {}

struct DataInfo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Say what a data set holds and what its numbers mean; reads metadata only.",
        discussion: """
            EXAMPLES
              vla data info data/libero_10
              vla data info --json physical-intelligence/libero
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        common.apply()
        let report = DatasetReport(try dataset.open())
        if json { try printJSON(report) } else { print(report.text) }
    }
}

/// What `data info` prints.
struct DatasetReport: Codable {
    struct Task: Codable {
        var index: Int
        var instruction: String
        var episodes: Int
        var frames: Int
        var longest: Int
    }

    var path: String
    var format: String
    var description: DatasetDescription
    /// How observations lie in the files.
    var storedAlignment: ObservationAlignment
    var episodes: Int
    var frames: Int
    var longest: Int
    var tasks: [Task]
    /// Episodes in each of the set's own lists, such as robomimic's `train`.
    var lists: [String: Int]
    var warnings: [String]

    init(_ dataset: LiberoDataset) {
        (path, format, description) = (dataset.url.path, dataset.format.rawValue, dataset.description)
        lists = dataset.filterKeys.mapValues(\.count)
        (storedAlignment, warnings) = (dataset.storedAlignment, dataset.warnings.map(\.description))
        (episodes, frames) = (dataset.episodes.count, dataset.frameCount)
        longest = dataset.episodes.indices.map { dataset.length(ofEpisode: $0) }.max() ?? 0
        tasks = dataset.episodesOfTask.sorted { $0.key < $1.key }.map { index, members in
            let lengths = members.map { dataset.length(ofEpisode: $0) }
            return Task(
                index: index, instruction: dataset.episodes[members[0]].instruction, episodes: members.count,
                frames: lengths.reduce(0, +), longest: lengths.max() ?? 0)
        }
    }

    var text: String {
        var lines = ["\(path): \(format), \(episodes) episodes, \(frames) frames, the longest \(longest)", ""]
        for (camera, size) in description.cameras.sorted(by: { $0.key < $1.key }) {
            lines.append("  camera   \(camera), \(size.width) × \(size.height), \(size.orientation.rawValue)")
        }
        let space = description.actionSpace
        lines.append(
            "  action   \(space.dimensionNames.joined(separator: ", ")); gripper: \(space.gripperConvention.rawValue)"
        )
        lines.append("  state    \(description.stateLayout.parts.map(\.rawValue).joined(separator: ", "))")
        lines.append("  pairing  \(description.alignment.rawValue) (\(storedAlignment.rawValue) in the files)")
        lines.append("  rate     \(description.framesPerSecond) frames per second, as declared")
        if !lists.isEmpty {
            let texts = lists.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("  lists    \(texts.joined(separator: ", ")) episodes")
        }
        lines += ["", "   task  episodes    frames  longest  instruction"]
        for task in tasks {
            let numbers = [(task.index, 7), (task.episodes, 10), (task.frames, 10), (task.longest, 9)]
            lines.append(numbers.map { padded("\($0)", to: $1) }.joined() + "  \(task.instruction)")
        }
        if !warnings.isEmpty { lines += [""] + warnings.map { "warning: \($0)" } }
        return lines.joined(separator: "\n")
    }
}

/// Spaces in front.
func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}

/// How far a command has come with the episodes of a data set; also its safe point for interruptions.
struct DataProgress {
    let what: String
    private let line = ProgressLine()

    init(_ what: String) { self.what = what }

    func show(_ done: Int, of total: Int) throws {
        try Interruption.check()
        line.show("\(what): \(done) of \(total)", isImportant: done == total)
        if done == total { line.end() }
    }
}
