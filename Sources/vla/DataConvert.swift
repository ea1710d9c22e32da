import ArgumentParser
import Foundation
import LiberoData

struct DataConvert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a data set in another form, and compare the two.",
        discussion: """
            Numbers keep their bits in single precision; images are turned as the form wants them and kept exactly,
            but RLDS stores JPEG and loses what that loses. Interrupted, it goes on when it is run again. At the end every
            number and image is compared, and a manifest of SHA-256 is written.

            EXAMPLES
              vla data convert data/libero_spatial data/spatial-v21 --to lerobot-v2.1
              vla data convert data/spatial-v21 data/libero_spatial_no_noops --to rlds
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Argument(help: "The folder to write; for RLDS it names the data set.", completion: .directory) var target: String
    @Option(help: "The form: \(DatasetForm.names).") var to: DatasetForm
    @Option(help: "Files of an RLDS set.") var shards: Int?
    @Option(
        help: """
            Megabytes per data file of lerobot-v3. An episode can be read, also after a kill, when its file is closed; with 0 \
            each has its own.
            """)
    var fileSize = 100.0
    @Flag(help: "Do not compare the two at the end.") var skipVerification = false
    @Flag(help: "Print one JSON object.") var json = false

    private struct Report: Encodable {
        var target: String
        var losesImageQuality: Bool
        /// nil where nothing was compared
        var episodeCount: Int?
        var frameCount: Int?
        var differences: [String]?
    }

    func validate() throws {
        if let shards, shards < 1 { throw ValidationError("--shards has to be at least 1.") }
    }

    func run() throws {
        common.apply()
        let source = try dataset.open()
        var conversion = try DatasetConversion(source, to: URL(fileURLWithPath: target), as: to.format)
        (conversion.shardCount, conversion.dataFileSize) = (shards, fileSize)
        let progress = DataProgress("episodes converted")
        try conversion.run { try progress.show($0, of: $1) }
        var report = Report(target: target, losesImageQuality: to == .rlds)
        if to == .rlds, !json { print("RLDS stores JPEG: the images have lost what quality 95 loses.") }
        guard !skipVerification else {
            if json { try printJSON(report) }
            return
        }
        let checking = DataProgress("episodes compared")
        let verification = try conversion.verify { try checking.show($0, of: $1) }
        report.episodeCount = verification.episodeCount
        report.frameCount = verification.frameCount
        report.differences = verification.differences.map { "\($0)" }
        guard verification.isEqual else {
            if json {
                try printJSON(report)
            } else {
                for difference in verification.differences { print("differs: \(difference)") }
            }
            throw ExitCode.failure
        }
        try conversion.writeManifest()
        if json { return try printJSON(report) }
        print(
            "\(target): \(verification.episodeCount) episodes, \(verification.frameCount) frames, equal to the source"
        )
    }
}

/// The forms in which data sets are written.
enum DatasetForm: String, ExpressibleByArgument, CaseIterable {
    case hdf5
    case leRobot21 = "lerobot-v2.1"
    case leRobot3 = "lerobot-v3"
    case rlds

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    var format: LiberoDataset.Format {
        switch self {
        case .hdf5: .hdf5
        case .rlds: .rlds
        case .leRobot21: .leRobot21
        case .leRobot3: .leRobot30
        }
    }
}
