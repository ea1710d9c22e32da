import ActionTokenizer
public import TensorCore
public import TensorNN
public import VisionLanguage

/// A policy that writes its actions as tokens of a language model.
///
/// Rows of the cameras, a row of the state and the instruction's tokens stand before the actions (see ``TokenLayout``);
/// everything is causal. Names of MiniMind-V's files and `state_proj`; the output layer is the embedding when tied.
/// Source: Kim et al. 2024, arXiv:2406.09246 (OpenVLA); MiniMind-V; the 2025 system.
public struct TokenModel: PolicyModel {
    /// What a recipe chooses.
    public struct Settings: Hashable, Codable, Sendable {
        public var decoder = DecoderConfiguration.miniMind07(hiddenSize: 512, layerCount: 8)
        /// The tower, or nil for features that are computed elsewhere.
        public var vision: VisionTowerConfiguration? = .transformer(.clipBase16)
        /// Tokens and width of an image when there is no tower.
        public var featureCount = 196
        public var featureWidth = 768
        public var projector = ProjectorConfiguration.linear
        public var state = StateProjector.Kind.gelu
        public var order = TokenLayout.Order.imagesFirst
        public var freezesVision = true
        public var loss = TokenLossSettings()
        /// Most tokens of a chunk, where chunks differ; nil for one token each number.
        public var actionTokenLimit: Int?
        /// How the first camera sees the world. With it, and a tower of keypoints, the first keypoint is taught to look at
        /// the place of the next gripper event; see ``RegressionModel/Settings/pointing``. Used in training only.
        public var pointing: CameraProjection?
        public var pointingWeight: Float = 0.3

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
        /// bins after the tokenizer's.
        public func fitted(vocabularySize: Int, tokens: ActionTokenCoding, isAppended: Bool) -> Settings {
            var settings = self
            settings.actionTokenLimit = tokens.fast?.tokenLimit
            guard isAppended else { return settings }
            settings.decoder.vocabularySize = vocabularySize + 2 + tokens.tokenIDs.count
            (settings.decoder.beginID, settings.decoder.endID) = (vocabularySize, vocabularySize + 1)
            settings.decoder.paddingID = 0
            return settings
        }

        /// The 2025 system as published: 768 × 16, CLIP's features as they are, its state row, its mask by value.
        public static var microVLA2025: Settings {
            var settings = Settings()
            settings.decoder = .miniMind07(hiddenSize: 768, layerCount: 16)
            settings.projector = .identity
            settings.state = .microVLA2025
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

        /// One for each kind of tower.
        public static var defaultSettings: [Settings] {
            let towers: [VisionTowerConfiguration] = [
                .convolutional(.init()), .keypoints(.init()), .transformer(.clipBase16),
            ]
            return towers.map { tower in
                var settings = Settings()
                settings.vision = tower
                return settings
            }
        }

        public var leastParameterCount: Double {
            let d = settings.decoder
            let (h, width) = (Double(d.hiddenSize), Double(d.headSize))
            let attention = 2 * Double(d.headCount + d.keyValueHeadCount) * width * h
            let mlp = d.experts == nil ? 3 * h * Double(d.intermediateSize) : 0
            return Double(d.vocabularySize) * h + Double(d.layerCount) * (attention + mlp)
                + (sizes.images.isEmpty ? 0 : settings.vision?.leastParameterCount ?? 0)
        }

        public func validate() throws {
            try sizes.validate()
            try settings.decoder.validate()
            try settings.vision?.validate()
            guard settings.decoder.vocabularySize >= sizes.vocabularySize else {
                throw ConfigurationError(
                    "\(settings.decoder.vocabularySize) ids for a tokenizer of \(sizes.vocabularySize)",
                    advice: "The decoder has to know every id of the tokenizer.")
            }
            if let imageSize = settings.vision?.imageSize,
                let other = sizes.images.first(where: { $0 != [imageSize, imageSize] })
            {
                throw ConfigurationError(
                    "images of \(other) for a tower of \(imageSize)", advice: "The pipeline has to make that size.")
            }
            guard settings.decoder.positionCount * settings.decoder.headSize <= 1 << 24 else {
                throw ConfigurationError(
                    "\(settings.decoder.positionCount) places for heads of \(settings.decoder.headSize)",
                    advice: "Their product is at most 2²⁴.")
            }
            guard settings.vision != nil || (1...1 << 16).contains(settings.featureCount) else {
                throw ConfigurationError("\(settings.featureCount) tokens of an image", advice: "Give 1 or more.")
            }
            guard (1...1 << 20).contains(settings.actionTokenLimit ?? 1),
                layout.length(textCount: sizes.promptLength) <= settings.decoder.positionCount
            else {
                throw ConfigurationError(
                    "\(layout.length(textCount: sizes.promptLength)) tokens for \(settings.decoder.positionCount) places",
                    advice: "Raise positionCount.")
            }
        }

        /// Rows of an image after the projector.
        public var rowsPerImage: Int {
            let count = settings.vision?.tokenCount ?? settings.featureCount
            guard case .perceptron(let merge) = settings.projector else { return count }
            return count / (merge * merge)
        }

        public var layout: TokenLayout {
            TokenLayout(
                order: settings.order, imageRowCount: sizes.images.count * rowsPerImage,
                hasState: sizes.stateSize > 0,
                actionTokenCount: settings.actionTokenLimit ?? sizes.horizon * sizes.dimensionCount)
        }
    }

    public static var family: PolicyFamily { .token }
    public let configuration: Configuration
    public let layout: TokenLayout
    /// Images and instruction to rows, and rows to hidden states. The state's row is added by this model.
    public internal(set) var visionLanguage: VisionLanguageModel
    var state: StateProjector?
    /// Keeps what is known of instructions from call to call; nil to compute it each time. Of use with the instruction
    /// first alone.
    public var prefixes: InstructionPrefixes?

    public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        do { try configuration.validate() } catch { fatalError("\(error)") }
        self.configuration = configuration
        layout = configuration.layout
        let (sizes, settings) = (configuration.sizes, configuration.settings)
        visionLanguage = VisionLanguageModel(decoder: Decoder(settings.decoder, using: &generator))
        if !sizes.images.isEmpty {
            if let vision = settings.vision {
                visionLanguage.tower = AnyVisionTower(vision, using: &generator)
                if settings.freezesVision { visionLanguage.tower?.setTrainable(false) }
            }
            visionLanguage.projector = Projector(
                settings.projector, inputWidth: settings.vision?.width ?? settings.featureWidth,
                outputWidth: settings.decoder.hiddenSize, using: &generator)
        }
        if sizes.stateSize > 0 {
            state = StateProjector(
                settings.state, stateSize: sizes.stateSize, width: settings.decoder.hiddenSize, using: &generator)
        }
    }

    public var decoder: Decoder { visionLanguage.decoder }

    /// The weights of a tower that is not trained, by name; nil when there is none: what features depend on.
    public var frozenTowerWeights: [String: Tensor]? {
        guard let tower = visionLanguage.tower, configuration.settings.freezesVision else { return nil }
        return tower.parameters
    }

    // MARK: Rows of a sequence

    /// Tokens of all images: `[B, cameras, N, D]`; those of the inputs when they have them.
    public func features(_ inputs: PolicyInputs) -> Tensor? { look(at: inputs).features }

    /// The same, and the scores of the places that a tower of keypoints' first one looks at in the first camera, `[B, N]`.
    private func look(at inputs: PolicyInputs) -> (features: Tensor?, scores: Tensor?) {
        if let features = inputs.features { return (features, nil) }
        guard let tower = visionLanguage.tower, !inputs.images.isEmpty else { return (nil, nil) }
        let (batch, cameras) = (inputs.count, inputs.images.count)
        let pixels = Tensor.concatenated(inputs.images.map { $0.permuted([0, 3, 1, 2]) }, axis: 0)
        let output = visionLanguage.towerOutput(pixels)
        let tokens = output.tokens.reshaped([cameras, batch, tower.tokenCount, tower.width]).permuted([1, 0, 2, 3])
        return (tokens, output.keypointScores.map { $0.slice(axis: 0, 0..<batch).select(axis: 1, 0) })
    }

    /// Rows of all images for the decoder: `[B · C, N, H]`, the cameras of a row of the batch one after another.
    func imageRows(_ inputs: PolicyInputs) -> Tensor? { imageRowsAndScores(inputs).rows }

    /// The same with the scores of ``PointingTargets``.
    func imageRowsAndScores(_ inputs: PolicyInputs) -> (rows: Tensor?, scores: Tensor?) {
        let (features, scores) = look(at: inputs)
        guard let features, visionLanguage.projector != nil else { return (nil, scores) }
        let (batch, cameras) = (features.shape[0], features.shape[1])
        let rows = visionLanguage.imageRows(
            features.reshaped([batch * cameras, features.shape[2], features.shape[3]]))
        return (rows, scores)
    }

    /// The ids of each row of the batch, padded on the right, with the padding's id under images and state.
    ///
    /// - Parameters:
    ///   - actions: Action ids of each row; eos follows a whole chunk.
    ///   - isWhole: Whether they are whole chunks; nil for those that are as long as chunks may be.
    func ids(_ prompts: [[Int]], actions: [[Int]], isWhole: Bool? = nil) -> (rows: [[Int]], length: Int) {
        let c = decoder.configuration
        let rows = zip(prompts, actions).map { prompt, actions in
            var row = [Int](repeating: c.paddingID, count: layout.prefixCount(textCount: prompt.count))
            row[0] = c.beginID
            row.replaceSubrange(layout.text(textCount: prompt.count), with: prompt)
            row += actions
            if isWhole ?? (actions.count == layout.actionTokenCount) { row.append(c.endID) }
            return row
        }
        let length = rows.map(\.count).max() ?? 0
        return (rows.map { $0 + Array(repeating: c.paddingID, count: length - $0.count) }, length)
    }

    /// The decoder's input for prompts and actions: `[B, T, H]`.
    public func vectors(_ inputs: PolicyInputs, actions: [[Int]]) -> Tensor {
        vectors(inputs, imageRows: imageRows(inputs), actions: actions)
    }

    /// The same for image rows that are known, `[B · C, N, H]`.
    func vectors(_ inputs: PolicyInputs, imageRows: Tensor?, actions: [[Int]], isWhole: Bool? = nil) -> Tensor {
        let (rows, length) = ids(inputs.promptIDs, actions: actions, isWhole: isWhole)
        let (batch, width) = (rows.count, decoder.configuration.hiddenSize)
        let ids = Tensor(integers: rows.flatMap { $0 }, [batch, length])
        var vectors: Tensor
        if let images = imageRows {
            let (cameras, count) = (configuration.sizes.images.count, configuration.rowsPerImage)
            require(
                images.shape == [batch * cameras, count, width],
                "image rows \(images.shape), expected [\(batch * cameras), \(count), \(width)]")
            let runs = inputs.promptIDs.enumerated().flatMap { row, prompt in
                let first = layout.images(textCount: prompt.count).lowerBound
                return (0..<cameras).map { camera in
                    ImageRun(
                        sequence: row, tokens: first + camera * count..<first + (camera + 1) * count,
                        image: row * cameras + camera)
                }
            }
            vectors = visionLanguage.embed(ids, rows: images, at: runs)
        } else {
            vectors = decoder.embed(ids)
        }
        if let state {
            require(inputs.state != nil, "token model: no state")
            let runs = inputs.promptIDs.enumerated().map { row, prompt in
                let place = layout.state(textCount: prompt.count)!
                return ImageRun(sequence: row, tokens: place..<place + 1, image: row)
            }
            let row = state(inputs.state!).reshaped([batch, 1, width])
            vectors = VisionLanguageModel.insert(row, at: runs, into: vectors)
        }
        return vectors
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        // weights may change
        if prefixes != nil { prefixes = InstructionPrefixes() }
        // the names and the order of checkpoints: the vision-language model's with the state's before the tower's
        try visionLanguage.decoder.visitParameters(&visitor)
        try visitor.visit("vision_proj", &visionLanguage.projector)
        try visitor.visit("state_proj", &state)
        try visitor.visit("vision_encoder", &visionLanguage.tower)
    }
}

/// A policy that writes actions as tokens.
public typealias TokenPolicy = LearnedPolicy<TokenModel>

extension PolicyRecipe {
    /// The settings of the family ``PolicyFamily/token``.
    public var token: TokenModel.Settings? {
        get { settings(of: TokenModel.self) }
        set { setSettings(newValue, of: TokenModel.self) }
    }
}
