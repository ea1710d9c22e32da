import Foundation
import TensorCore
import TensorNN

/// What a weight file holds, told from names, shapes and `config.json`: which model, what was assumed, what does not fit.
///
/// Names and shapes cannot tell everything. A file of MiniMind's old layout that was renamed without moving the rows of
/// queries and keys looks right and computes noise; only a computed value tells (see ``LogitsCheck``).
public struct ModelDescription: Sendable {
    public enum Kind: String, Sendable, Hashable, Codable {
        case languageModel, visionLanguageModel, visionTower, unknown
    }

    public var kind: Kind
    public var generation: MiniMindGeneration?
    public var decoder: DecoderConfiguration?
    public var projector: ProjectorConfiguration?
    public var tower: VisionTransformerConfiguration?
    /// What the file does not say and was taken as usual.
    public var assumptions: [String] = []
    /// What does not fit the model described; nil when all does.
    public var mismatch: CheckpointMismatch?
    /// Tensors that published files of the kind hold and the model does not use.
    public var leftovers: [String] = []
    /// Why a model that is known by name is not supported; its ``kind`` is then unknown.
    public var unsupported: String?

    /// - Throws: ``ConfigurationError`` when `config.json` is there and cannot be read.
    public init(of checkpoint: Checkpoint, generation: MiniMindGeneration? = nil) throws {
        kind = .unknown
        let current = checkpoint.layout == .current ? checkpoint : checkpoint.renamed
        do {
            if let reason = Self.unsupportedTower(in: current) {
                unsupported = reason
                return
            }
            if current.shape("model.embed_tokens.weight") ?? current.shape("lm_head.weight") != nil {
                try describeDecoder(current, generation)
            } else if let tower = try Self.tower(in: current, prefix: "", &assumptions) {
                (kind, self.tower) = (.visionTower, tower)
            }
        } catch var error as ConfigurationError {
            error.file = checkpoint.configurationFile
            throw error
        }
        compare(checkpoint)
    }

    /// One line, such as "MiniMind 07 language model: 512 wide, 8 layers, …".
    public var summary: String {
        var parts: [String] = []
        if let d = decoder {
            let experts = d.experts.map { "\($0.perToken) of \($0.count) experts, \($0.sharedCount) shared" } ?? "dense"
            parts.append(
                "\(d.hiddenSize) wide, \(d.layerCount) layers, \(d.headCount) heads over \(d.keyValueHeadCount), "
                    + "vocabulary \(d.vocabularySize), \(experts)")
        }
        if let p = projector { parts.append("projector \(p)") }
        if let t = tower {
            parts.append(
                "\(t.family.rawValue) tower \(t.imageSize) / \(t.patchSize), \(t.width) wide, \(t.layerCount) layers")
        }
        let name =
            switch kind {
            case .languageModel: "MiniMind \(generation?.rawValue ?? "") language model"
            case .visionLanguageModel: "MiniMind-V \(generation?.rawValue ?? "") vision-language model"
            case .visionTower: "vision tower"
            case .unknown: "not a model known here"
            }
        return name + (parts.isEmpty ? "" : ": " + parts.joined(separator: "; "))
    }

    /// Parameters of the model described.
    public var parameterCount: Int? { model?.count }

    // MARK: Telling

    /// Encoders that share names with supported ones and compute something else; `nil` for others.
    private static func unsupportedTower(in checkpoint: Checkpoint) -> String? {
        for prefix in ["", "vision_encoder."] {
            // a matrix over flattened patches, where others have a convolution
            guard let patch = checkpoint.shape(prefix + "vision_model.embeddings.patch_embedding.weight"),
                patch.rank == 2
            else { continue }
            return "a SigLIP2 tower of flexible sizes (NaFlex): its patches are a matrix of \(patch). "
                + "It is not supported; take one of a fixed size, such as siglip2-base-patch32-256"
        }
        return nil
    }

    private mutating func describeDecoder(_ checkpoint: Checkpoint, _ stated: MiniMindGeneration?) throws {
        let hasNorms = checkpoint.names.contains { $0.hasSuffix("self_attn.q_norm.weight") }
        let told = stated ?? (hasNorms ? .june2026 : .july2025)
        generation = told
        if let json = checkpoint.configuration {
            let found = try DecoderConfiguration(miniMind: json, generation: told)
            (decoder, generation) = (found, stated ?? found.generation)
            let unknown = DecoderConfiguration.unknownFields(inMiniMind: json)
            if !unknown.isEmpty {
                assumptions.append(
                    "that \(unknown.joined(separator: ", ")) in config.json make no difference: they are not known here"
                )
            }
        } else {
            decoder = DecoderConfiguration(shapesOf: checkpoint, told, &assumptions)
        }
        kind = .languageModel
        if checkpoint.shape("vision_proj.vision_proj.0.weight") != nil {
            (kind, projector) = (.visionLanguageModel, .linear)
        } else if checkpoint.shape("vision_proj.mlp.0.weight") != nil {
            (kind, projector) = (.visionLanguageModel, .perceptron(merge: 1))
        }
        tower = try Self.tower(in: checkpoint, prefix: "vision_encoder.", &assumptions)
    }

    private static func tower(
        in checkpoint: Checkpoint, prefix: String, _ assumptions: inout [String]
    ) throws -> VisionTransformerConfiguration? {
        guard let told = VisionTransformerConfiguration(shapesOf: checkpoint, prefix: prefix, &assumptions) else {
            return nil
        }
        // a configuration beside the file may belong to the language model
        guard prefix.isEmpty, let json = checkpoint.configuration,
            VisionTransformerConfiguration.isDescribed(by: json)
        else { return told }
        var configuration = try VisionTransformerConfiguration(huggingFace: json, family: told.family)
        configuration.hasPoolingHead = told.hasPoolingHead
        return configuration
    }

    // MARK: Comparing

    private mutating func compare(_ checkpoint: Checkpoint) {
        guard let model else { return }
        let leftovers = Set(checkpoint.names.filter(Self.isLeftover))
        var options = LoadingOptions()
        options.mayBeUnused = { leftovers.contains($0) }
        self.leftovers = leftovers.sorted()
        mismatch = model.mismatch(checkpoint, options)
        if mismatch == nil { return }
        // a published vision file holds a text model beside the tower: what was used is not a leftover
        self.leftovers = self.leftovers.filter { mismatch?.missing.contains($0) != true }
    }

    /// Tensors of published files that no model here uses.
    static func isLeftover(_ name: String) -> Bool {
        name.hasPrefix("text_model.") || name.hasPrefix("text_projection.") || name.hasPrefix("visual_projection.")
            || ["logit_scale", "logit_bias"].contains(name) || name.hasSuffix(".position_ids")
    }

    /// The described model with weights that take no memory, for comparing.
    private var model: (count: Int, mismatch: (Checkpoint, LoadingOptions) -> CheckpointMismatch?)? {
        var generator = PhiloxGenerator(seed: 0)
        func part(_ module: some Module) -> (Int, (Checkpoint, LoadingOptions) -> CheckpointMismatch?) {
            (module.parameterCount(), { module.mismatch(with: $0, $1) })
        }
        if var decoder {
            decoder.initialization = .zero
            // the rotary table is no weight
            decoder.positionCount = 1
            guard (try? decoder.validate()) != nil else { return nil }
            guard let projector else { return part(Decoder(decoder, using: &generator)) }
            if let tower {
                guard (try? tower.validate()) != nil else { return nil }
                return part(
                    VisionLanguageModel(vision: tower, projector: projector, decoder: decoder, using: &generator))
            }
            let layer = Projector(
                projector, inputWidth: projectorWidth, outputWidth: decoder.hiddenSize, initialization: .zero,
                using: &generator)
            return part(VisionLanguageModel(projector: layer, decoder: Decoder(decoder, using: &generator)))
        }
        guard let tower, (try? tower.validate()) != nil else { return nil }
        return part(VisionTransformer(tower, initialization: .zero, using: &generator))
    }

    /// Elements of an image token in MiniMind-V of either generation.
    private var projectorWidth: Int { tower?.width ?? 768 }
}

extension Checkpoint {
    func shape(_ name: String) -> Shape? { tensors[name]?.shape }

    /// Layers whose names begin with `prefix`, then a number.
    func layerCount(_ prefix: String) -> Int {
        names.compactMap { name -> Int? in
            guard name.hasPrefix(prefix) else { return nil }
            return Int(name.dropFirst(prefix.count).prefix { $0.isNumber })
        }.max().map { $0 + 1 } ?? 0
    }

    /// The old layout's tensors under today's names, rows as they are: enough to tell the sizes.
    fileprivate var renamed: Checkpoint {
        var result = self
        (result.names, result.tensors) = ([], [:])
        for name in names {
            let current = MiniMindLegacyLayout.currentName(name) ?? name
            result.names.append(current)
            result.tensors[current] = tensors[name]
        }
        return result
    }
}
