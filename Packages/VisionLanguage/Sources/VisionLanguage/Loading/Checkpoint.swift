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
        /// Names had the part `_orig_mod`, which `torch.compile` puts in front of what it compiles.
        case compiledPrefix
        /// Every name began with the name of the trainer's variable, such as `model.` of Lightning.
        case trainerPrefix
        /// A training state whose weights stand in a dictionary of it; see ``Checkpoint/stateDictionary``.
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
    /// Where in a training state the weights stood, such as `model_state_dict`; `nil` where they are the file itself.
    public let stateDictionary: String?
    /// Other dictionaries of tensors in the training state, which are left aside, such as averaged weights.
    public let otherDictionaries: [String]
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
        (stateDictionary, otherDictionaries) = (read.stateDictionary, read.otherDictionaries)
        var wrappings: [Wrapping] = read.stateDictionary == nil ? [] : [.trainingState]

        // one inside the other, in any order
        var entries = read.entries
        while let (stripped, wrapping) = Self.strippingPrefix(of: entries) {
            entries = stripped
            if !wrappings.contains(wrapping) { wrappings.append(wrapping) }
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

    /// The tensors without what a trainer put in front of the names; `nil` when there is nothing.
    private static func strippingPrefix(
        of entries: [(name: String, tensor: Tensor)]
    ) -> ([(name: String, tensor: Tensor)], Wrapping)? {
        guard !entries.isEmpty else { return nil }
        // compiled parts may lie anywhere in a name
        let mark = "_orig_mod."
        if entries.contains(where: { $0.name.hasPrefix(mark) || $0.name.contains(".\(mark)") }) {
            let names = entries.map {
                $0.name.split(separator: ".").filter { $0 != "_orig_mod" }.joined(separator: ".")
            }
            guard Set(names).count == names.count else { return nil }
            return (zip(names, entries).map { ($0, $1.tensor) }, .compiledPrefix)
        }
        // others only where all names have them
        func dropping(_ prefix: String) -> [(name: String, tensor: Tensor)]? {
            guard entries.allSatisfy({ $0.name.hasPrefix(prefix) }) else { return nil }
            return entries.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
        }
        if let stripped = dropping("module.") { return (stripped, .modulePrefix) }
        let anchors = [
            "model.embed_tokens.weight", "vision_model.embeddings.patch_embedding.weight",
            "embeddings.patch_embeddings.projection.weight", "tok_embeddings.weight",
        ]
        for entry in entries {
            for anchor in anchors where entry.name.hasSuffix(".\(anchor)") {
                let prefix = String(entry.name.dropLast(anchor.count))
                // a part of this package's models keeps its name
                guard prefix != "vision_encoder." else { continue }
                if prefix.count(where: { $0 == "." }) == 1, let stripped = dropping(prefix) {
                    return (stripped, .trainerPrefix)
                }
            }
        }
        return nil
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
            let data = try FileContent.data(at: file)
            guard data.count <= limits.headerByteCount else {
                throw SerializationError(.limitExceeded, file: file.path, "\(data.count) bytes of configuration")
            }
            // says where it is no JSON, which the decoder of settings does not
            _ = try StrictJSON(parsing: data, file: file.path)
            return ByteOrderMark.dropped(from: data)
        } catch let error as SerializationError {
            throw error
        } catch {
            throw SerializationError(.cannotRead, file: file.path, error.localizedDescription)
        }
    }
}

extension Checkpoint {
    /// What was around the names, each in words.
    public var wrappingDescriptions: [String] {
        wrappings.map { wrapping in
            switch wrapping {
            case .modulePrefix: "the prefix 'module.' of data-parallel training"
            case .compiledPrefix: "the prefix '_orig_mod.' of torch.compile"
            case .trainerPrefix: "the prefix of a trainer's variable"
            case .noVisionModelPrefix: "names without 'vision_model.'"
            case .trainingState:
                "a training state, its weights under '\(stateDictionary ?? "")'"
                    + (otherDictionaries.isEmpty
                        ? "" : "; left aside are the tensors under \(otherDictionaries.joined(separator: ", "))")
            }
        }
    }
}

/// Tensors as a file holds them.
struct StoredTensors {
    var entries: [(name: String, tensor: Tensor)]
    var format: String
    /// Where in a training state they stood.
    var stateDictionary: String?
    var otherDictionaries: [String] = []
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
        let start = try FileContent.handle(at: url).read(upToCount: 2) ?? Data()
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

    /// A file of `torch.save`: a dictionary of tensors, or a training state that holds one.
    private static func torch(at url: URL, limits: FileLimits) throws -> StoredTensors {
        let found = try TorchArchive(at: url, limits: limits).weights()
        var result = StoredTensors(entries: found.entries, format: TensorArchive.Format.torch.rawValue)
        result.stateDictionary = found.path.isEmpty ? nil : found.path.joined(separator: ".")
        result.otherDictionaries = found.others
        return result
    }

    /// An index that says which of several PyTorch files beside it holds which tensor.
    private static func shardedTorch(at url: URL, limits: FileLimits) throws -> StoredTensors {
        struct Index: Decodable { var weight_map: [String: String] }
        let index: Index = try JSONReading.decode(
            at: url, byteLimit: limits.headerByteCount, advice: "It has to be a pytorch_model.bin.index.json.")
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
