import RobotInterface
import ArgumentParser
import FileSupport
import Foundation
import LiberoData
import LiberoTasks

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Inspect, verify, convert and summarize demonstrations.",
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

    @Option(help: "Only this suite's tasks, with the suite's numbers: libero_spatial, …")
    var suite: String?

    @Option(help: "Image orientation, if the data do not state it: raw, rotated180, upright.")
    var orientation: ImageOrientation?

    @Option(help: "Time of the observation, if the data do not state it: beforeAction, afterAction.")
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
        abstract: "Print a data set's contents and conventions; reads metadata only.",
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
        try show(DatasetReport(try dataset.open()), asJSON: json)
    }
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
