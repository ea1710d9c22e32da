import TensorCore
import VLAPolicy
import VisionLanguage

/// The 2025 system's model in its smaller size: CLIP B/16 for two cameras, a decoder of 512 × 8, one action of seven tokens.
enum MicroVLA2025Model {
    static let promptIDs = (0..<30).map { 300 + 7 * $0 }

    static func make(order: TokenLayout.Order = .imagesFirst, withTower: Bool) -> TokenModel {
        var settings = TokenModel.Settings()
        settings.decoder = .miniMind07(hiddenSize: 512, layerCount: 8)
        settings.order = order
        if !withTower { settings.vision = nil }
        let sizes = PolicySizes(
            images: [[224, 224], [224, 224]], stateSize: 8, vocabularySize: 6400, promptLength: 256, horizon: 1,
            dimensionCount: 7, gripper: .number)
        var generator = PhiloxGenerator(seed: 1)
        return TokenModel(.init(sizes: sizes, settings: settings), using: &generator)
    }

    static func coding() throws -> ActionTokenCoding { try ActionTokenCoding(tokenIDs: (0..<256).map { 6399 - $0 }) }

    static func inputs(rows: Int, features: Bool) -> PolicyInputs {
        var generator = PhiloxGenerator(seed: 2)
        func images() -> Tensor { .uniform(-1...1, [rows, 224, 224, 3], using: &generator) }
        return PolicyInputs(
            images: features ? [] : [images(), images()],
            state: .uniform(-1...1, [rows, 8], using: &generator),
            promptIDs: Array(repeating: promptIDs, count: rows),
            features: features ? .uniform(-1...1, [rows, 2, 196, 768], using: &generator) : nil)
    }
}
