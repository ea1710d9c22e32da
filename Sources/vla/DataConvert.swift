import ArgumentParser
import Foundation
import LiberoData

struct DataConvert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a data set to another format and verify the result.",
        discussion: """
            Numbers keep their bits in single precision; images are turned as the form wants them and kept exactly,
            but RLDS stores JPEG and loses what that loses. What the form has no place for is listed as left out. Interrupted, it goes on when it is run again. At the end every
            number and image is compared, and a manifest of SHA-256 is written.

            EXAMPLES
              vla data convert data/libero_spatial data/spatial-v21 --to lerobot-v2.1
              vla data convert data/spatial-v21 data/libero_spatial_no_noops --to rlds
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Argument(help: "The folder to write; for RLDS it names the data set.", completion: .directory) var target: String
    @Option(help: "The format: \(DatasetForm.names).") var to: DatasetForm
    @Option(help: "Files of an RLDS set.") var shards: Int?
    @Option(
        help: """
            Megabytes per data file of lerobot-v3. An episode can be read, also after a kill, when its file is closed; with 0 \
            each has its own.
            """)
    var fileSize = 100.0
    @Flag(help: "Do not verify the result.") var skipVerification = false
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        if let shards, !(1...99_999 ~= shards) {
            throw ValidationError("--shards is \(shards); it has to lie in 1...99999.")
        }
        guard 0...1_000_000 ~= fileSize else {
            throw ValidationError("--file-size is \(fileSize); it has to lie in 0...1000000.")
        }
    }

    func run() throws {
        common.apply()
        var conversion = try DatasetConversion(dataset.open(), to: URL(fileURLWithPath: target), as: to.format)
        (conversion.shardCount, conversion.dataFileSize) = (shards, fileSize)
        try conversion.run(progress: DataProgress("episodes converted").show)
        let report = try ConversionReport(
            conversion, target: target, comparing: !skipVerification, progress: DataProgress("episodes compared").show)
        if json || !report.text.isEmpty { try show(report, asJSON: json) }
        if !report.isEqual { throw ExitCode.failure }
    }
}

extension DatasetForm: ExpressibleByArgument {}
