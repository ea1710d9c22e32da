import FileSupport
import BenchmarkKit
import Foundation
import ImageProcessing
import LiberoData
import LiberoTasks
import Parquet
import TFRecord
import TensorCore

/// Every file that an `expected.json` names is read by a process of its own, which may take 2 s and 200 MB.
enum DamagedFiles {
    static let limits = (seconds: 2.0, megabytes: 200.0)

    /// The file this process was started for.
    static var requested: String? {
        let arguments = CommandLine.arguments
        guard let place = arguments.firstIndex(of: "--damaged"), place + 1 < arguments.count else { return nil }
        return arguments[place + 1]
    }

    /// The worst of all files, beside the limits.
    static func benchmark(in folder: URL) -> BenchmarkCase {
        BenchmarkCase("damaged_files") {
            let files = try files(in: folder)
            precondition(!files.isEmpty, "no damaged files in \(folder.path)")
            return {
                var worst = (seconds: 0.0, megabytes: 0.0)
                for file in files {
                    let output = Pipe()
                    let process = Process()
                    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
                    process.arguments = ["--damaged", file.path]
                    process.standardOutput = output
                    let seconds = try secondsToRun {
                        try process.run()
                        process.waitUntilExit()
                    }
                    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                    precondition(process.terminationReason == .exit, "\(file.path): the process crashed")
                    let line = text.split(separator: "\n").last ?? ""
                    guard let megabytes = Double(line) else { preconditionFailure("\(file.path): \(text)") }
                    worst = (max(worst.seconds, seconds), max(worst.megabytes, megabytes))
                }
                return [
                    MeasuredValue("damaged_files", worst.seconds, unit: "s"),
                    MeasuredValue("damaged_files", limits.seconds, unit: "s", role: .peer),
                    MeasuredValue("damaged_files/memory", worst.megabytes, unit: "MB"),
                    MeasuredValue("damaged_files/memory", limits.megabytes, unit: "MB", role: .peer),
                ]
            }
        }
    }

    private static func files(in folder: URL) throws -> [URL] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        return try found.compactMap { $0 as? URL }.filter { $0.lastPathComponent == "expected.json" }.flatMap { file in
            let json = try StrictJSON(parsing: Data(contentsOf: file), file: file.path)
            return (json.object ?? []).map { file.deletingLastPathComponent().appendingPathComponent($0.key) }
        }.sorted { $0.path < $1.path }
    }

    /// Reads everything in a file or data set, prints what is wrong and the peak of memory in megabytes.
    static func read(_ url: URL) {
        do {
            switch url.pathExtension {
            case "png", "jpg": _ = try RGBImage(at: url)
            case "pruned_init": _ = try InitialStates(at: url)
            case "parquet":
                let file = try ParquetFile(at: url)
                for field in file.fields { _ = try file.rows(of: field) }
            case "tfrecord":
                let file = try TFRecordFile(at: url)
                for record in file.records.indices {
                    try file.withRecord(record) { _ = try TFExample(serialized: $0, name: file.name) }
                }
            default:
                for error in try LiberoDataset(at: url).validate().errors { print(error) }
            }
        } catch {
            print(error)
        }
        print(peakResidentBytes() / 1e6)
    }
}
