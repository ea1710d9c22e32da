public import TensorCore
public import TensorNN
import VisionLanguage

/// The part that small policies share: images, state and instruction, and questions about them, through blocks in
/// which all of them see each other.
///
///     tokens = [cameras · N image tokens] [state] [instruction] [queries]
///
/// The output at the queries after the last block is the result.
public struct PolicyEncoder: Module {
    /// The sizes of the network, apart from what data and actions fix.
    public struct Configuration: Hashable, Codable, Sendable {
        /// Nil if the policy takes no images: a control that uses only state and instruction.
        public var vision: PolicyVision.Configuration? = PolicyVision.Configuration()
        /// Elements of a token.
        public var width = 128
        public var layerCount = 3
        public var headCount = 4
        /// Width inside the feed-forward parts.
        public var intermediateSize = 384

        public init() {}

        /// Weights that every such encoder has.
        func leastParameterCount(_ sizes: PolicySizes) -> Double {
            let w = Double(width)
            var count = Double(layerCount) * (4 * w * w + 2 * w * Double(intermediateSize))
            count += Double(sizes.vocabularySize + sizes.promptLength) * w + Double(sizes.stateSize) * w
            if let vision {
                for size in sizes.images.prefix(vision.isShared ? 1 : sizes.images.count) {
                    count +=
                        vision.tower(imageSize: size[0], tokenWidth: width, conditionWidth: nil)
                        .leastParameterCount
                }
            }
            return count
        }

        /// - Throws: `ConfigurationError`.
        func validate(_ sizes: PolicySizes) throws {
            try sizes.validate()
            for (name, size) in [
                ("width", width), ("layerCount", layerCount), ("headCount", headCount),
                ("intermediateSize", intermediateSize), ("horizon", sizes.horizon),
                ("dimensionCount", sizes.dimensionCount),
            ] where size < 1 || size > 1 << 16 {
                throw ConfigurationError("\(name) \(size)", advice: "It has to be from 1 to 65536.")
            }
            guard width % headCount == 0 else {
                throw ConfigurationError(
                    "\(headCount) heads of a width of \(width)", advice: "The width has to be a multiple of the heads.")
            }
            guard (vision == nil) == sizes.images.isEmpty else {
                throw ConfigurationError(
                    "\(sizes.images.count) cameras for a model \(vision == nil ? "without" : "with") eyes",
                    advice: "Give a model without eyes no cameras.")
            }
            guard vision != nil || sizes.stateSize > 0 || sizes.vocabularySize > 0 else {
                throw ConfigurationError("no input at all", advice: "Give it images, a state or an instruction.")
            }
            guard let vision else { return }
            guard sizes.images.allSatisfy({ $0.count == 2 && $0[0] == $0[1] }),
                !vision.isShared || Set(sizes.images).count == 1
            else {
                throw ConfigurationError(
                    "images of \(sizes.images)",
                    advice: "They have to be square, and of one size when the cameras share a tower.")
            }
            for size in sizes.images {
                try vision.tower(imageSize: size[0], tokenWidth: width, conditionWidth: nil).validate()
            }
        }
    }

    private var vision: PolicyVision?
    private var instruction: InstructionEncoder?
    private var state: MLP?
    /// Added to the state and the instruction tokens, `[2, D]`.
    private var kinds: Parameter
    private var blocks: [EncoderBlock]
    private var norm: LayerNorm

    public init(
        _ configuration: Configuration, sizes: PolicySizes, using generator: inout some RandomNumberGenerator
    ) {
        let width = configuration.width
        let hasPrompt = sizes.vocabularySize > 0
        if hasPrompt {
            instruction = InstructionEncoder(
                vocabularySize: sizes.vocabularySize, promptLength: sizes.promptLength, width: width,
                using: &generator)
        }
        if let settings = configuration.vision {
            vision = PolicyVision(
                settings, sizes: sizes.images, tokenWidth: width, conditionWidth: hasPrompt ? width : nil,
                using: &generator)
        }
        if sizes.stateSize > 0 {
            state = MLP(
                first: Linear(sizes.stateSize, width, using: &generator),
                second: Linear(width, width, using: &generator), activation: .exact)
        }
        kinds = Parameter(.normal(standardDeviation: 0.02, [2, width], using: &generator))
        blocks = (0..<configuration.layerCount).map { _ in
            EncoderBlock(
                width: width, headCount: configuration.headCount, intermediateSize: configuration.intermediateSize,
                using: &generator)
        }
        norm = LayerNorm(width)
    }

    /// Tokens of the inputs: `[B, T, D]`. They do not depend on the queries.
    public func context(_ inputs: PolicyInputs) -> Tensor { look(at: inputs).context }

    /// Tokens of the inputs, and the scores of the places the first camera's first keypoint may look at; see
    /// ``PolicyVision``.
    func look(at inputs: PolicyInputs) -> (context: Tensor, scores: Tensor?) {
        let words = instruction.map { $0(inputs.promptIDs) }
        var tokens: [Tensor] = []
        var scores: Tensor?
        if let vision {
            let seen = Profiler.module("vision") { vision(inputs.images, condition: words) }
            tokens.append(seen.tokens)
            scores = seen.scores
        }
        if let state {
            require(inputs.state != nil, "policy encoder: no state")
            tokens.append((state(inputs.state!) + kinds.value[0]).expandingDimension(at: 1))
        }
        if let words { tokens.append((words + kinds.value[1]).expandingDimension(at: 1)) }
        return (tokens.count == 1 ? tokens[0] : .concatenated(tokens, axis: 1), scores)
    }

    /// The answers to queries `[B, Q, D]` about a context `[B, T, D]`: `[B, Q, D]`.
    ///
    /// - Parameters:
    ///   - queries: `[B, Q, D]`.
    ///   - context: `[B, T, D]`.
    ///   - contextSeesQueries: Whether what is known may depend on what is asked; not where queries are noisy actions.
    public func answers(to queries: Tensor, about context: Tensor, contextSeesQueries: Bool = true) -> Tensor {
        let (known, count) = (context.shape[1], queries.shape[1])
        let mask: AttentionMask =
            contextSeesQueries
            ? .full : .blocks(openedBy: [Int](repeating: 0, count: known) + [1] + [Int](repeating: 0, count: count - 1))
        var h = Tensor.concatenated([context, queries], axis: 1)
        for (index, block) in blocks.dropLast().enumerated() {
            h = Profiler.module("blocks.\(index)") { block(h, mask: mask) }
        }
        return norm(blocks[blocks.count - 1](h, lastTokens: count, mask: .full))
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("instruction", &instruction)
        try visitor.visit("vision", &vision)
        try visitor.visit("state", &state)
        try visitor.visit("kinds", &kinds)
        try visitor.visit("blocks", &blocks)
        try visitor.visit("norm", &norm)
    }
}
