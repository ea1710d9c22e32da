public import TensorCore
public import TensorNN
import VisionLanguage

/// The vision towers of a small policy, one per camera or shared, trained from scratch.
///
/// Images of all rows and cameras that share a tower go through it at once.
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
        /// Tokens of an image, for keypoints.
        public var keypointCount = 24
        /// Whether all cameras are seen by one tower.
        public var isShared = false
        /// Whether the instruction modulates the features (FiLM), for keypoints.
        public var usesInstruction = true

        public init() {}

        /// The tower for images of a size.
        func tower(imageSize: Int, tokenWidth: Int, conditionWidth: Int?) -> VisionTowerConfiguration {
            switch kind {
            case .keypoints:
                .keypoints(
                    .init(
                        imageSize: imageSize, stageWidths: stageWidths, residualCount: residualCount,
                        keypointCount: keypointCount, tokenWidth: tokenWidth,
                        conditionWidth: usesInstruction ? conditionWidth : nil))
            case .grid:
                .convolutional(
                    .init(
                        imageSize: imageSize, stageWidths: stageWidths, residualCount: residualCount,
                        tokenWidth: tokenWidth))
            }
        }
    }

    public let configuration: Configuration
    public let cameraCount: Int
    private var towers: [AnyVisionTower]
    /// Added to all tokens of a camera, `[cameras, D]`.
    private var cameras: Parameter

    /// - Parameters:
    ///   - configuration: Which tower, its widths, and whether cameras share it.
    ///   - sizes: Width and height of each camera's images; equal, and equal for cameras that share a tower.
    ///   - tokenWidth: Of the tokens it makes.
    ///   - conditionWidth: Of the instruction's vector; nil without one.
    ///   - generator: Draws the weights.
    public init(
        _ configuration: Configuration, sizes: [[Int]], tokenWidth: Int, conditionWidth: Int?,
        using generator: inout some RandomNumberGenerator
    ) {
        self.configuration = configuration
        cameraCount = sizes.count
        var towers: [AnyVisionTower] = []
        for size in configuration.isShared ? Array(sizes.prefix(1)) : sizes {
            let tower = configuration.tower(imageSize: size[0], tokenWidth: tokenWidth, conditionWidth: conditionWidth)
            towers.append(AnyVisionTower(tower, using: &generator))
        }
        self.towers = towers
        cameras = Parameter(.normal(standardDeviation: 0.02, [sizes.count, tokenWidth], using: &generator))
    }

    /// The tokens of all cameras: images of each, `[B, height, width, 3]`, and the instruction's vector `[B, W]` →
    /// `[B, cameras · N, D]`; and for keypoints the scores of the places of the first camera's first one, `[B, N]`.
    public func callAsFunction(_ images: [Tensor], condition: Tensor?) -> (tokens: Tensor, scores: Tensor?) {
        require(images.count == cameraCount, "vision for \(cameraCount) cameras: images of \(images.count)")
        let batch = images[0].shape[0]
        func planes(_ x: Tensor) -> Tensor { x.permuted([0, 3, 1, 2]) }
        var tokens: [Tensor]
        let scores: Tensor?
        if configuration.isShared, cameraCount > 1 {
            let all = Tensor.concatenated(images, axis: 0)
            let conditions = condition.map { condition in
                Tensor.concatenated(images.map { _ in condition }, axis: 0)
            }
            let output = towers[0].output(planes(all), condition: conditions)
            tokens = output.tokens.split(images.map { _ in batch }, axis: 0)
            scores = output.keypointScores?.slice(axis: 0, 0..<batch).select(axis: 1, 0)
        } else {
            let outputs = zip(towers, images).map { tower, images in
                tower.output(planes(images), condition: condition)
            }
            tokens = outputs.map(\.tokens)
            scores = outputs[0].keypointScores?.select(axis: 1, 0)
        }
        for camera in tokens.indices { tokens[camera] = tokens[camera] + cameras.value[camera] }
        return (tokens.count == 1 ? tokens[0] : .concatenated(tokens, axis: 1), scores)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("towers", &towers)
        try visitor.visit("cameras", &cameras)
    }
}
