public import FileSupport
public import Foundation

/// Weights in several safetensors files and the index that says which tensor lies in which.
///
/// `model.safetensors.index.json`: `{"metadata": {…}, "weight_map": {"name": "model-00001-of-00002.safetensors", …}}`,
/// shards beside it. A folder without an index but with `model.safetensors` is read as one shard.
/// Source: the sharded checkpoints of Hugging Face transformers.
public struct ShardedSafetensors: Sendable {
    /// All tensors: shard by shard, by their place in the file.
    public let names: [String]
    /// The shards by file name.
    public let shards: [String: SafetensorsFile]
    private let shardOfName: [String: String]
    private let place: FilePlace

    /// Opens the index, or the folder it lies in, and every shard.
    ///
    /// - Throws: ``SerializationError`` when a shard is missing or lies elsewhere, or index and shards do not list the
    ///   same tensors.
    public init(at url: URL, limits: FileLimits = .default) throws {
        guard url.isFolder else {
            try self.init(index: url, limits: limits)
            return
        }
        let index = url.appendingPathComponent(Self.indexName)
        let single = url.appendingPathComponent(Self.singleName)
        let isSingle =
            !FileManager.default.fileExists(atPath: index.path)
            && FileManager.default.fileExists(atPath: single.path)
        if isSingle {
            try self.init(single: single, limits: limits)
        } else {
            try self.init(index: index, limits: limits)
        }
    }

    private init(index: URL, limits: FileLimits) throws {
        place = FilePlace(file: index.path)
        shardOfName = try Self.readIndex(at: index, place, limits: limits)

        // every shard, from beside the index only
        var shards: [String: SafetensorsFile] = [:]
        for shard in Set(shardOfName.values).sorted() {
            guard !shard.isEmpty, shard != ".", shard != "..", !shard.contains(where: { "/\\\0".contains($0) }) else {
                throw place.error(
                    .refused, "the shard '\(shard)' is not a plain file name", advice: "Shards lie beside the index.")
            }
            let file = index.deletingLastPathComponent().appendingPathComponent(shard)
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw place.error(
                    .notFound, "the shard '\(shard)' is missing", advice: "Fetch all files that the index names.")
            }
            shards[shard] = try SafetensorsFile(at: file, limits: limits)
        }
        self.shards = shards

        // both list the same tensors
        for (name, shard) in shardOfName.sorted(by: { $0.key < $1.key }) where shards[shard]?.contains(name) != true {
            throw place.with(member: name).error(
                .damaged, "listed in '\(shard)', which does not hold it",
                advice: "Index and shards belong to different saves.")
        }
        var names: [String] = []
        for (shard, file) in shards.sorted(by: { $0.key < $1.key }) {
            for name in file.names {
                guard shardOfName[name] == shard else {
                    throw place.with(member: name).error(
                        .damaged, "held by '\(shard)', but the index does not list it there",
                        advice: "Index and shards belong to different saves.")
                }
                names.append(name)
            }
        }
        self.names = names
    }

    private init(single: URL, limits: FileLimits) throws {
        let file = try SafetensorsFile(at: single, limits: limits)
        place = FilePlace(file: single.path)
        names = file.names
        shards = [single.lastPathComponent: file]
        shardOfName = Dictionary(uniqueKeysWithValues: file.names.map { ($0, single.lastPathComponent) })
    }

    /// Element type and shape of a tensor.
    public func info(_ name: String) throws -> (dtype: DType, shape: Shape) { try shard(of: name).info(name) }

    /// A tensor on the pages of its shard, see ``SafetensorsFile/tensor(_:)``.
    public func tensor(_ name: String) throws -> Tensor { try shard(of: name).tensor(name) }

    private func shard(of name: String) throws -> SafetensorsFile {
        guard let shard = shardOfName[name], let file = shards[shard] else { throw place.missing(name, among: names) }
        return file
    }

    private static func readIndex(at url: URL, _ place: FilePlace, limits: FileLimits) throws -> [String: String] {
        let file = try MappedFile(at: url)
        guard file.byteCount <= limits.headerByteCount else {
            throw place.error(
                .limitExceeded, "an index of \(file.byteCount) bytes; at most \(limits.headerByteCount) are allowed")
        }
        let json = try file.withBytes { try StrictJSON(parsing: $0, place: place, limits: limits) }
        guard let map = json.object?.first(where: { $0.key == "weight_map" })?.value.object else {
            throw place.error(
                .damaged, "the index has no object 'weight_map'", advice: "This is not a safetensors index.")
        }
        return try place.dictionary(
            map.map { name, shard in
                guard let shard = shard.string else {
                    throw place.with(member: name).error(.damaged, "its shard is not a text")
                }
                return (name, shard)
            })
    }

    private static let indexName = "model.safetensors.index.json"
    private static let singleName = "model.safetensors"
}

// MARK: - Writing

extension ShardedSafetensors {
    /// Writes tensors in the order given into shards of at most `maximumShardByteCount` bytes of elements (a larger
    /// tensor has a shard of its own), the index last; into one `model.safetensors` without index where that suffices.
    ///
    /// Each file appears complete or not at all; to replace a whole checkpoint at once, write into a new folder.
    /// - Throws: ``SerializationError`` when the folder does not accept the files.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], maximumShardByteCount: Int, metadata: [String: String] = [:],
        to folder: URL
    ) throws {
        precondition(maximumShardByteCount > 0, "shards of at most \(maximumShardByteCount) bytes")
        preconditionDistinct(tensors.map(\.name))
        var shards: [[(name: String, tensor: Tensor)]] = [[]]
        var byteCount = 0
        var total = 0
        for (name, tensor) in tensors {
            let size = tensor.elementCount * tensor.dtype.byteSize
            if byteCount + size > maximumShardByteCount, !shards[shards.count - 1].isEmpty {
                shards.append([])
                byteCount = 0
            }
            shards[shards.count - 1].append((name, tensor))
            byteCount += size
            total += size
        }

        let index = folder.appendingPathComponent(indexName)
        guard shards.count > 1 else {
            try Safetensors.write(tensors, metadata: metadata, to: folder.appendingPathComponent(singleName))
            // an index of an earlier save would be read in its place
            try? FileManager.default.removeItem(at: index)
            return
        }
        var map: [(name: String, shard: String)] = []
        for (number, shard) in shards.enumerated() {
            let name = "model-\(fiveDigits(number + 1))-of-\(fiveDigits(shards.count)).safetensors"
            try Safetensors.write(shard, metadata: metadata, to: folder.appendingPathComponent(name))
            map += shard.map { ($0.name, name) }
        }
        let lines = map.sorted { $0.name < $1.name }.map { "    \($0.quotedForJSON): \($1.quotedForJSON)" }
        let text = """
            {
              "metadata": {
                "total_size": \(total)
              },
              "weight_map": {
            \(lines.joined(separator: ",\n"))
              }
            }

            """
        try AtomicFile.write(to: index) { sink in try Array(text.utf8).withUnsafeBytes(sink) }
    }

    private static func fiveDigits(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 5 - String(number).count)) + String(number)
    }
}

extension URL {
    var isFolder: Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
