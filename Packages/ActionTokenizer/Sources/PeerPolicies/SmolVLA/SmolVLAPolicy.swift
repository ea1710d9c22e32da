public import Foundation
public import TensorCore
import TensorNN
public import TextTokenizers

/// A SmolVLA policy of a LeRobot folder, between its processors.
///
/// The vision-language model it names is needed for `config.json` and the tokenizer only: its weights are in the policy.
public struct SmolVLAPolicy: Sendable {
    public var model: SmolVLAModel
    public let preparation: LeRobotPreparation
    public let tokenizer: BPETokenizer
    public let findings: [PeerFinding]
    /// Whether a line feed is appended to a task without one.
    let appendsNewLine: Bool
    let tokenization: ProcessorPipeline.Tokenization?

    public var configuration: SmolVLAConfiguration { model.configuration }

    /// - Parameters:
    ///   - folder: The policy.
    ///   - vlmFolder: `config.json` and `tokenizer.json` of the vision-language model; looked for at the path that the
    ///     policy names when nil.
    /// - Throws: ``PeerPolicyError``.
    public init(_ folder: LeRobotFolder, vlmFolder: URL? = nil) throws {
        var findings = folder.findings
        let name = try folder.configuration.file.text(
            "vlm_model_name", default: "HuggingFaceTB/SmolVLM2-500M-Video-Instruct")
        let vlm = vlmFolder ?? folder.url.appendingPathComponent(name).standardizedFileURL
        guard FileManager.default.fileExists(atPath: vlm.appendingPathComponent("config.json").path) else {
            throw PeerPolicyError(
                .needsOption, file: "config.json", key: "vlm_model_name",
                "'\(name)' is not a folder here, and its configuration and tokenizer are needed",
                remedy: "Fetch config.json and tokenizer.json of \(name) and name their folder: --peer vlm=FOLDER.")
        }
        let configuration = try SmolVLAConfiguration(
            folder.configuration, vlm: try JSONFile("config.json", in: vlm), isLegacy: folder.isLegacy,
            findings: &findings)
        model = try SmolVLAModel(configuration, from: WeightSource(folder.weights, file: LeRobotFolder.weightsName))
        tokenizer = try Self.tokenizer(in: vlm)
        preparation = LeRobotPreparation(folder)
        appendsNewLine = folder.preprocessor?.appendsNewLine ?? true
        tokenization = folder.preprocessor?.tokenization
        self.findings = findings
    }

    /// Reads `tokenizer.json`; a post-processor that adds nothing is taken out.
    static func tokenizer(in folder: URL) throws -> BPETokenizer {
        var file = try JSONFile("tokenizer.json", in: folder).root
        if let processor = file["post_processor"], processor["type"]?.string == "TemplateProcessing",
            let single = processor["single"]?.array, single.count == 1, single[0]["Sequence"] != nil
        {
            file.set("post_processor", to: .null)
        }
        return try BPETokenizer(json: Data(file.text().utf8), name: "tokenizer.json")
    }

    /// Ids of an instruction: with the line feed, without begin and end, cut where the folder says so.
    ///
    /// - Throws: ``PeerPolicyError`` when a token is outside of the model's table.
    public func tokens(_ task: String) throws -> [Int] {
        let text = appendsNewLine && !task.hasSuffix("\n") ? task + "\n" : task
        var ids = tokenizer.encode(text)
        let limit = tokenization?.maximumLength ?? configuration.maximumTokenCount
        if tokenization?.truncates ?? configuration.truncates { ids = Array(ids.prefix(limit)) }
        guard ids.count <= 4096 else {
            throw PeerPolicyError(
                .observation, file: "observation", key: "task", "an instruction of \(ids.count) tokens",
                remedy: "Give a shorter instruction.")
        }
        let count = model.embedding.weight.value.shape[0]
        guard ids.allSatisfy({ $0 < count }) else {
            throw PeerPolicyError(
                .damaged, file: "tokenizer.json", "a token is not among the \(count) of the weights",
                remedy: "Use the tokenizer of the model that the policy names.")
        }
        return ids
    }

    /// What a row of the batch is made of, before the network.
    struct Row {
        /// Of each camera in order, fitted; nil for a place that is kept for a missing one.
        var images: [Tensor?]
        var ids: [Int]
        var state: Tensor
    }

    /// - Throws: ``PeerPolicyError`` when no image or no state is present.
    func row(_ inputs: LeRobotInputs, _ index: Int) throws -> Row {
        let renames = preparation.renames
        var images: [String: Tensor] = [:]
        for (name, image) in inputs.images { images[renames[name] ?? name] = image }
        var present: [Tensor?] = []
        var missing = 0
        for camera in configuration.cameras {
            guard let image = images[camera.name] else {
                missing += 1
                continue
            }
            guard image.dtype == .uint8, image.rank == 4, image.shape[3] == 3 else {
                throw PeerPolicyError(
                    .observation, file: "observation", key: camera.name,
                    "an image \(image.shape) of \(image.dtype), expected [batch, height, width, 3] of uint8",
                    remedy: "Give the camera's image.")
            }
            let scaled = preparation.inputNormalizer.normalized(
                image[index].converted(to: .float32) / Tensor(255), camera.name)
            present.append(configuration.fitted(scaled))
        }
        guard !present.isEmpty else {
            throw PeerPolicyError(
                .observation, file: "observation", key: configuration.cameras[0].name,
                "none of the policy's images is present; the observation has "
                    + "\(images.isEmpty ? "none" : images.keys.sorted().joined(separator: ", "))",
                remedy: "Map the world's cameras to the policy's.")
        }
        present += [Tensor?](repeating: nil, count: min(missing, configuration.emptyCameraCount))
        var state = Tensor.zeros([0])
        if let feature = preparation.state {
            let vectors = Dictionary(
                inputs.vectors.map { (renames[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { a, _ in a })
            guard let x = vectors[feature.name], x.rank == 2, x.shape[1] == feature.shape[0] else {
                throw PeerPolicyError(
                    .observation, file: "observation", key: feature.name,
                    "\(vectors[feature.name].map { "shape \($0.shape)" } ?? "missing"), expected [batch, \(feature.shape[0])]",
                    remedy: "Give the numbers the policy was trained with.")
            }
            state = preparation.inputNormalizer.normalized(x[index].converted(to: .float32), feature.name)
        }
        let task = index < inputs.tasks.count ? inputs.tasks[index] : ""
        return Row(images: present, ids: try tokens(task), state: state)
    }

    /// Ids of the special tokens around images; nil where the policy has none.
    ///
    /// - Throws: ``PeerPolicyError`` when the tokenizer does not know them.
    func specialTokens() throws -> (fake: Int, global: Int)? {
        guard configuration.addsSpecialTokens else { return nil }
        guard let fake = tokenizer.id(ofAddedToken: "<fake_token_around_image>"),
            let global = tokenizer.id(ofAddedToken: "<global-img>")
        else {
            throw PeerPolicyError(
                .damaged, file: "tokenizer.json", key: "added_tokens",
                "<fake_token_around_image> or <global-img> is missing",
                remedy: "Use the tokenizer of the model that the policy names.")
        }
        return (fake, global)
    }

    /// Normalized actions of each row, `[batch, chunk, actionSize]`.
    ///
    /// - Parameters:
    ///   - inputs: A batch; a camera that is missing is left out or keeps its empty place.
    ///   - noise: `[batch, chunk, maximumActionSize]` of N(0, 1).
    ///   - usesCache: Whether the prefix is computed once for all steps; the bits are the same without.
    public func normalizedChunks(_ inputs: LeRobotInputs, noise: Tensor, usesCache: Bool = true) throws -> Tensor {
        let special = try specialTokens()
        let chunks = try (0..<noise.shape[0]).map { index -> Tensor in
            let row = try row(inputs, index)
            return withoutGradient {
                func prefix() -> SmolVLAModel.Prefix {
                    model.prefix(
                        model.prefixVectors(images: row.images, ids: row.ids, special: special, state: row.state))
                }
                let stored = usesCache ? model.completed(prefix()) : nil
                let x = model.denoise(noise[index..<index + 1].contiguous, prefix: { stored ?? prefix() })
                return x.slice(axis: 2, 0..<configuration.actionSize).contiguous
            }
        }
        return .concatenated(chunks, axis: 0)
    }

    /// Actions in the robot's units, `[batch, chunk, actionSize]`.
    public func chunks(_ inputs: LeRobotInputs, noise: Tensor) throws -> Tensor {
        preparation.actions(try normalizedChunks(inputs, noise: noise))
    }

    /// One row with noise drawn from a generator.
    public func chunk(_ inputs: LeRobotInputs, using generator: inout some RandomNumberGenerator) throws -> Tensor {
        let noise = Tensor.normal(
            standardDeviation: 1, [1, configuration.chunkSize, configuration.maximumActionSize], using: &generator)
        return try chunks(inputs, noise: noise)
    }

    // MARK: Fine-tuning

    /// The loss of a row for training the expert with the rest frozen: (v − (ε − a))², mean over valid steps and the
    /// robot's dimensions, at x = tε + (1 − t)a.
    ///
    /// - Parameters:
    ///   - model: The model whose parameters are recorded.
    ///   - prefix: Of the row's observation, computed once and kept.
    ///   - actions: `[chunk, actionSize]` in the robot's units.
    ///   - isPadded: Steps past the end of the episode.
    ///   - noise: `[chunk, maximumActionSize]`.
    ///   - time: In 0…1.
    /// - Returns: The sum over valid steps and dimensions, and how many there are.
    public func squaredError(
        of model: SmolVLAModel, prefix: SmolVLAModel.Prefix, actions: Tensor, isPadded: [Bool], noise: Tensor,
        time: Float
    ) -> (sum: Tensor, count: Int) {
        let (chunk, size) = (configuration.chunkSize, configuration.actionSize)
        let padding = configuration.maximumActionSize - size
        let normalized = preparation.normalizedActions(actions)
        let target =
            padding > 0 ? Tensor.concatenated([normalized, .zeros([chunk, padding])], axis: 1) : normalized
        let x = (noise * time + target * (1 - time)).expandingDimension(at: 0)
        let v = model.velocity(x, time: time, prefix: prefix)[0]
        let error = (v - (noise - target)).squared().slice(axis: 1, 0..<size)
        let valid = Tensor(isPadded.map { $0 ? 0 : 1 }, [chunk, 1])
        return ((error * valid).sum(), isPadded.count { !$0 } * size)
    }

    /// Whether a parameter is trained while the prefix is frozen: the expert and the projections of actions and time.
    public static func isTrained(_ name: String) -> Bool {
        name.hasPrefix("model.vlm_with_expert.lm_expert.") || name.hasPrefix("model.action_")
    }

    /// The prefix of a row, for training on it repeatedly.
    public func prefix(_ inputs: LeRobotInputs, row index: Int) throws -> SmolVLAModel.Prefix {
        let special = try specialTokens()
        let row = try row(inputs, index)
        return withoutGradient {
            model.prefix(model.prefixVectors(images: row.images, ids: row.ids, special: special, state: row.state))
        }
    }
}
