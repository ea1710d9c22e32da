import FileSupport
import ActionTokenizer
public import Foundation
import TensorCore

extension PolicyCheckpoint {
    static var encoder: JSONEncoder { .sorted(indented: true) }

    private struct ConfigurationFile: Codable {
        var family: PolicyFamily
        var model: JSONText
    }

    private struct PipelineFile: Codable {
        var observation: ObservationPipeline
        var action: ActionPipeline
        var tokenizer: InstructionTokenizer.Kind?
    }

    private struct StatisticsFile: Codable {
        var actions: ActionStatistics
        var state: ActionStatistics?
    }

    private struct Manifest: Codable {
        var format: String
        var contentHash: String
        var files: [String: String]
    }

    static let manifestName = "checkpoint.json"

    /// The bytes of all files but the manifest, by name.
    public func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        files["model.safetensors"] = Safetensors.data(
            weights.map { (name: $0, tensor: $1) }.sorted { $0.name < $1.name }, metadata: ["format": Self.format])
        files["config.json"] = Array(
            try Self.encoder.encode(ConfigurationFile(family: family, model: JSONText(configuration))))
        files["pipeline.json"] = Array(
            try Self.encoder.encode(
                PipelineFile(
                    observation: observationPipeline, action: actionPipeline, tokenizer: tokenizer?.kind)))
        files["statistics.json"] = Array(
            try Self.encoder.encode(
                StatisticsFile(
                    actions: actionPipeline.normalization.statistics,
                    state: observationPipeline.state?.normalization.statistics)))
        files["training.json"] = Array(try Self.encoder.encode(training))
        if let tokenizer { files["tokenizer.json"] = Array(tokenizer.file) }
        return files
    }

    /// The manifest of some files: format, hashes, content hash.
    public static func manifest(of files: [String: [UInt8]]) throws -> [UInt8] {
        let hashes = files.mapValues { SHA256.hexadecimal($0) }
        return Array(
            try encoder.encode(Manifest(format: format, contentHash: contentHash(hashes), files: hashes)))
    }

    /// Writes the folder; each file appears complete, the manifest last.
    ///
    /// - Returns: The checkpoint with its content hash.
    @discardableResult
    public func write(to folder: URL) throws -> PolicyCheckpoint {
        let files = try files()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // an old manifest beside new files would be worse than none
        try? FileManager.default.removeItem(at: folder.appendingPathComponent(Self.manifestName))
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
            try AtomicFile.write(bytes, to: folder.appendingPathComponent(name))
        }
        try AtomicFile.write(Self.manifest(of: files), to: folder.appendingPathComponent(Self.manifestName))
        var result = self
        result.contentHash = Self.contentHash(files.mapValues { SHA256.hexadecimal($0) })
        return result
    }

    private static func contentHash(_ files: [String: String]) -> String {
        let lines = files.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
        return SHA256.hexadecimal(Array(lines.joined().utf8))
    }

    /// JSON files of a checkpoint are read up to this length.
    private static let textLimit = 64 << 20

    /// Reads a folder that ``write(to:)`` wrote, and checks every file.
    ///
    /// - Throws: ``CheckpointError``, or the error of the part that cannot be read.
    public init(at folder: URL) throws {
        try self.init { name in
            let url = folder.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: url.path) else { throw CheckpointError.missingFile(name) }
            let file = try MappedFile(at: url)
            guard name.hasSuffix(".safetensors") || file.byteCount <= Self.textLimit else {
                throw CheckpointError.damaged(file: name, "it has \(file.byteCount) bytes")
            }
            return file.withBytes { Array($0) }
        }
    }

    /// Reads the bytes of a checkpoint's files, the manifest among them, and checks every one.
    ///
    /// - Throws: As ``init(at:)``.
    public init(files: [String: [UInt8]]) throws {
        try self.init { name in
            guard let bytes = files[name] else { throw CheckpointError.missingFile(name) }
            return bytes
        }
    }

    private init(reading bytes: (_ name: String) throws -> [UInt8]) throws {
        func decoded<Value: Codable>(
            _ name: String, _ bytes: [UInt8], defaults: [Value] = [],
            mayBeAbsent: ([String]) -> Bool = { _ in false }
        ) throws -> Value {
            do {
                return try SettingsJSON.decode(from: Data(bytes), defaults: defaults, mayBeAbsent: mayBeAbsent)
            } catch {
                throw CheckpointError.damaged(file: name, SettingsJSON.explanation(error))
            }
        }

        // the manifest, then every file against it
        let manifest: Manifest = try decoded(Self.manifestName, bytes(Self.manifestName))
        guard manifest.format == Self.format else { throw CheckpointError.otherFormat(found: manifest.format) }
        let known = [
            "model.safetensors", "config.json", "pipeline.json", "statistics.json", "training.json", "tokenizer.json",
        ]
        for name in manifest.files.keys.sorted() where !known.contains(name) {
            throw CheckpointError.damaged(file: Self.manifestName, "it names '\(name)', which is no checkpoint file")
        }
        for name in known.dropLast() where manifest.files[name] == nil { throw CheckpointError.missingFile(name) }
        var files: [String: [UInt8]] = [:]
        for (name, hash) in manifest.files.sorted(by: { $0.key < $1.key }) {
            let content = try bytes(name)
            guard SHA256.hexadecimal(content) == hash else { throw CheckpointError.otherContent(file: name) }
            files[name] = content
        }
        guard Self.contentHash(manifest.files) == manifest.contentHash else {
            throw CheckpointError.otherContent(file: Self.manifestName)
        }

        let configurationFile: ConfigurationFile = try decoded("config.json", files["config.json"]!)
        family = configurationFile.family
        // one of another package may not be known yet
        _ = try family.model
        configuration = configurationFile.model.data
        let pipeline: PipelineFile = try decoded("pipeline.json", files["pipeline.json"]!)
        observationPipeline = pipeline.observation
        actionPipeline = pipeline.action
        // what a recipe of an older version does not say is as it was then
        training = try decoded(
            "training.json", files["training.json"]!,
            defaults: PolicyFamily.registered.map {
                TrainingRecord(recipe: PolicyRecipe.standIn($0), data: "", dataHash: "")
            },
            mayBeAbsent: { $0.first == "recipe" })
        let statistics: StatisticsFile = try decoded("statistics.json", files["statistics.json"]!)
        guard statistics.actions == actionPipeline.normalization.statistics,
            statistics.state == observationPipeline.state?.normalization.statistics
        else { throw CheckpointError.damaged(file: "statistics.json", "it is not what pipeline.json holds") }

        if let kind = pipeline.tokenizer {
            guard let file = files["tokenizer.json"] else { throw CheckpointError.missingFile("tokenizer.json") }
            tokenizer = try InstructionTokenizer(kind: kind, file: Data(file))
        }
        if let prompt = observationPipeline.prompt {
            guard let tokenizer else { throw CheckpointError.missingFile("tokenizer.json") }
            guard tokenizer.hash == prompt.tokenizerHash else {
                throw PipelineError.otherTokenizer(found: tokenizer.hash, expected: prompt.tokenizerHash)
            }
        }
        let archive = try SafetensorsFile(bytes: files["model.safetensors"]!, name: "model.safetensors")
        weights = [:]
        for name in archive.names { weights[name] = try archive.tensor(name) }
        contentHash = manifest.contentHash
    }
}

/// JSON inside JSON, kept as it is.
private struct JSONText: Codable {
    let data: Data

    init(_ data: Data) { self.data = data }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer().decode(StrictJSON.self)
        data = try JSONEncoder.sorted(escapingSlashes: true).encode(value)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(try JSONDecoder().decode(StrictJSON.self, from: data))
    }
}
