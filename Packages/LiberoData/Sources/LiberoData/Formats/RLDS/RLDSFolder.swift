import Foundation
import TensorCore

/// The folder of an RLDS data set as tensorflow-datasets lays it out: `<name>/1.0.0/{dataset_info.json, …}`.
struct RLDSFolder: Sendable {
    /// Holds `dataset_info.json`.
    let root: URL
    let name: String
    let version: String
    /// The TFRecord files, in the order of their shards.
    let shards: [URL]
    /// Episodes per shard, as written.
    let shardLengths: [Int]

    static let infoPath = "dataset_info.json"
    static let provenancePath = "vla.json"

    /// The folder itself, or its only version below; nil when it is none.
    static func root(of url: URL) -> URL? {
        let manager = FileManager.default
        func isRoot(_ folder: URL) -> Bool { manager.fileExists(atPath: folder.appendingPathComponent(infoPath).path) }
        if isRoot(url) { return url }
        let names = ((try? manager.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
        let versions = names.filter { $0.first?.isNumber == true && isRoot(url.appendingPathComponent($0)) }
        return versions.last.map { url.appendingPathComponent($0) }
    }

    init(at root: URL) throws {
        let info = try LeRobotInfo.object(root, Self.infoPath)
        guard let name = info["name"]?.string else {
            throw LiberoDataError(.damaged, level: .open, file: Self.infoPath, column: "name", "there is no name")
        }
        let format = info["fileFormat"]?.string ?? "tfrecord"
        guard format == "tfrecord" else {
            throw LiberoDataError(
                .unsupported, level: .open, file: Self.infoPath, column: "fileFormat", "it is \(format)")
        }
        guard let split = info["splits"]?.array?.first(where: { $0["name"]?.string == "train" }) else {
            throw LiberoDataError(
                .missing, level: .open, file: Self.infoPath, column: "splits", "there is no split train")
        }
        (self.root, self.name, version) = (root, name, info["version"]?.string ?? "1.0.0")
        let lengths = split["shardLengths"]?.array ?? []
        shardLengths = lengths.compactMap { $0.integer ?? $0.string.flatMap { Int($0) } }
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path)
        shards = names.filter { $0.contains(".tfrecord") && $0.contains("-train") && !$0.hasPrefix(".") }.sorted()
            .map { root.appendingPathComponent($0) }
        guard !shards.isEmpty else {
            throw LiberoDataError(.missing, level: .open, file: root.lastPathComponent, "there is no TFRecord file")
        }
    }
}
