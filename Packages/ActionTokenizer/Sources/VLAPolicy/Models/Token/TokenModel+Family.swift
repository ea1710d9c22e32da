import FileSupport
import ActionTokenizer
public import Foundation
import TensorCore
import VisionLanguage

// What the family of token policies brings beside model, loss and decoding.
extension TokenModel {
    /// Tokens are written one by one.
    public static var reportedExampleCount: Int { 128 }

    public var tokenModel: TokenModel? { self }

    public static func addDefaults(to recipe: inout PolicyRecipe) {
        recipe.token = .small
        recipe.action.tokens = ActionTokenRecipe()
        recipe.action.horizon = 4
    }

    /// With appended action tokens, the decoder gets ids for them.
    public static func configuration(
        for recipe: PolicyRecipe, sizes: PolicySizes, actions: ActionPipeline
    ) throws -> Configuration {
        guard let tokens = actions.tokens else {
            throw RecipeError(file: recipe.name, reason: "a token policy needs action.tokens")
        }
        let settings = (recipe.token ?? .small).fitted(
            vocabularySize: sizes.vocabularySize, tokens: tokens,
            isAppended: recipe.action.tokens?.source == .appended)
        return Configuration(sizes: sizes, settings: settings)
    }

    /// Keeps the keys and values of instructions where they do not depend on images.
    public mutating func prepareToAct() {
        if configuration.settings.order == .instructionFirst { prefixes = InstructionPrefixes() }
    }

    /// A vision-language model decides decoder, tower and projector and, where the recipe says nothing, how images are
    /// prepared and which tokenizer the instructions have.
    public static func prepare(
        _ recipe: inout PolicyRecipe, for source: PolicyWeightSource, filesIn folder: URL?
    ) throws {
        guard case .visionLanguageModel(let start) = source else { return }
        recipe.token = (recipe.token ?? .small).starting(from: start.model)
        for index in recipe.cameras.indices where recipe.cameras[index].transform == nil {
            recipe.cameras[index].transform = start.imageTransform
        }
        guard recipe.prompt != nil, let known = start.tokenizerFile else { return }
        guard let asked = recipe.prompt?.tokenizer else {
            recipe.prompt?.tokenizer = known.path
            return
        }
        let file = URL(fileURLWithPath: asked, relativeTo: folder)
        guard try FileContent.data(at: file) == FileContent.data(at: known) else {
            throw WeightTransferError.otherTokenizer(found: file.path, expected: known.path)
        }
    }

    public mutating func start(from source: PolicyWeightSource) throws -> WeightTransfer {
        switch source {
        case .checkpoint(let checkpoint): return try start(from: checkpoint)
        case .visionLanguageModel(let folder): return try start(from: folder)
        case .file(let file, let names, let vision):
            let reports = try loadWeights(ofOtherProgram: file, names: names, vision: vision)
            let hash = SHA256.hexadecimal(Array(try FileContent.data(at: file)))
            return WeightTransfer(
                sources: reports.map { "\($0.file): \($0.tensorCount) tensors, \($0.format)" }, parent: "file \(hash)",
                taken: parameters.keys.sorted(), new: [])
        }
    }
}
