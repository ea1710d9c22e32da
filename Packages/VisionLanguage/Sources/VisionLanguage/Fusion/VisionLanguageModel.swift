public import TensorCore
public import TensorNN

/// A decoder that takes images: image tokens are projected to its width and stand among the embedded ids.
///
///     rows = projector(tower(pixels));  vectors = embedding(ids) with the rows in their places;  decoder(vectors)
///
/// Any ``AnyVisionTower`` fits. A policy holds one of these and adds what it knows of the robot: rows of its own, inserted
/// by ``insert(_:at:into:)``.
///
/// Axes: `B` sequences, `T` tokens, `M` images, `N` rows of an image, `H` hidden size. Names of MiniMind-V's files; the
/// tower is `vision_encoder.…` and saved apart there.
public struct VisionLanguageModel: Module {
    /// `nil` if image tokens are computed elsewhere, or there are no images.
    public var tower: AnyVisionTower?
    /// `nil` if there are no images.
    public var projector: Projector?
    public var decoder: Decoder

    public init(tower: AnyVisionTower? = nil, projector: Projector? = nil, decoder: Decoder) {
        self.tower = tower
        self.projector = projector
        self.decoder = decoder
    }

    /// Draws all weights.
    public init(
        vision: VisionTowerConfiguration, projector: ProjectorConfiguration, decoder: DecoderConfiguration,
        using generator: inout some RandomNumberGenerator
    ) {
        let isLoaded = decoder.initialization == .zero
        tower = AnyVisionTower(
            vision, initialization: isLoaded ? .zero : .normal(standardDeviation: 0.02), using: &generator)
        self.decoder = Decoder(decoder, using: &generator)
        // in both generations drawn as linear layers are by default
        self.projector = Projector(
            projector, inputWidth: vision.width, outputWidth: decoder.hiddenSize,
            initialization: isLoaded ? .zero : .uniformByInputSize, using: &generator)
    }

    /// Draws all weights, with a transformer as tower.
    public init(
        vision: VisionTransformerConfiguration, projector: ProjectorConfiguration, decoder: DecoderConfiguration,
        using generator: inout some RandomNumberGenerator
    ) {
        self.init(vision: .transformer(vision), projector: projector, decoder: decoder, using: &generator)
    }

    /// Rows of an image, N; 0 without a tower.
    public var tokensPerImage: Int {
        guard let tower else { return 0 }
        let merge = projector?.configuration.merge ?? 1
        return tower.tokenCount / (merge * merge)
    }

    /// The tower's tokens and scores: pixels `[M, 3, height, width]` → `[M, tokens, width]`. Traps without a tower.
    ///
    /// Nothing is recorded for a tower that is frozen.
    public func towerOutput(_ pixels: Tensor) -> AnyVisionTower.Output {
        require(tower != nil, "images for a model without a vision tower")
        return Profiler.module("vision_encoder") { tower!.output(pixels) }
    }

    /// The tower's tokens: pixels `[M, 3, height, width]` → `[M, tokens, width]`. Traps without a tower.
    public func imageTokens(_ pixels: Tensor) -> Tensor { towerOutput(pixels).tokens }

    /// Image tokens → rows for the decoder, `[M, N, H]`. Traps without a projector.
    public func imageRows(_ tokens: Tensor) -> Tensor {
        require(projector != nil, "image tokens for a model without a projector")
        return Profiler.module("vision_proj") { projector!(tokens) }
    }

    /// Embedded ids with image rows in their places.
    ///
    /// - Parameters:
    ///   - ids: Integers `[B, T]`; those under image rows do not matter.
    ///   - rows: `[M, N, H]`.
    ///   - runs: Where each image stands. Traps unless each has N tokens inside of its sequence and none overlap.
    public func embed(_ ids: Tensor, rows: Tensor, at runs: [ImageRun]) -> Tensor {
        Self.insert(rows, at: runs, into: decoder.embed(ids))
    }

    /// Sequences of vectors `[B, T, H]` with rows in the places of some of them.
    ///
    /// - Parameters:
    ///   - rows: `[M, N, H]`: of images, or of anything else that a sequence holds, such as a robot's state.
    ///   - runs: Where each of the M stands. Traps unless each has N tokens inside of its sequence and none overlap.
    ///   - vectors: The sequences.
    public static func insert(_ rows: Tensor, at runs: [ImageRun], into vectors: Tensor) -> Tensor {
        guard !runs.isEmpty else { return vectors }
        let (batch, length, width) = (vectors.shape[0], vectors.shape[1], vectors.shape[2])
        require(
            rows.rank == 3 && rows.shape[2] == width, "image rows \(rows.shape) for a decoder of width \(width)")
        let count = rows.shape[1]
        var (places, sources): ([Int], [Int]) = ([], [])
        for run in runs {
            require(
                run.tokens.count == count && run.tokens.lowerBound >= 0 && run.tokens.upperBound <= length
                    && (0..<batch).contains(run.sequence) && (0..<rows.shape[0]).contains(run.image),
                "image \(run.image) of \(rows.shape) at tokens \(run.tokens) of sequence \(run.sequence), "
                    + "vectors \(vectors.shape)"
            )
            places += run.tokens.map { run.sequence * length + $0 }
            sources += (0..<count).map { run.image * count + $0 }
        }
        let whole = rows.reshaped([rows.shape[0] * count, width])
        let isInOrder = sources == Array(0..<rows.shape[0] * count)
        return vectors.reshaped([batch * length, width])
            .replacingRows(at: places, with: isInOrder ? whole : whole.gatheringRows(sources))
            .reshaped([batch, length, width])
    }

    /// Hidden states of sequences with images.
    ///
    /// - Parameters:
    ///   - ids: `[B, T]`, with a run of marks for each image.
    ///   - pixels: `[M, 3, height, width]`; nil when there are no images.
    ///   - runs: Where the images' rows stand; one for each image.
    ///   - mask: Which tokens a token sees.
    ///   - cache: The tokens before; it gets these. Images among the tokens before are in it already.
    ///   - dropout: In training; nil for none.
    public func callAsFunction(
        _ ids: Tensor, pixels: Tensor? = nil, at runs: [ImageRun] = [], mask: AttentionMask = .causal,
        cache: inout KeyValueCache?, dropout: inout Dropout?
    ) -> Decoder.Output {
        require(pixels != nil || runs.isEmpty, "\(runs.count) places for images, and no pixels")
        let vectors = pixels.map { embed(ids, rows: imageRows(imageTokens($0)), at: runs) } ?? decoder.embed(ids)
        return decoder(vectors, mask: mask, cache: &cache, dropout: &dropout)
    }

    /// Hidden states of whole sequences with images, without cache and dropout.
    public func callAsFunction(_ ids: Tensor, pixels: Tensor? = nil, at runs: [ImageRun] = []) -> Decoder.Output {
        var (cache, dropout): (KeyValueCache?, Dropout?) = (nil, nil)
        return self(ids, pixels: pixels, at: runs, cache: &cache, dropout: &dropout)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try decoder.visitParameters(&visitor)
        try visitor.visit("vision_proj", &projector)
        try visitor.visit("vision_encoder", &tower)
    }
}
