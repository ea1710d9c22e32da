import BenchmarkKit
import Foundation
import TextTokenizers

/// MiniMind's tokenizer on this project's documents and sources, against Hugging Face's `tokenizers` called from Python.
var tokenizerCases: [BenchmarkCase] {
    [
        BenchmarkCase("tokenizer") {
            let tokenizer = try BPETokenizer(at: SharedFiles.tokenizer)
            let texts = try ProjectTexts.all()
            let byteCount = Double(texts.reduce(0) { $0 + $1.utf8.count })
            func tokens() -> Int { texts.reduce(0) { $0 + tokenizer.encode($1).count } }
            _ = tokens()
            return {
                var count = 0
                let seconds = secondsToRun { count = tokens() }
                return [
                    MeasuredValue("tokenizer", byteCount / seconds / 1e6, unit: "MB/s"),
                    // the same text has to give as many tokens on both sides
                    MeasuredValue("tokenizer/tokens", Double(count), unit: "tokens"),
                ]
            }
        },
        BenchmarkCase("tokenizer_lines") {
            let tokenizer = try BPETokenizer(at: SharedFiles.tokenizer)
            let lines = try ProjectTexts.all().flatMap { $0.split(separator: "\n").map(String.init) }
            let byteCount = Double(lines.reduce(0) { $0 + $1.utf8.count })
            return {
                let seconds = secondsToRun { for line in lines { _ = tokenizer.encode(line) } }
                return [MeasuredValue("tokenizer_lines", byteCount / seconds / 1e6, unit: "MB/s")]
            }
        },
    ]
}

/// Reference files outside of the repository.
enum SharedFiles {
    static var root: URL {
        let path = ProcessInfo.processInfo.environment["VLA_SHARED"]
        return path.map { URL(fileURLWithPath: $0) }
            ?? ProjectTexts.root.deletingLastPathComponent().appendingPathComponent("shared")
    }
    static var tokenizer: URL { root.appendingPathComponent("data/minimind/2025-07/tokenizer.json") }
    static var image: URL { root.appendingPathComponent("data/samples/image_pipeline/input_main.png") }
}

/// The documents and Swift sources of this project, each a text.
enum ProjectTexts {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func all() throws -> [String] {
        var files: [URL] = []
        for folder in ["Docs", "Packages"] {
            let walk = FileManager.default.enumerator(
                at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
            files += (walk?.compactMap { $0 as? URL } ?? []).filter { ["md", "swift"].contains($0.pathExtension) }
        }
        return try files.sorted { $0.path < $1.path }.map { try String(contentsOf: $0, encoding: .utf8) }
    }
}
