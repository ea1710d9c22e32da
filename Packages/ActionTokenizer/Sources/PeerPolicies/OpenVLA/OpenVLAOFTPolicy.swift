public import Foundation
public import ImageProcessing
public import TensorCore
public import TensorNN

/// OpenVLA-OFT: several images, the robot's own state and an instruction to a whole chunk of actions in one pass.
///
///     [begin] [patches of image 1] [patches of image 2] … [state] [text … 29871] [K · A zero vectors] [</s>]
///     every position sees every position; S = states at the last text token and the next K · A − 1
///     head: S as [K, A · H] → LN → linear → ReLU → blocks x + ReLU(linear(LN x)) → LN → linear → [K, A]
///
/// Source: Kim et al. 2025, arXiv:2502.19645.
public struct OpenVLAOFTPolicy: Sendable {
    public var model: OpenVLAModel
    public let tokenizer: LlamaTokenizer
    public let actions: OpenVLAStatistics.Range
    /// Of the robot's own state; nil without a projector of it.
    public let state: OpenVLAStatistics.Range?
    public var head: OFTActionHead?
    public var stateProjector: [Linear]
    public let settings: Settings
    public let key: String
    public let findings: [PeerFinding]

    /// What the folder does not say.
    public struct Settings: Hashable, Sendable {
        /// Actions of a chunk: 8 for LIBERO, 25 for ALOHA, 5 for Bridge.
        public var chunkSize: Int
        /// Images: 2 for LIBERO (main, then wrist), 3 for ALOHA.
        public var imageCount: Int
        public var bounds: OpenVLAStatistics.Bounds

        public init(chunkSize: Int, imageCount: Int, bounds: OpenVLAStatistics.Bounds = .quantiles) {
            self.chunkSize = chunkSize
            self.imageCount = imageCount
            self.bounds = bounds
        }

        public static let libero = Settings(chunkSize: 8, imageCount: 2)
    }

    /// - Parameters:
    ///   - folder: The checkpoint.
    ///   - key: The data set; may be nil where the folder has statistics of one only.
    ///   - settings: What the folder does not say.
    ///   - visionFile: Vision weights with FiLM; looked for in the folder when nil.
    /// - Throws: ``PeerPolicyError``.
    public init(_ folder: OpenVLAFolder, key: String? = nil, settings: Settings, visionFile: URL? = nil) throws {
        guard (1...1024).contains(settings.chunkSize), (1...16).contains(settings.imageCount) else {
            throw PeerPolicyError(
                .needsOption, file: folder.url.lastPathComponent,
                "chunks of \(settings.chunkSize) from \(settings.imageCount) images",
                remedy: "LIBERO has chunks of 8 from 2 images.")
        }
        self.settings = settings
        self.key = try folder.statistics.key(key)
        actions = try folder.statistics.range(self.key, "action", bounds: settings.bounds)
        let width = folder.configuration.hiddenSize
        var vision: WeightSource?
        if let url = try visionFile ?? OpenVLAFolder.component("vision_backbone", in: folder.url) {
            var tensors: [String: Tensor] = [:]
            for (name, tensor) in try OpenVLAFolder.tensors(at: url) {
                tensors[name.hasPrefix("vision_backbone.") ? name : "vision_backbone.\(name)"] = tensor
            }
            vision = WeightSource(tensors, file: url.lastPathComponent)
        }
        model = try OpenVLAModel(
            folder.configuration, from: WeightSource(folder.weights, file: "model.safetensors"), vision: vision)
        if let url = try OpenVLAFolder.component("action_head", in: folder.url) {
            let source = WeightSource(try OpenVLAFolder.tensors(at: url), file: url.lastPathComponent)
            head = try OFTActionHead(hiddenSize: width, actionSize: actions.low.count, from: source)
        }
        guard try OpenVLAFolder.component("noisy_action_projector", in: folder.url) == nil else {
            throw PeerPolicyError(
                .unsupported, file: folder.url.lastPathComponent, key: "noisy_action_projector",
                "a diffusion head", remedy: "Checkpoints with an L1 head or discrete actions are built.")
        }
        if let url = try OpenVLAFolder.component("proprio_projector", in: folder.url) {
            let range = try folder.statistics.range(self.key, "proprio", bounds: settings.bounds)
            let source = WeightSource(try OpenVLAFolder.tensors(at: url), file: url.lastPathComponent)
            stateProjector = [
                source.linear("fc1", range.low.count, width), source.linear("fc2", width, width),
            ]
            try source.finish()
            state = range
        } else {
            stateProjector = []
            state = nil
        }
        tokenizer = folder.tokenizer
        findings = folder.findings
    }

    /// The end token, whose embedding follows the actions.
    static let endToken = 2

    /// `[1, 6 · images, size, size]`.
    public func pixels(_ images: [RGBImage]) -> Tensor {
        .concatenated(images.flatMap { image in model.configuration.images.map { $0(image) } }, axis: 1)
    }

    /// The robot's own state in −1…1.
    func normalizedState(_ values: [Double]) throws -> [Double] {
        guard let state, values.count == state.low.count else {
            throw PeerPolicyError(
                .observation, file: "observation", key: "proprio",
                "\(values.count) numbers, the statistics have \(state?.low.count ?? 0)",
                remedy: "Give the state the policy was trained with.")
        }
        return state.normalized(values, epsilon: 1e-8)
    }

    /// What one pass computes.
    struct Pass {
        /// `[1, K · A, hiddenSize]`.
        var states: Tensor
        /// The whole input.
        var vectors: Tensor
    }

    /// - Parameters:
    ///   - ids: Of the prompt, 29871 at the end.
    ///   - pixels: `[1, 6 · images, size, size]`.
    ///   - state: Normalized; nil for policies without.
    ///   - observe: Called with the name and result of each stage.
    func pass(
        ids: [Int], pixels: Tensor, state: [Double]?, observe: (String, Tensor) -> Void = { _, _ in }
    ) -> Pass {
        let width = model.configuration.hiddenSize
        let count = settings.chunkSize * actions.low.count
        // the mean of all tokens that are no actions, the end token among them
        var language: Tensor?
        if !model.dino.modulations.isEmpty {
            language = model.embed(ids + [Self.endToken]).mean(axes: [1]).reshaped([width])
        }
        let features = (0..<settings.imageCount).map { index in
            model.features(pixels.slice(axis: 1, 6 * index..<6 * (index + 1)).contiguous, language: language)
        }
        let joined = Tensor.concatenated(features, axis: 1)
        observe("vision_features", joined)
        let projected = model.projected(joined)
        observe("projected", projected)
        var parts = [model.embed([ids[0]]), projected]
        if let state, stateProjector.count == 2 {
            let x = Tensor(state.map { Float($0) }, [1, state.count])
            let token = stateProjector[1](stateProjector[0](x).gelu(.exact))
            observe("proprio_token", token)
            parts.append(token.expandingDimension(at: 1))
        }
        parts += [model.embed(Array(ids[1...])), .zeros([1, count, width]), model.embed([Self.endToken])]
        let vectors = Tensor.concatenated(parts, axis: 1)
        observe("input_embeddings", vectors)
        var cache = model.makeCache()
        let states = model.states(vectors, mask: .full, cache: &cache) { observe("layer.\($0)", $1) }
        // the state of a position predicts what comes next
        let first = vectors.shape[1] - 1 - count - 1
        return Pass(states: states.slice(axis: 1, first..<first + count).contiguous, vectors: vectors)
    }

    /// Actions in −1…1: of the head, or of the likeliest tokens without one.
    func normalizedActions(
        _ pass: Pass, usesHead: Bool = true, observe: (String, Tensor) -> Void = { _, _ in }
    ) -> [[Double]] {
        let size = actions.low.count
        if usesHead, let head {
            let rows = pass.states.reshaped([settings.chunkSize, -1])
            return head(rows, observe: observe).floats.map(Double.init).chunked(size)
        }
        let ids = model.head(pass.states).reshaped([settings.chunkSize * size, -1]).argmax()
        return OpenVLAPolicy.normalized(ids, model.configuration).chunked(size)
    }

    /// A chunk of actions in the robot's units.
    ///
    /// - Parameters:
    ///   - images: Main camera first, as the training data showed them.
    ///   - state: The robot's own state; nil for policies without.
    ///   - task: The instruction.
    public func actions(_ images: [RGBImage], state: [Double]?, task: String) throws -> [[Double]] {
        guard images.count == settings.imageCount else {
            throw PeerPolicyError(
                .observation, file: "observation", key: "images",
                "\(images.count) images, the policy takes \(settings.imageCount)",
                remedy: "Give the main camera's first, then the wrist's.")
        }
        var ids = tokenizer.encode(OpenVLAPolicy.prompt(task))
        if ids.last != OpenVLAPolicy.emptyToken { ids.append(OpenVLAPolicy.emptyToken) }
        let patches = model.dino.positions.value.shape[1] * images.count
        guard ids.count + patches + settings.chunkSize * actions.low.count + 2 <= OpenVLAModel.positionCount else {
            throw PeerPolicyError(
                .observation, file: "observation", key: "task", "an instruction of \(ids.count) tokens",
                remedy: "Give a shorter instruction.")
        }
        let normalized = try self.state.map { _ in try normalizedState(state ?? []) }
        return withoutGradient {
            let pass = pass(ids: ids, pixels: pixels(images), state: normalized)
            return normalizedActions(pass).map { actions.denormalized($0, epsilon: 1e-8) }
        }
    }
}

/// OFT's head: the states of an action's positions to the action.
public struct OFTActionHead: Module {
    public var firstNorm: LayerNorm
    public var first: Linear
    public var blocks: [Block]
    public var secondNorm: LayerNorm
    public var second: Linear

    /// x + ReLU(linear(LN x)).
    public struct Block: Module {
        public var norm: LayerNorm
        public var linear: Linear

        public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("ffn.0", &norm)
            try visitor.visit("ffn.1", &linear)
        }
    }

    init(hiddenSize: Int, actionSize: Int, from source: WeightSource) throws {
        let input = hiddenSize * actionSize
        firstNorm = source.layerNorm("model.layer_norm1", input)
        first = source.linear("model.fc1", input, nil)
        let width = source.shape("model.fc1.weight")?.first
        var count = 0
        while count < 256, source.contains("model.mlp_resnet_blocks.\(count).ffn.1.weight") { count += 1 }
        blocks = (0..<count).map {
            Block(
                norm: source.layerNorm("model.mlp_resnet_blocks.\($0).ffn.0", width),
                linear: source.linear("model.mlp_resnet_blocks.\($0).ffn.1", width, width))
        }
        secondNorm = source.layerNorm("model.layer_norm2", width)
        second = source.linear("model.fc2", width, actionSize)
        try source.finish()
    }

    /// `[K, A · hiddenSize]` → `[K, A]`.
    func callAsFunction(_ x: Tensor, observe: (String, Tensor) -> Void = { _, _ in }) -> Tensor {
        let projected = first(firstNorm(x))
        observe("head.fc1", projected)
        var y = projected.relu()
        for (index, block) in blocks.enumerated() {
            y = y + block.linear(block.norm(y)).relu()
            observe("head.block.\(index)", y)
        }
        return second(secondNorm(y))
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("model.layer_norm1", &firstNorm)
        try visitor.visit("model.fc1", &first)
        try visitor.visit("model.mlp_resnet_blocks", &blocks)
        try visitor.visit("model.layer_norm2", &secondNorm)
        try visitor.visit("model.fc2", &second)
    }
}

extension Array {
    /// Pieces of a length.
    func chunked(_ length: Int) -> [[Element]] {
        stride(from: 0, to: count, by: length).map { Array(self[$0..<Swift.min($0 + length, count)]) }
    }
}
