import FileSupport
public import Foundation
public import TensorCore
import TensorNN

/// Model folders as Hugging Face lays them out: `config.json` and `model.safetensors`, also sharded, or
/// `pytorch_model.bin`.
public enum ModelFolder {
    /// Loads MiniMind's language model from a folder or a weight file.
    ///
    /// - Parameters:
    ///   - url: The folder or file.
    ///   - json: A `config.json` in place of the one beside the weights.
    ///   - generation: Taken from the file when nil.
    ///   - converting: Whether a file of the layout before 2025-04-26 is converted; otherwise it is an error.
    ///   - options: What may be absent or left aside, and whether matrices stay as stored.
    /// - Throws: `SerializationError`, ``ConfigurationError``, ``CheckpointMismatch``, or ``LogitsCheckError`` when a
    ///   check value was saved with the weights and does not hold.
    public static func decoder(
        at url: URL, configuration json: Data? = nil, generation: MiniMindGeneration? = nil, converting: Bool = false,
        _ options: LoadingOptions = .init()
    ) throws -> (decoder: Decoder, report: LoadingReport) {
        let (checkpoint, configuration) = try decoderCheckpoint(at: url, json, generation, converting)
        var generator = PhiloxGenerator(seed: 0)
        var decoder = Decoder(configuration, using: &generator)
        var options = options
        let mayBeUnused = options.mayBeUnused
        options.mayBeUnused = { mayBeUnused($0) || $0.hasPrefix("vision_proj.") || $0.hasPrefix("vision_encoder.") }
        let report = try decoder.load(checkpoint, options)
        try LogitsCheck(metadata: checkpoint.metadata)?.verify(decoder)
        return (decoder, report)
    }

    /// Loads MiniMind-V: decoder and projector from one folder or file, the vision tower from another.
    ///
    /// A folder that was saved with its tower needs no other, and the tower may be of any kind.
    ///
    /// - Parameters:
    ///   - url: MiniMind-V's weights; those of a plain language model too when `newProjector` says so.
    ///   - towerURL: The published vision model; nil when the weights hold it as `vision_encoder.…`.
    ///   - generation: Taken from the file when nil.
    ///   - converting: Whether a file of the layout before 2025-04-26 is converted; otherwise it is an error.
    ///   - newProjector: For a first run from a language model: the projector keeps its drawn weights.
    ///   - options: As for a language model.
    ///   - generator: Draws the weights before they are replaced.
    public static func visionLanguageModel(
        at url: URL, tower towerURL: URL?, generation: MiniMindGeneration? = nil, converting: Bool = false,
        newProjector: Bool = false, _ options: LoadingOptions = .init(),
        using generator: inout some RandomNumberGenerator
    ) throws -> (model: VisionLanguageModel, reports: [LoadingReport]) {
        let (checkpoint, configuration) = try decoderCheckpoint(at: url, nil, generation, converting)
        var reports: [LoadingReport] = []
        let own =
            towerURL == nil
            ? try VisionLanguageFile(
                in: url, hiddenSize: configuration.hiddenSize, weightCount: checkpoint.elementCount) : nil
        let tower: AnyVisionTower
        if let towerURL {
            let (loaded, report) = try visionTower(at: towerURL, options)
            tower = .transformer(loaded)
            reports.append(report)
        } else if let own {
            tower = AnyVisionTower(own.tower, initialization: .zero, using: &generator)
        } else {
            var assumptions: [String] = []
            guard
                let told = VisionTransformerConfiguration(
                    shapesOf: checkpoint, prefix: "vision_encoder.", &assumptions)
            else {
                throw SerializationError(
                    .notFound, file: url.path, "the file holds no vision tower (vision_encoder.…)",
                    advice: "Name the folder of the vision model.")
            }
            tower = .transformer(VisionTransformer(told, initialization: .zero, using: &generator))
        }

        let isPerceptron = configuration.normalizesQueriesAndKeys
        let kind = own?.projector ?? (isPerceptron ? .perceptron(merge: 1) : .linear)
        let projector = Projector(
            kind, inputWidth: tower.width, outputWidth: configuration.hiddenSize, using: &generator)
        var model = VisionLanguageModel(
            tower: tower, projector: projector, decoder: Decoder(configuration, using: &generator))
        var rest = options
        let (mayBeAbsent, hasTower) = (options.mayBeAbsent, towerURL != nil)
        rest.mayBeAbsent = { name in
            mayBeAbsent(name) || (hasTower && name.hasPrefix("vision_encoder."))
                || (newProjector && name.hasPrefix("vision_proj."))
        }
        reports.append(try model.load(checkpoint, rest))
        try LogitsCheck(metadata: checkpoint.metadata)?.verify(model.decoder)
        return (model, reports)
    }

    /// Loads a published vision model: CLIP, SigLIP or DINOv2. The text model beside it is left aside and listed.
    public static func visionTower(
        at url: URL, _ options: LoadingOptions = .init()
    ) throws -> (tower: VisionTransformer, report: LoadingReport) {
        let checkpoint = try Checkpoint(at: url)
        let description = try ModelDescription(of: checkpoint)
        guard let configuration = description.tower else {
            throw SerializationError(
                .unsupported, file: url.path, description.unsupported ?? "no vision tower is told from the names",
                advice: "CLIP, SigLIP and DINOv2 in the layout of transformers are supported.")
        }
        var generator = PhiloxGenerator(seed: 0)
        var tower = VisionTransformer(configuration, initialization: .zero, using: &generator)
        var options = options
        let mayBeUnused = options.mayBeUnused
        options.mayBeUnused = { mayBeUnused($0) || ModelDescription.isLeftover($0) }
        let report = try tower.load(checkpoint, options)
        return (tower, report)
    }

    private static func decoderCheckpoint(
        at url: URL, _ json: Data?, _ generation: MiniMindGeneration?, _ converting: Bool
    ) throws -> (Checkpoint, DecoderConfiguration) {
        var checkpoint = try Checkpoint(at: url)
        if let json { checkpoint.configuration = json }
        let description = try ModelDescription(of: checkpoint, generation: generation)
        guard var configuration = description.decoder else {
            throw SerializationError(
                .unsupported, file: url.path, description.unsupported ?? "no language model is told from the names",
                advice: "MiniMind's of both generations are supported; `vla inspect` lists what the file holds.")
        }
        try configuration.validate()
        if converting { checkpoint = try checkpoint.convertedToCurrentLayout(headSize: configuration.headSize) }
        configuration.initialization = .zero
        return (checkpoint, configuration)
    }
}

// MARK: - Saving

extension ModelFolder {
    /// Writes a language model: `config.json` and `model.safetensors`, with a ``LogitsCheck`` among its metadata.
    ///
    /// - Parameters:
    ///   - decoder: The model.
    ///   - folder: Made when there is none.
    ///   - dtype: `float32`, or `float16` or `bfloat16` for half the size.
    ///   - maximumShardByteCount: A larger model is written in shards with an index, and without check value.
    public static func save(
        _ decoder: Decoder, to folder: URL, as dtype: DType = .float32, maximumShardByteCount: Int = 5_000_000_000
    ) throws {
        try write(
            parameters(of: decoder, as: dtype), configuration: decoder.configuration,
            check: LogitsCheck(of: decoder), maximumShardByteCount, to: folder)
    }

    /// Writes MiniMind-V.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - folder: Made when there is none.
    ///   - includingTower: Whether the folder holds the vision tower, too, with ``VisionLanguageFolder``'s description of
    ///     it. Without, the files are as MiniMind-V's are published: the tower is a folder of its own.
    ///   - dtype: As for a language model.
    ///   - maximumShardByteCount: As for a language model.
    public static func save(
        _ model: VisionLanguageModel, to folder: URL, includingTower: Bool = false, as dtype: DType = .float32,
        maximumShardByteCount: Int = 5_000_000_000
    ) throws {
        try write(
            parameters(of: model, as: dtype).filter { includingTower || !$0.name.hasPrefix("vision_encoder.") },
            configuration: model.decoder.configuration, check: LogitsCheck(of: model.decoder), maximumShardByteCount,
            to: folder)
        let file = folder.appendingPathComponent(VisionLanguageFile.name)
        guard includingTower, let tower = model.tower, let projector = model.projector else {
            // an older one would describe a tower that is not there
            try? FileManager.default.removeItem(at: file)
            return
        }
        let encoder = JSONEncoder.sorted(indented: true, escapingSlashes: true)
        let description = VisionLanguageFile(tower: tower.configuration, projector: projector.configuration)
        try AtomicFile.write(encoder.encode(description), to: file)
    }

    private static func parameters(
        of module: some Module, as dtype: DType
    ) -> [(name: String, tensor: Tensor)] {
        require(dtype == .float32 || dtype == .float16 || dtype == .bfloat16, "weights stored as \(dtype)")
        var result: [(name: String, tensor: Tensor)] = []
        module.forEachParameter { name, parameter in
            result.append((name, parameter.value.detached.converted(to: dtype)))
        }
        return result
    }

    private static func write(
        _ tensors: [(name: String, tensor: Tensor)], configuration: DecoderConfiguration, check: LogitsCheck,
        _ maximumShardByteCount: Int, to folder: URL
    ) throws {
        let json = try configuration.miniMindJSON()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try json.write(to: folder.appendingPathComponent("config.json"), options: .atomic)
        } catch {
            throw SerializationError(.cannotWrite, file: folder.path, error.localizedDescription)
        }
        try ShardedSafetensors.write(
            tensors, maximumShardByteCount: maximumShardByteCount,
            metadata: check.metadata.merging(["format": "pt"]) { $1 },
            to: folder)
    }
}
