import ActionTokenizer
public import TensorCore
public import TensorNN
public import VisionLanguage

/// A policy that writes its actions as tokens of a language model.
///
/// Rows of the cameras, a row of the state and the instruction's tokens stand before the actions (see ``TokenLayout``);
/// everything is causal. Names of MiniMind-V's files and `state_proj`; the output layer is the embedding when tied.
/// Source: Kim et al. 2024, arXiv:2406.09246 (OpenVLA); MiniMind-V; the story's system.
public struct TokenModel: PolicyModel {
    /// What a recipe chooses.
    public struct Settings: Hashable, Codable, Sendable {
        public var decoder = DecoderConfiguration.miniMind07(hiddenSize: 512, layerCount: 8)
        /// The tower, or nil for features that are computed elsewhere.
        public var vision: VisionTowerConfiguration? = .transformer(.clipBase16)
        /// Tokens and width of a picture when there is no tower.
        public var featureCount = 196
        public var featureWidth = 768
        public var projector = ProjectorConfiguration.linear
        public var state = StateProjector.Kind.gelu
        public var order = TokenLayout.Order.imagesFirst
        public var freezesVision = true
        public var loss = TokenLossSettings()

        public init() {}

        /// A small model that is trained from nothing with the policy: about two million weights.
        public static var small: Settings {
            var settings = Settings()
            var decoder = DecoderConfiguration()
            (decoder.hiddenSize, decoder.layerCount, decoder.headCount, decoder.keyValueHeadCount) = (160, 4, 5, 5)
            (decoder.headSize, decoder.intermediateSize, decoder.positionCount) = (32, 448, 1024)
            settings.decoder = decoder
            settings.vision = .convolutional(
                ConvolutionalVisionTower.Configuration(
                    imageSize: 96, stageWidths: [32, 64, 96, 128], residualCount: 0, tokenWidth: 160))
            settings.freezesVision = false
            return settings
        }

        /// The same for a tokenizer and action tokens: with appended ones the decoder gets ids for begin, end and all
        /// bins behind the tokenizer's.
        public func fitted(vocabularySize: Int, tokens: ActionTokenCoding, isAppended: Bool) -> Settings {
            guard isAppended else { return self }
            var settings = self
            settings.decoder.vocabularySize = vocabularySize + 2 + tokens.tokenIDs.count
            (settings.decoder.beginID, settings.decoder.endID) = (vocabularySize, vocabularySize + 1)
            settings.decoder.paddingID = 0
            return settings
        }

        /// The story's system of 2025: 768 × 16, CLIP's features as they are, its state row, its mask by value.
        public static var microVLA2025: Settings {
            var settings = Settings()
            settings.decoder = .miniMind07(hiddenSize: 768, layerCount: 16)
            settings.projector = .identity
            settings.state = .story
            settings.loss = TokenLossSettings(variant: .actionByValue)
            return settings
        }
    }

    public struct Configuration: PolicyModelConfiguration {
        public var sizes: PolicySizes
        public var settings: Settings

        public init(sizes: PolicySizes, settings: Settings = Settings()) {
            (self.sizes, self.settings) = (sizes, settings)
        }

        public func validate() throws {
            try settings.decoder.validate()
            try settings.vision?.validate()
            guard settings.decoder.vocabularySize >= sizes.vocabularySize else {
                throw ConfigurationError(
                    "\(settings.decoder.vocabularySize) ids for a tokenizer of \(sizes.vocabularySize)",
                    advice: "The decoder has to know every id of the tokenizer.")
            }
            guard settings.vision != nil || (1...1 << 16).contains(settings.featureCount) else {
                throw ConfigurationError("\(settings.featureCount) tokens of a picture", advice: "Give 1 or more.")
            }
            guard layout.length(textCount: sizes.promptLength) <= settings.decoder.positionCount else {
                throw ConfigurationError(
                    "\(layout.length(textCount: sizes.promptLength)) tokens for \(settings.decoder.positionCount) places",
                    advice: "Raise positionCount.")
            }
        }

        /// Rows of a picture after the projector.
        public var rowsPerPicture: Int {
            var count = settings.featureCount
            switch settings.vision {
            case .convolutional(let c): count = c.gridSize * c.gridSize
            case .transformer(let c): count = c.patchCount
            case nil: break
            }
            if case .perceptron(let merge) = settings.projector { count /= merge * merge }
            return count
        }

        public var layout: TokenLayout {
            TokenLayout(
                order: settings.order, imageRowCount: sizes.pictures.count * rowsPerPicture,
                hasState: sizes.stateSize > 0, actionTokenCount: sizes.horizon * sizes.dimensionCount)
        }
    }

    public static var family: PolicyFamily { .token }
    public let configuration: Configuration
    public let layout: TokenLayout
    var tower: AnyVisionTower?
    var projector: Projector?
    var state: StateProjector?
    public var decoder: Decoder

    public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        do { try configuration.validate() } catch { fatalError("\(error)") }
        self.configuration = configuration
        layout = configuration.layout
        let (sizes, settings) = (configuration.sizes, configuration.settings)
        decoder = Decoder(settings.decoder, using: &generator)
        if !sizes.pictures.isEmpty {
            var width = settings.featureWidth
            if let vision = settings.vision {
                var made = AnyVisionTower(vision, using: &generator)
                if settings.freezesVision { made.setTrainable(false) }
                width = made.width
                tower = made
            }
            projector = Projector(
                settings.projector, inputWidth: width, outputWidth: settings.decoder.hiddenSize, using: &generator)
        }
        if sizes.stateSize > 0 {
            state = StateProjector(
                settings.state, stateSize: sizes.stateSize, width: settings.decoder.hiddenSize, using: &generator)
        }
    }

    /// The weights of a tower that is not trained, by name; nil when there is none: what features depend on.
    public var frozenTowerWeights: [String: Tensor]? {
        guard let tower, configuration.settings.freezesVision else { return nil }
        return tower.parameters
    }

    // MARK: Rows of a sequence

    /// Tokens of all pictures: `[B, cameras, N, D]`; those of the inputs when they have them.
    public func features(_ inputs: PolicyInputs) -> Tensor? {
        if let features = inputs.features { return features }
        guard let tower, !inputs.pictures.isEmpty else { return nil }
        let (batch, cameras) = (inputs.count, inputs.pictures.count)
        let pixels = Tensor.concatenated(inputs.pictures.map { $0.permuted([0, 3, 1, 2]) }, axis: 0)
        let tokens = tower(pixels)
        return tokens.reshaped([cameras, batch, tower.tokenCount, tower.width]).permuted([1, 0, 2, 3])
    }

    /// Rows of all pictures for the decoder: `[B, C · N, H]`.
    func imageRows(_ inputs: PolicyInputs) -> Tensor? {
        guard let features = features(inputs), let projector else { return nil }
        let (batch, cameras) = (features.shape[0], features.shape[1])
        let rows = projector(features.reshaped([batch * cameras, features.shape[2], features.shape[3]]))
        return rows.reshaped([batch, cameras * rows.shape[1], rows.shape[2]])
    }

    /// The ids of each row of the batch, padded on the right, with the padding's id under images and state.
    ///
    /// - Parameter actions: Action ids of each row; eos follows a whole chunk.
    func ids(_ prompts: [[Int]], actions: [[Int]]) -> (rows: [[Int]], length: Int) {
        let c = decoder.configuration
        let rows = zip(prompts, actions).map { prompt, actions in
            var row = [Int](repeating: c.paddingID, count: layout.prefixCount(textCount: prompt.count))
            row[0] = c.beginID
            row.replaceSubrange(layout.text(textCount: prompt.count), with: prompt)
            row += actions
            if actions.count == layout.actionTokenCount { row.append(c.endID) }
            return row
        }
        let length = rows.map(\.count).max() ?? 0
        return (rows.map { $0 + Array(repeating: c.paddingID, count: length - $0.count) }, length)
    }

    /// The decoder's input for prompts and actions: `[B, T, H]`.
    public func vectors(_ inputs: PolicyInputs, actions: [[Int]]) -> Tensor {
        vectors(inputs, imageRows: imageRows(inputs), actions: actions)
    }

    /// The same for image rows that are known, `[B, C · N, H]`.
    func vectors(_ inputs: PolicyInputs, imageRows: Tensor?, actions: [[Int]]) -> Tensor {
        let (rows, length) = ids(inputs.promptIDs, actions: actions)
        let (batch, width) = (rows.count, decoder.configuration.hiddenSize)
        var vectors = decoder.embed(Tensor(integers: rows.flatMap { $0 }, [batch, length]))
            .reshaped([batch * length, width])
        if let images = imageRows {
            require(
                images.shape == [batch, layout.imageRowCount, width],
                "image rows \(images.shape), expected [\(batch), \(layout.imageRowCount), \(width)]")
            let places = inputs.promptIDs.enumerated().flatMap { row, prompt in
                layout.images(textCount: prompt.count).map { row * length + $0 }
            }
            vectors = vectors.replacingRows(at: places, with: images.reshaped([places.count, width]))
        }
        if let state {
            require(inputs.state != nil, "token model: no state")
            let places = inputs.promptIDs.enumerated().map { row, prompt in
                row * length + layout.state(textCount: prompt.count)!
            }
            vectors = vectors.replacingRows(at: places, with: state(inputs.state!))
        }
        return vectors.reshaped([batch, length, width])
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try decoder.visitParameters(&visitor)
        try visitor.visit("vision_proj", &projector)
        try visitor.visit("state_proj", &state)
        try visitor.visit("vision_encoder", &tower)
    }
}

/// A policy that writes actions as tokens.
public typealias TokenPolicy = LearnedPolicy<TokenModel>
