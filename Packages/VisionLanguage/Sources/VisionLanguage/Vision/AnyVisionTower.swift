public import TensorCore
public import TensorNN

/// Which vision tower a model has, for configurations that are saved.
public enum VisionTowerConfiguration: Sendable, Hashable, Codable {
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
}

/// A vision tower of any kind.
public enum AnyVisionTower: VisionTower {
    case convolutional(ConvolutionalVisionTower)
    case keypoints(KeypointVisionTower)
    case transformer(VisionTransformer)

    /// Draws all weights. Traps when the sizes do not fit each other.
    public init(_ configuration: VisionTowerConfiguration, using generator: inout some RandomNumberGenerator) {
        switch configuration {
        case .convolutional(let c): self = .convolutional(ConvolutionalVisionTower(c, using: &generator))
        case .keypoints(let c): self = .keypoints(KeypointVisionTower(c, using: &generator))
        case .transformer(let c): self = .transformer(VisionTransformer(c, using: &generator))
        }
    }

    public var configuration: VisionTowerConfiguration {
        switch self {
        case .convolutional(let tower): .convolutional(tower.configuration)
        case .keypoints(let tower): .keypoints(tower.configuration)
        case .transformer(let tower): .transformer(tower.configuration)
        }
    }

    private var tower: any VisionTower {
        switch self {
        case .convolutional(let tower): tower
        case .keypoints(let tower): tower
        case .transformer(let tower): tower
        }
    }

    public var imageSize: Int { tower.imageSize }
    public var tokenCount: Int { tower.tokenCount }
    public var width: Int { tower.width }

    public func callAsFunction(_ pixels: Tensor) -> Tensor { tower(pixels) }

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
