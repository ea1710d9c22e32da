import FileSupport
import Foundation

extension VisionLanguageRecipe {
    /// One of MiniMind-V's by its name, or the JSON file of one.
    ///
    /// - Throws: `RequestError` for a name that is none of them and no file.
    public init(named name: String) throws {
        switch name {
        case "pretraining07": self = .pretraining07
        case "tuning07": self = .tuning07
        case "pretraining26": self = .pretraining26
        case "tuning26": self = .tuning26
        default:
            guard FileManager.default.fileExists(atPath: name) else {
                throw RequestError(
                    "There is no recipe '\(name)': pretraining07, tuning07, pretraining26, tuning26, or a file.")
            }
            self = try JSONReading.decode(
                at: URL(fileURLWithPath: name), advice: "`vla tune --print-recipe` shows what a recipe has.")
        }
    }
}

/// As JSON with the model's path.
extension VisionLanguageTrainingResult: Encodable {
    private enum CodingKeys: String, CodingKey {
        case model, conversationCount
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model.path, forKey: .model)
        try container.encode(conversationCount, forKey: .conversationCount)
    }
}
