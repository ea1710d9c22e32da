import Foundation
import VisionLanguage

extension PolicyWeightSource {
    /// Weights by the path of what holds them; `nil` where none is named, to draw them.
    ///
    /// - Parameters:
    ///   - checkpoint: A policy's folder.
    ///   - visionLanguageModel: The folder of a trained vision-language model.
    ///   - file: Another program's weights.
    ///   - names: A JSON object from beginnings of names in `file` to others; `nil` for those of microVLA2025.
    ///   - vision: The published vision model, where the weights do not hold it.
    public init?(
        checkpoint: String? = nil, visionLanguageModel: String? = nil, file: String? = nil, names: String? = nil,
        vision: String? = nil
    ) throws {
        let vision = vision.map { URL(fileURLWithPath: $0) }
        if let checkpoint {
            self = .checkpoint(try PolicyCheckpoint(at: URL(fileURLWithPath: checkpoint)))
        } else if let visionLanguageModel {
            self = .visionLanguageModel(
                try VisionLanguageFolder(at: URL(fileURLWithPath: visionLanguageModel), tower: vision))
        } else if let file {
            let map = try names.map { try WeightNameMap(at: URL(fileURLWithPath: $0)) } ?? .microVLA2025
            self = .file(URL(fileURLWithPath: file), names: map, vision: vision)
        } else {
            return nil
        }
    }
}
