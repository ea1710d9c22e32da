public import TensorCore
public import TensorNN

/// A vision tower of any kind.
public enum AnyVisionTower: VisionTower {
    case convolutional(ConvolutionalVisionTower)
    case keypoints(KeypointVisionTower)
    case transformer(VisionTransformer)

    /// Draws all weights. Traps when the sizes do not fit each other.
    ///
    /// - Parameters:
    ///   - configuration: Which tower.
    ///   - initialization: Of a transformer's matrices.
    ///   - generator: Draws the weights.
    public init(
        _ configuration: VisionTowerConfiguration,
        initialization: Initialization = .normal(standardDeviation: 0.02),
        using generator: inout some RandomNumberGenerator
    ) {
        switch configuration {
        case .convolutional(let c): self = .convolutional(ConvolutionalVisionTower(c, using: &generator))
        case .keypoints(let c): self = .keypoints(KeypointVisionTower(c, using: &generator))
        case .transformer(let c):
            self = .transformer(VisionTransformer(c, initialization: initialization, using: &generator))
        }
    }

    public var configuration: VisionTowerConfiguration {
        switch self {
        case .convolutional(let tower): .convolutional(tower.configuration)
        case .keypoints(let tower): .keypoints(tower.configuration)
        case .transformer(let tower): .transformer(tower.configuration)
        }
    }

    public var imageSize: Int { configuration.imageSize }
    public var tokenCount: Int { configuration.tokenCount }
    public var width: Int { configuration.width }

    /// What a tower makes of images.
    public struct Output: Sendable {
        /// `[B, N, D]`.
        public var tokens: Tensor
        /// Of a tower of keypoints: the scores of the places each of them may look at, `[B, K, places]`.
        public var keypointScores: Tensor?
    }

    /// Pixels `[B, 3, imageSize, imageSize]`, red first → tokens, and scores of keypoints.
    ///
    /// - Parameters:
    ///   - pixels: As the tower's own preprocessing leaves them.
    ///   - condition: `[B, conditionWidth]`, for a tower of keypoints that was made for one; others ignore it.
    public func output(_ pixels: Tensor, condition: Tensor? = nil) -> Output {
        switch self {
        case .convolutional(let tower): return Output(tokens: tower(pixels))
        case .keypoints(let tower):
            let output = tower(pixels, condition: tower.configuration.conditionWidth == nil ? nil : condition)
            return Output(tokens: output.tokens, keypointScores: output.scores)
        case .transformer(let tower): return Output(tokens: tower(pixels))
        }
    }

    public func callAsFunction(_ pixels: Tensor) -> Tensor { output(pixels).tokens }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        switch self {
        case .convolutional(var tower):
            try tower.visitParameters(&visitor)
            self = .convolutional(tower)
        case .keypoints(var tower):
            try tower.visitParameters(&visitor)
            self = .keypoints(tower)
        case .transformer(var tower):
            try tower.visitParameters(&visitor)
            self = .transformer(tower)
        }
    }
}
