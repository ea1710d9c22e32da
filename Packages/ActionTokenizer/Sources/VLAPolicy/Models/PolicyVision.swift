public import TensorCore
public import TensorNN
import VisionLanguage

/// The eyes of a small policy: towers that are trained from nothing, for all cameras.
///
/// Pictures of all rows and cameras that share a tower go through it at once.
public struct PolicyVision: Module {
    public struct Configuration: Hashable, Codable, Sendable {
        public enum Kind: String, Codable, Sendable {
            /// Soft positions of things (see `KeypointVisionTower`); the features depend on the instruction.
            case keypoints
            /// A grid of tokens (see `ConvolutionalVisionTower`).
            case grid
        }

        public var kind = Kind.keypoints
        public var stageWidths = [32, 64, 96]
        /// Residual convolutions: at the end of the last stage for keypoints, of each for a grid.
        public var residualCount = 1
        /// Tokens of a picture, for keypoints.
        public var keypointCount = 24
        /// Whether all cameras are seen by one tower.
        public var isShared = false
        /// Whether the instruction modulates the features (FiLM), for keypoints.
        public var usesInstruction = true

        public init() {}
    }

    private enum Tower: Module {
        case keypoints(KeypointVisionTower)
        case grid(ConvolutionalVisionTower)

        /// Tokens, and the scores of the first keypoint's places, `[B, N]`.
        func callAsFunction(_ pixels: Tensor, condition: Tensor?) -> (tokens: Tensor, scores: Tensor?) {
            switch self {
            case .keypoints(let tower):
                let output = tower(pixels, condition: tower.configuration.conditionWidth == nil ? nil : condition)
                return (output.tokens, output.scores.select(axis: 1, 0))
            case .grid(let tower): return (tower(pixels), nil)
            }
        }

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            switch self {
            case .keypoints(var tower):
                try tower.visitParameters(&visitor)
                self = .keypoints(tower)
            case .grid(var tower):
                try tower.visitParameters(&visitor)
                self = .grid(tower)
            }
        }
    }

    public let configuration: Configuration
    public let cameraCount: Int
    private var towers: [Tower]
    /// Added to all tokens of a camera, `[cameras, D]`.
    private var cameras: Parameter

    /// - Parameters:
    ///   - configuration: Which tower, its widths, and whether cameras share it.
    ///   - sizes: Width and height of each camera's pictures; equal, and equal for cameras that share a tower.
    ///   - tokenWidth: Of the tokens it makes.
    ///   - conditionWidth: Of the instruction's vector; nil without one.
    ///   - generator: Draws the weights.
    public init(
        _ configuration: Configuration, sizes: [[Int]], tokenWidth: Int, conditionWidth: Int?,
        using generator: inout some RandomNumberGenerator
    ) {
        self.configuration = configuration
        cameraCount = sizes.count
        var towers: [Tower] = []
        for size in configuration.isShared ? Array(sizes.prefix(1)) : sizes {
            switch configuration.kind {
            case .keypoints:
                let settings = KeypointVisionTower.Configuration(
                    imageSize: size[0], stageWidths: configuration.stageWidths,
                    residualCount: configuration.residualCount, keypointCount: configuration.keypointCount,
                    tokenWidth: tokenWidth, conditionWidth: configuration.usesInstruction ? conditionWidth : nil)
                towers.append(.keypoints(KeypointVisionTower(settings, using: &generator)))
            case .grid:
                let settings = ConvolutionalVisionTower.Configuration(
                    imageSize: size[0], stageWidths: configuration.stageWidths,
                    residualCount: configuration.residualCount, tokenWidth: tokenWidth)
                towers.append(.grid(ConvolutionalVisionTower(settings, using: &generator)))
            }
        }
        self.towers = towers
        cameras = Parameter(.normal(standardDeviation: 0.02, [sizes.count, tokenWidth], using: &generator))
    }

    /// The tokens of all cameras: pictures of each, `[B, height, width, 3]`, and the instruction's vector `[B, W]` →
    /// `[B, cameras · N, D]`; and for keypoints the scores of the places of the first camera's first one, `[B, N]`.
    public func callAsFunction(_ pictures: [Tensor], condition: Tensor?) -> (tokens: Tensor, scores: Tensor?) {
        require(pictures.count == cameraCount, "vision for \(cameraCount) cameras: pictures of \(pictures.count)")
        let batch = pictures[0].shape[0]
        func planes(_ x: Tensor) -> Tensor { x.permuted([0, 3, 1, 2]) }
        var tokens: [Tensor]
        let scores: Tensor?
        if configuration.isShared, cameraCount > 1 {
            let all = Tensor.concatenated(pictures, axis: 0)
            let conditions = condition.map { condition in
                Tensor.concatenated(pictures.map { _ in condition }, axis: 0)
            }
            let output = towers[0](planes(all), condition: conditions)
            tokens = output.tokens.split(pictures.map { _ in batch }, axis: 0)
            scores = output.scores?.slice(axis: 0, 0..<batch)
        } else {
            let outputs = zip(towers, pictures).map { tower, pictures in
                tower(planes(pictures), condition: condition)
            }
            tokens = outputs.map(\.tokens)
            scores = outputs[0].scores
        }
        for camera in tokens.indices { tokens[camera] = tokens[camera] + cameras.value[camera] }
        return (tokens.count == 1 ? tokens[0] : .concatenated(tokens, axis: 1), scores)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("towers", &towers)
        try visitor.visit("cameras", &cameras)
    }
}
