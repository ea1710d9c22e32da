public import TensorCore
public import TensorNN

/// A small vision tower that is trained from nothing with a policy.
///
/// Every stage halves the image with a 3 × 3 convolution of stride 2; the last stage's positions are the tokens:
///
///     x ← gelu(norm(convolution(x)));  then x ← x + convolution(gelu(norm(x))), as often as asked;
///     tokens = x · W + b + positions
///
/// The norm is over the channels of each position. With 96 × 96 images and four stages, 36 tokens. It takes pixels of
/// any scale that is kept the same; about −1…1 trains well.
public struct ConvolutionalVisionTower: VisionTower {
    public struct Configuration: Sendable, Hashable, Codable {
        /// Height and width of the images; a multiple of 2 for each stage.
        public var imageSize = 96
        /// Channels after each stage.
        public var stageWidths = [32, 64, 128, 256]
        /// Residual convolutions at the end of each stage.
        public var residualCount = 0
        /// Elements of a token.
        public var tokenWidth = 256

        public init() {}

        public init(imageSize: Int, stageWidths: [Int], residualCount: Int = 0, tokenWidth: Int) {
            self.imageSize = imageSize
            self.stageWidths = stageWidths
            self.residualCount = residualCount
            self.tokenWidth = tokenWidth
        }

        /// Positions along an axis after the last stage.
        public var gridSize: Int { imageSize >> stageWidths.count }

        /// - Throws: ``ConfigurationError`` when the sizes do not fit each other.
        public func validate() throws {
            guard !stageWidths.isEmpty, stageWidths.count < 12, stageWidths.allSatisfy({ $0 > 0 && $0 <= 1 << 16 }),
                tokenWidth > 0, tokenWidth <= 1 << 16, (0...64).contains(residualCount)
            else {
                throw ConfigurationError(
                    "vision stages of widths \(stageWidths), \(residualCount) residual convolutions, tokens of "
                        + "\(tokenWidth)", advice: "All widths have to be positive.")
            }
            guard imageSize > 0, imageSize <= 1 << 14, gridSize << stageWidths.count == imageSize else {
                throw ConfigurationError(
                    "images of \(imageSize) for \(stageWidths.count) vision stages",
                    advice: "Every stage halves the image: its size has to be a multiple of "
                        + "\(1 << stageWidths.count).")
            }
        }
    }

    /// A convolution with the norm before or after it.
    public struct Stage: Module {
        var convolution: Convolution
        var norm: LayerNorm

        public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("convolution", &convolution)
            try visitor.visit("norm", &norm)
        }
    }

    public let configuration: Configuration
    var stages: [Stage]
    /// `residualCount` for each stage, stage by stage.
    var residuals: [Stage]
    var output: Linear
    /// `[N, D]`, added to the tokens.
    var positions: Parameter

    /// Traps when the configuration's sizes do not fit each other (see ``Configuration/validate()``).
    public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        do { try configuration.validate() } catch { fatalError("\(error)") }
        self.configuration = configuration
        let widths = configuration.stageWidths
        stages = zip([3] + widths, widths).map { input, output in
            Stage(
                convolution: Convolution(input, output, kernelSize: 3, stride: 2, padding: 1, using: &generator),
                norm: LayerNorm(output))
        }
        residuals = []
        for width in widths {
            for _ in 0..<configuration.residualCount {
                residuals.append(
                    Stage(
                        convolution: Convolution(width, width, kernelSize: 3, padding: 1, using: &generator),
                        norm: LayerNorm(width)))
            }
        }
        output = Linear(widths[widths.count - 1], configuration.tokenWidth, using: &generator)
        let count = configuration.gridSize * configuration.gridSize
        positions = Parameter(.normal(standardDeviation: 0.02, [count, configuration.tokenWidth], using: &generator))
    }

    public var imageSize: Int { configuration.imageSize }
    public var tokenCount: Int { configuration.gridSize * configuration.gridSize }
    public var width: Int { configuration.tokenWidth }

    public func callAsFunction(_ pixels: Tensor) -> Tensor {
        checkPixels(pixels)
        // [B, height, width, channels] from here on
        var x = pixels.permuted([0, 2, 3, 1]).contiguous
        for (index, stage) in stages.enumerated() {
            x = stage.norm(stage.convolution(x)).gelu(.tanh)
            for residual in residuals[index * configuration.residualCount..<(index + 1) * configuration.residualCount] {
                x = x + residual.convolution(residual.norm(x).gelu(.tanh))
            }
        }
        return output(x.reshaped([x.shape[0], tokenCount, -1])) + positions.value
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("stages", &stages)
        try visitor.visit("residuals", &residuals)
        try visitor.visit("output", &output)
        try visitor.visit("positions", &positions)
    }
}
