import ArgumentParser
import Foundation
import TensorCore

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the tensors of weight and array files.",
        discussion: """
            Reads safetensors files and folders of them, .npy, .npz, and PyTorch zip archives that hold tensors by name.
            Nothing in a file is run. The format is told by content, not by the name's ending.

            EXAMPLES
              vla inspect model.safetensors
              vla inspect --json statistics.npz pytorch_model.bin
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print one JSON array, an object per file.")
    var json = false

    @Argument(help: "Files, or folders of safetensors.", completion: .file())
    var files: [String]

    func run() throws {
        common.apply()
        var reports: [ArchiveReport] = []
        for file in files {
            try Interruption.check()
            let report = try ArchiveReport(of: file)
            if json { reports.append(report) } else { print(report.text) }
        }
        if json { try printJSON(reports) }
    }
}

/// What a file of tensors holds.
struct ArchiveReport: Codable {
    struct Entry: Codable {
        var name: String
        var dtype: String
        var shape: [Int]
    }

    var file: String
    var format: String
    var elementCount: Int
    var byteCount: Int
    var tensors: [Entry]

    init(of path: String) throws {
        let archive = try TensorArchive.open(URL(fileURLWithPath: path))
        (file, format, elementCount, byteCount, tensors) = (path, archive.format.rawValue, 0, 0, [])
        for name in archive.names {
            let tensor = try archive.tensor(name)
            elementCount += tensor.elementCount
            byteCount += tensor.elementCount * tensor.dtype.byteSize
            tensors.append(Entry(name: name, dtype: tensor.dtype.rawValue, shape: tensor.shape.sizes))
        }
    }

    /// A heading, then name, type and shape of each tensor in columns.
    var text: String {
        let width = tensors.map(\.name.count).max() ?? 0
        let heading = "\(file): \(format), \(tensors.count) tensors, \(elementCount) elements, \(byteCount) bytes"
        let lines = tensors.map { entry in
            let name = entry.name.padding(toLength: width, withPad: " ", startingAt: 0)
            return "  \(name)  \(entry.dtype.padding(toLength: 8, withPad: " ", startingAt: 0))  \(entry.shape)"
        }
        return ([heading] + lines).joined(separator: "\n")
    }
}
