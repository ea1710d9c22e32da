import FileSupport

/// Which vision tower a model has, for configurations that are saved.
///
/// As JSON `{"keypoints": {…}}`. Files written before December 2026 have `{"keypoints": {"_0": {…}}}`, which is read too.
public enum VisionTowerConfiguration: Sendable, Hashable {
    case convolutional(ConvolutionalVisionTower.Configuration)
    case keypoints(KeypointVisionTower.Configuration)
    case transformer(VisionTransformerConfiguration)

    /// - Throws: ``ConfigurationError`` when the sizes do not fit each other.
    public func validate() throws {
        switch self {
        case .convolutional(let configuration): try configuration.validate()
        case .keypoints(let configuration): try configuration.validate()
        case .transformer(let configuration): try configuration.validate()
        }
    }

    /// Height and width of the images the tower takes.
    public var imageSize: Int {
        switch self {
        case .convolutional(let configuration): configuration.imageSize
        case .keypoints(let configuration): configuration.imageSize
        case .transformer(let configuration): configuration.imageSize
        }
    }

    /// Tokens of an image, N.
    public var tokenCount: Int {
        switch self {
        case .convolutional(let configuration): configuration.gridSize * configuration.gridSize
        case .keypoints(let configuration): configuration.keypointCount
        case .transformer(let configuration): configuration.patchCount
        }
    }

    /// Elements of a token, D.
    public var width: Int {
        switch self {
        case .convolutional(let configuration): configuration.tokenWidth
        case .keypoints(let configuration): configuration.tokenWidth
        case .transformer(let configuration): configuration.width
        }
    }

    /// No tower of this configuration has fewer weights: what a wrong file asks for is compared before it is made.
    public var leastParameterCount: Double {
        switch self {
        case .convolutional(let c):
            let residuals = c.stageWidths.reduce(0.0) { $0 + Self.convolution($1, $1) } * Double(c.residualCount)
            let side = Double(c.gridSize)
            return Self.stages(c.stageWidths) + residuals
                + (side * side + Double(c.stageWidths.last ?? 0)) * Double(c.tokenWidth)
        case .keypoints(let c):
            let last = c.stageWidths.last ?? 0
            return Self.stages(c.stageWidths) + Self.convolution(last, last) * Double(c.residualCount)
                + (Double(c.keypointCount) + Double(last)) * Double(c.tokenWidth)
                + 2 * Double(c.conditionWidth ?? 0) * Double(last)
        case .transformer(let c):
            let (width, side) = (Double(c.width), Double(c.imageSize) / Double(c.patchSize))
            return Double(c.layerCount) * (4 * width * width + 2 * width * Double(c.intermediateSize))
                + side * side * width
        }
    }

    private static func convolution(_ input: Int, _ output: Int) -> Double { 9 * Double(input) * Double(output) }

    private static func stages(_ widths: [Int]) -> Double {
        zip([3] + widths, widths).reduce(0) { $0 + convolution($1.0, $1.1) }
    }
}

extension VisionTowerConfiguration: Codable {
    private enum Kind: String, CodingKey {
        case convolutional, keypoints, transformer
    }

    public init(from decoder: any Swift.Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        let kind = try container.onlyCase("a vision tower is one of convolutional, keypoints and transformer")
        self =
            switch kind {
            case .convolutional: .convolutional(try container.decodeCaseValue(forKey: kind))
            case .keypoints: .keypoints(try container.decodeCaseValue(forKey: kind))
            case .transformer: .transformer(try container.decodeCaseValue(forKey: kind))
            }
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .convolutional(let configuration): try container.encode(configuration, forKey: .convolutional)
        case .keypoints(let configuration): try container.encode(configuration, forKey: .keypoints)
        case .transformer(let configuration): try container.encode(configuration, forKey: .transformer)
        }
    }
}
