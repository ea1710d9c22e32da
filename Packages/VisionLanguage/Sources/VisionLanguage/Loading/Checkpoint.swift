public import FileSupport
public import Foundation
public import TensorCore

/// The named tensors of a weight file or folder, as a model asks for them.
///
/// Reads safetensors, also sharded; PyTorch zip archives (`.pth`, `.bin`), also sharded; and folders that hold one of
/// them beside `config.json`. Tensors lie on the mapped file. What is wrapped around the names is recognized, undone and
/// listed in ``wrappings``; an old layout is recognized (``layout``) and converted only when asked.
public struct Checkpoint: Sendable {
    /// What was around the names.
    public enum Wrapping: String, Sendable, Hashable, Codable, CaseIterable {
        /// Every name began with `module.`, as data-parallel training saves them.
        case modulePrefix
        /// A training state whose weights stand under `model`.
        case trainingState
        /// A CLIP or SigLIP tower whose names lack `vision_model.`, as transformers saves it from version 5 on.
        case noVisionModelPrefix
    }

    /// The convention of names and of rotated rows.
    public enum Layout: String, Sendable, Hashable, Codable, CaseIterable {
        case current
        /// MiniMind before 2025-04-26: other names, and rotary pairs of adjacent rows.
        case miniMindBefore20250426
    }

    /// The file or folder.
    public let url: URL
    /// What the tensors were read from: `safetensors`, `shardedSafetensors`, `torch`, `shardedTorch`.
    public let format: String
    /// Names in the file's order.
    public internal(set) var names: [String]
    public internal(set) var tensors: [String: Tensor]
    public let wrappings: [Wrapping]
    public internal(set) var layout: Layout
    /// The bytes of `config.json`, in the folder or beside the file.
    public var configuration: Data?
    /// Where they were read; for messages.
    public internal(set) var configurationFile: String?
    /// The metadata of a safetensors file.
    public let metadata: [String: String]

    /// Opens a file or a folder; nothing in it is run.
    ///
    /// - Throws: `SerializationError` with file, member and offset.
    public init(at url: URL, limits: FileLimits = .default) throws {
        let weights = try Self.weightFile(at: url)
        let folder = weights.hasDirectoryPath ? weights : weights.deletingLastPathComponent()
        let read = try StoredTensors(at: weights, limits: limits)
        self.init(
            url: url, read, configuration: try Self.configuration(in: folder, limits: limits), metadata: read.metadata)
        if configuration != nil { configurationFile = folder.appendingPathComponent("config.json").path }
    }

    init(url: URL, _ read: StoredTensors, configuration: Data?, metadata: [String: String]) {
        self.url = url
        format = read.format
        self.configuration = configuration
        self.metadata = metadata
        var wrappings: [Wrapping] = read.isTrainingState ? [.trainingState] : []

        // stripped only when all names have it
        var entries = read.entries
        let prefix = "module."
        if !entries.isEmpty, entries.allSatisfy({ $0.name.hasPrefix(prefix) }) {
            entries = entries.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
            wrappings.append(.modulePrefix)
        }
        if let named = Self.addingVisionModelPrefix(to: entries) {
            entries = named
            wrappings.append(.noVisionModelPrefix)
        }
        self.wrappings = wrappings
        names = entries.map(\.name)
        tensors = Dictionary(entries.map { ($0.name, $0.tensor) }) { first, _ in first }
        layout = MiniMindLegacyLayout.isUsed(by: names) ? .miniMindBefore20250426 : .current
    }

    /// A tower's tensors under the names of published files; nil when they have them, or there is no such tower.
    private static func addingVisionModelPrefix(
        to entries: [(name: String, tensor: Tensor)]
    ) -> [(name: String, tensor: Tensor)]? {
        let patch = "embeddings.patch_embedding.weight"
        guard let outer = ["", "vision_encoder."].first(where: { o in entries.contains { $0.name == o + patch } })
        else { return nil }
        let parts = ["embeddings.", "encoder.", "pre_layrnorm.", "post_layernorm.", "head."]
        return entries.map { name, tensor in
            let inner = name.dropFirst(outer.count)
            guard name.hasPrefix(outer), parts.contains(where: inner.hasPrefix) else { return (name, tensor) }
            return (outer + "vision_model." + inner, tensor)
        }
    }

    /// A checkpoint made of tensors in memory, for conversions and tests.
    public init(tensors: [(name: String, tensor: Tensor)], name: String, configuration: Data? = nil) {
        self.init(
            url: URL(fileURLWithPath: name), StoredTensors(entries: tensors, format: "memory"),
            configuration: configuration, metadata: [:])
    }

    /// Elements of all tensors.
    public var elementCount: Int { tensors.values.reduce(0) { $0 + $1.elementCount } }
    /// Bytes of all tensors.
    public var byteCount: Int { tensors.values.reduce(0) { $0 + $1.elementCount * $1.dtype.byteSize } }
    /// Tensors by the type they are stored in.
    public var storedTypes: [DType: Int] { Dictionary(grouping: tensors.values, by: \.dtype).mapValues(\.count) }

    /// The file to read: the one given, or the folder's, safetensors first.
    private static func weightFile(at url: URL) throws -> URL {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw SerializationError(.notFound, file: url.path, "no such file or folder")
        }
        guard isFolder.boolValue else { return url }
        let known = [
            "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json", "pytorch_model.bin",
        ]
        for name in known {
            let file = url.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: file.path) { return file }
        }
        throw SerializationError(
            .notFound, file: url.path, "the folder holds none of \(known.joined(separator: ", "))",
            advice: "Name a folder of a published model, or a weight file.")
    }

    private static func configuration(in folder: URL, limits: FileLimits) throws -> Data? {
        let file = folder.appendingPathComponent("config.json")
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        do {
            let data = try Data(contentsOf: file)
            guard data.count <= limits.headerByteCount else {
                throw SerializationError(.limitExceeded, file: file.path, "\(data.count) bytes of configuration")
            }
            // says where it is no JSON, which the decoder of settings does not
            _ = try StrictJSON(parsing: data, file: file.path)
            return data
        } catch let error as SerializationError {
            throw error
        } catch {
            throw SerializationError(.cannotRead, file: file.path, error.localizedDescription)
        }
    }
}

/// Tensors as a file holds them.
struct StoredTensors {
    var entries: [(name: String, tensor: Tensor)]
    var format: String
    var isTrainingState = false
    var metadata: [String: String] = [:]

    init(entries: [(name: String, tensor: Tensor)], format: String) {
        self.entries = entries
        self.format = format
    }

    init(at url: URL, limits: FileLimits) throws {
        if url.lastPathComponent.hasSuffix(".bin.index.json") {
            self = try Self.shardedTorch(at: url, limits: limits)
            return
        }
        let start = try FileHandle(forReadingFrom: url).read(upToCount: 2) ?? Data()
        guard start != Data("PK".utf8) else {
            self = try Self.torch(at: url, limits: limits)
            return
        }
        let archive = try TensorArchive.open(url, limits: limits)
        guard archive.format != .npy else {
            throw SerializationError(
                .wrongFormat, file: url.path, "an array, not named weights", advice: "Name a weight file.")
        }
        entries = try archive.names.map { ($0, try archive.tensor($0)) }
        format = archive.format.rawValue
        if archive.format == .safetensors { metadata = try SafetensorsFile(at: url, limits: limits).metadata }
    }

    /// A file of `torch.save`: a dictionary of tensors, or a training state with one under `model`.
    private static func torch(at url: URL, limits: FileLimits) throws -> StoredTensors {
        let archive = try TorchArchive(at: url, limits: limits)
        let isState = archive.root["model"]?.dictionary != nil
        let entries = try isState ? archive.stateDict("model") : archive.stateDict()
        var result = StoredTensors(entries: entries, format: TensorArchive.Format.torch.rawValue)
        result.isTrainingState = isState
        return result
    }

    /// An index that says which of several PyTorch files beside it holds which tensor.
    private static func shardedTorch(at url: URL, limits: FileLimits) throws -> StoredTensors {
        struct Index: Decodable { var weight_map: [String: String] }
        let index: Index
        do {
            let data = try Data(contentsOf: url)
            guard data.count <= limits.headerByteCount else {
                throw SerializationError(.limitExceeded, file: url.path, "an index of \(data.count) bytes")
            }
            _ = try StrictJSON(parsing: data, file: url.path)
            index = try JSONDecoder().decode(Index.self, from: data)
        } catch let error as SerializationError {
            throw error
        } catch {
            throw SerializationError(
                .damaged, file: url.path, describe(error), advice: "It has to be a pytorch_model.bin.index.json.")
        }
        var entries: [(name: String, tensor: Tensor)] = []
        for shard in Set(index.weight_map.values).sorted() {
            guard !shard.isEmpty, shard != "..", !shard.contains(where: { "/\\\0".contains($0) }) else {
                throw SerializationError(
                    .refused, file: url.path, "the shard '\(shard)' is not a plain file name",
                    advice: "Shards lie beside the index.")
            }
            let file = url.deletingLastPathComponent().appendingPathComponent(shard)
            for (name, tensor) in try torch(at: file, limits: limits).entries {
                guard index.weight_map[name] == shard else {
                    throw SerializationError(
                        .damaged, file: file.path, member: name, "the index does not list it in this shard",
                        advice: "Index and shards belong to different saves.")
                }
                entries.append((name, tensor))
            }
        }
        if let missing = Set(index.weight_map.keys).subtracting(entries.map(\.name)).min() {
            throw SerializationError(
                .damaged, file: url.path, member: missing,
                "listed in '\(index.weight_map[missing] ?? "")', which does "
                    + "not hold it", advice: "Index and shards belong to different saves.")
        }
        return StoredTensors(entries: entries, format: "shardedTorch")
    }
}
