import Foundation
import TensorCore

/// The folder of an RLDS data set as tensorflow-datasets lays it out: `<name>/1.0.0/{dataset_info.json, …}`.
struct RLDSFolder: Sendable {
    /// Holds `dataset_info.json`.
    let root: URL
    let name: String
    let version: String
    /// The TFRecord files with the numbers of their shards, in order.
    let shards: [(number: Int, url: URL)]
    /// Names and numbers of files that the others say there are.
    let missing: [(name: String, number: Int)]
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
        // <name>-train.tfrecord-00003-of-00016
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path).filter {
            $0.contains(".tfrecord") && $0.contains("-train") && !$0.hasPrefix(".")
        }.sorted()
        var shards: [(number: Int, url: URL)] = []
        var missing: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            let parts = name.split(separator: "-")
            let isNumbered = parts.count >= 4 && parts[parts.count - 2] == "of"
            let numbers = isNumbered ? (Int(parts[parts.count - 3]), Int(parts[parts.count - 1])) : (nil, nil)
            shards.append((numbers.0 ?? index, root.appendingPathComponent(name)))
            guard let count = numbers.1, count <= 100_000 else { continue }
            let stem = parts.dropLast(3).joined(separator: "-")
            for number in 0..<count {
                missing[String(format: "%@-%05d-of-%05d", stem, number, count)] = number
            }
        }
        for name in names { missing[name] = nil }
        self.shards = shards
        self.missing = missing.map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
        guard !shards.isEmpty else {
            throw LiberoDataError(.missing, level: .open, file: root.lastPathComponent, "there is no TFRecord file")
        }
    }

    /// How many episodes a shard is said to have.
    func announced(_ shard: Int) -> Int? { shardLengths.indices.contains(shard) ? shardLengths[shard] : nil }
}
