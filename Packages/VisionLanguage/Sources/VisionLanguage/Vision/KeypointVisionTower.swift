public import TensorCore
public import TensorNN

/// A small vision tower that says where things are, to a fraction of a pixel, trained from nothing with a policy.
///
/// Strided convolutions as in ``ConvolutionalVisionTower`` end in a map of features; each of K keypoints looks at one
/// place of it, softly, and becomes a token of what is there and where that is:
///
///     F = map(pixels) · (1 + γ) + β            γ, β: linear in the condition, such as the instruction
///     aₖ = softmax over positions of (F wₖ)
///     tokenₖ = Σₚ aₖ,ₚ (F_p V) + (Σₚ aₖ,ₚ (xₚ, yₚ)) U + eₖ        x, y: −1…1 over the map
///
/// Sources: Levine et al. 2016, arXiv:1504.00702, section 5.1 (spatial softmax); Perez et al. 2018, arXiv:1709.07871
/// (FiLM).
public struct KeypointVisionTower: VisionTower {
    public struct Configuration: Sendable, Hashable, Codable {
        /// Height and width of the images; a multiple of 2 for each stage.
        public var imageSize = 96
        /// Channels after each stage.
        public var stageWidths = [32, 64, 96]
        /// Residual convolutions at the end of the last stage.
        public var residualCount = 1
        public var keypointCount = 24
        /// Elements of a token.
        public var tokenWidth = 128
        /// Elements of the vector the features depend on; nil when they depend on the image alone.
        public var conditionWidth: Int?

        public init() {}

        public init(
            imageSize: Int, stageWidths: [Int], residualCount: Int, keypointCount: Int, tokenWidth: Int,
            conditionWidth: Int? = nil
        ) {
            self.imageSize = imageSize
            self.stageWidths = stageWidths
            self.residualCount = residualCount
            self.keypointCount = keypointCount
            self.tokenWidth = tokenWidth
            self.conditionWidth = conditionWidth
        }

        /// Positions along an axis of the map.
        public var gridSize: Int { imageSize >> stageWidths.count }

        /// - Throws: ``ConfigurationError`` when the sizes do not fit each other.
        public func validate() throws {
            let sizes = stageWidths + [keypointCount, tokenWidth, conditionWidth ?? 1]
            guard !stageWidths.isEmpty, stageWidths.count < 12, sizes.allSatisfy({ $0 > 0 && $0 <= 1 << 16 }),
                (0...64).contains(residualCount)
            else {
                throw ConfigurationError(
                    "vision stages of widths \(stageWidths), \(residualCount) residual convolutions, "
                        + "\(keypointCount) keypoints, tokens of \(tokenWidth)",
                    advice: "All of them have to be positive.")
            }
            guard imageSize > 0, imageSize <= 1 << 14, gridSize << stageWidths.count == imageSize, gridSize > 1 else {
                throw ConfigurationError(
                    "images of \(imageSize) for \(stageWidths.count) vision stages",
                    advice: "Every stage halves the image: its size has to be a multiple of "
                        + "\(2 << stageWidths.count).")
            }
        }
    }

    public let configuration: Configuration
    var stages: [ConvolutionalVisionTower.Stage]
    var residuals: [ConvolutionalVisionTower.Stage]
    /// Scales and shifts of the features, from the condition; zero at first.
    var modulation: Linear?
    /// `F wₖ`
    var heatmaps: Linear
    /// `F V`
    var features: Linear
    /// `(x, y) U`
    var coordinates: Linear
    /// eₖ `[K, D]`.
    var names: Parameter
    /// x and y of each position, `[N, 2]`.
    private let grid: Tensor

    /// Traps when the configuration's sizes do not fit each other (see ``Configuration/validate()``).
    public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        do { try configuration.validate() } catch { fatalError("\(error)") }
        let c = configuration
        self.configuration = c
        let width = c.stageWidths[c.stageWidths.count - 1]
        stages = zip([3] + c.stageWidths, c.stageWidths).map { input, output in
            ConvolutionalVisionTower.Stage(
                convolution: Convolution(input, output, kernelSize: 3, stride: 2, padding: 1, using: &generator),
                norm: LayerNorm(output))
        }
        residuals = (0..<c.residualCount).map { _ in
            ConvolutionalVisionTower.Stage(
                convolution: Convolution(width, width, kernelSize: 3, padding: 1, using: &generator),
                norm: LayerNorm(width))
        }
        if let conditionWidth = c.conditionWidth {
            var modulation = Linear(conditionWidth, 2 * width, using: &generator)
            modulation.weight = Parameter(Tensor.zeros([2 * width, conditionWidth]))
            modulation.bias = Parameter(Tensor.zeros([2 * width]))
            self.modulation = modulation
        }
        heatmaps = Linear(width, c.keypointCount, using: &generator)
        features = Linear(width, c.tokenWidth, using: &generator)
        coordinates = Linear(2, c.tokenWidth, using: &generator)
        names = Parameter(.normal(standardDeviation: 0.02, [c.keypointCount, c.tokenWidth], using: &generator))

        let size = c.gridSize
        func place(_ index: Int) -> Float { 2 * (Float(index) + 0.5) / Float(size) - 1 }
        grid = Tensor((0..<size * size).flatMap { [place($0 % size), place($0 / size)] }, [size * size, 2])
    }

    public var imageSize: Int { configuration.imageSize }
    public var tokenCount: Int { configuration.keypointCount }
    public var width: Int { configuration.tokenWidth }

    public func callAsFunction(_ pixels: Tensor) -> Tensor { self(pixels, condition: nil).tokens }

    /// Tokens, and where the keypoints look.
    public struct Output: Sendable {
        /// `[B, K, D]`
        public var tokens: Tensor
        /// x to the right and y down, −1…1 over the image: `[B, K, 2]`.
        public var positions: Tensor
        /// Scores of the places, whose softmax is where a keypoint looks, in rows from the first: `[B, K, N]`.
        public var scores: Tensor
    }

    /// The keypoints of images `[B, 3, imageSize, imageSize]`, under a condition `[B, conditionWidth]`.
    public func callAsFunction(_ pixels: Tensor, condition: Tensor?) -> Output {
        checkPixels(pixels)
        require(
            condition == nil || condition!.shape == [pixels.shape[0], configuration.conditionWidth ?? 0],
            "keypoint tower: condition \(condition?.shape ?? []), "
                + "expected [\(pixels.shape[0]), \(configuration.conditionWidth ?? 0)]")
        // [B, height, width, channels] from here on
        var x = pixels.permuted([0, 2, 3, 1]).contiguous
        for stage in stages { x = stage.norm(stage.convolution(x)).gelu(.tanh) }
        for residual in residuals { x = x + residual.convolution(residual.norm(x).gelu(.tanh)) }
        var map = x.reshaped([x.shape[0], grid.shape[0], -1])
        if let modulation, let condition {
            let parts = modulation(condition).reshaped([x.shape[0], 1, -1]).split(
                [map.shape[2], map.shape[2]], axis: 2)
            map = map * (parts[0] + 1) + parts[1]
        }

        let scores = heatmaps(map).transposed().contiguous
        let attention = scores.softmax()
        let positions = matmul(attention, grid)
        let tokens = matmul(attention, features(map)) + coordinates(positions) + names.value
        return Output(tokens: tokens, positions: positions, scores: scores)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("stages", &stages)
        try visitor.visit("residuals", &residuals)
        try visitor.visit("modulation", &modulation)
        try visitor.visit("heatmaps", &heatmaps)
        try visitor.visit("features", &features)
        try visitor.visit("coordinates", &coordinates)
        try visitor.visit("names", &names)
    }
}
