import FileSupport
public import Foundation
import Parallel
import TensorCore
import TensorNN
import TensorTraining
import TextTokenizers

/// A training as a whole: a model's folder, a vision tower and conversations become the folder of a trained model.
///
///     let training = VisionLanguageTraining(
///         .tuning07, model: folder, tower: clip, on: try ConversationLines(at: file), output: trained)
///     let result = try training.run { print($0) }
///
/// The run keeps its states and its log in `<output>.run` and continues there after an interruption, to the bit; with
/// another recipe or other data it is refused.
public struct VisionLanguageTraining {
    public var recipe: VisionLanguageRecipe
    /// Folder or weight file of the model to begin from.
    public var model: URL
    /// Folder or file of the vision tower; it never changes.
    public var tower: URL
    /// The model's `tokenizer.json`; `nil` for the one beside the weights.
    public var tokenizer: URL?
    /// Whether the model is a language model, whose projector is drawn.
    public var newProjector = false
    public var conversations: any ConversationSource
    /// The first conversations alone; `nil` for all.
    public var conversationLimit: Int?
    /// Updates after which it ends; `nil` for those of the recipe.
    public var stepLimit: Int?
    /// Updates between two saved states.
    public var stepsPerState = 500
    /// Whether the tower is written into the folder, too, so that the folder is all a reader needs.
    public var includesTower = false
    /// Whether what an interrupted run left is forgotten.
    public var restarts = false
    /// The folder of the trained model.
    public var output: URL

    public init(
        _ recipe: VisionLanguageRecipe, model: URL, tower: URL, on conversations: any ConversationSource, output: URL
    ) {
        (self.recipe, self.model, self.tower) = (recipe, model, tower)
        (self.conversations, self.output) = (conversations, output)
    }

    /// Where the run keeps its states and its log.
    public var runFolder: URL {
        output.deletingLastPathComponent().appendingPathComponent(output.lastPathComponent + ".run")
    }

    /// The model's `tokenizer.json`: beside the weights where none is named.
    ///
    /// - Throws: ``VisionLanguageTrainingError/noTokenizer(folder:)``.
    public static func tokenizer(besideModelAt url: URL) throws -> URL {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        let folder = isFolder.boolValue ? url : url.deletingLastPathComponent()
        let tokenizer = folder.appendingPathComponent("tokenizer.json")
        guard FileManager.default.fileExists(atPath: tokenizer.path) else {
            throw VisionLanguageTrainingError.noTokenizer(folder: folder.path)
        }
        return tokenizer
    }

    /// Trains, or continues what was interrupted, on the calling thread.
    ///
    /// SIGINT, SIGTERM, the cancellation of the surrounding task and `shouldStop` end it after the current update, with
    /// its state saved and no model written.
    ///
    /// - Parameters:
    ///   - progress: Called with what happens, on the calling thread.
    ///   - shouldStop: Asked after each update.
    /// - Throws: ``VisionLanguageTrainingError``, ``ConfigurationError``, `RunPlanError`; what reading the model, the
    ///   conversations and writing the folders throws.
    @discardableResult
    public func run(
        progress: (VisionLanguageTrainingEvent) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> VisionLanguageTrainingResult {
        try recipe.validate()
        let tokenizerURL = try tokenizer ?? Self.tokenizer(besideModelAt: model)
        let tokenizer = try BPETokenizer(at: tokenizerURL)
        let generation = MiniMindGeneration(of: tokenizer)
        guard generation == recipe.generation else {
            throw VisionLanguageTrainingError.otherGeneration(
                recipe: recipe.generation, tokenizer: generation)
        }

        // the model and its data
        var generator = PhiloxGenerator(seed: recipe.seed, stream: .max - 1)
        var (model, _) = try ModelFolder.visionLanguageModel(
            at: model, tower: tower, generation: generation, newProjector: newProjector, using: &generator)
        let positionCount = model.decoder.configuration.positionCount
        guard recipe.maximumLength <= positionCount else {
            throw VisionLanguageTrainingError.tooLong(recipe: recipe.maximumLength, positions: positionCount)
        }
        let reader = ConversationReader(
            tokenizer: tokenizer, generation: generation, transform: try model.tower!.imageTransform(folder: tower),
            imageFolder: tower, tokensPerImage: model.tokensPerImage, maximumLength: recipe.maximumLength,
            variation: recipe.variation)
        let count = min(conversationLimit ?? conversations.count, conversations.count)
        guard count > 0 else { throw VisionLanguageTrainingError.noConversations }

        // the run, or what is left of it
        let lock = try RunFolderLock(runFolder)
        defer { withExtendedLifetime(lock) {} }
        if restarts { try lock.clear() }
        try TuningPlan(
            recipe: recipe, model: self.model.path, vision: tower.path, data: conversations.names,
            conversationCount: count
        ).begin(in: runFolder)
        progress(
            .begins(
                conversationCount: count, trains: recipe.adapters == nil ? recipe.trains.rawValue : "adapters",
                threadCount: KernelThreads.count))
        let outcome = try recipe.train(
            &model, exampleCount: count, stateFolder: runFolder.appendingPathComponent("states"),
            configure: { loop in
                loop.stepLimit = stepLimit
                loop.stepsPerState = stepsPerState
                loop.logFile = runFolder.appendingPathComponent("run.jsonl")
                loop.timePerProgressLine = nil
            }, progress: { progress(.progress($0)) }, shouldStop: { shouldStop() || Task.isCancelled },
            example: { try conversations.example($0, reader, using: $1) })
        var result = VisionLanguageTrainingResult(model: output, conversationCount: count)
        if case .stopped(let step) = outcome {
            result.stoppedAfter = step
        } else {
            model.mergeAdapters()
            try write(model, tokenizer: tokenizerURL)
        }
        progress(.finished(result))
        return result
    }

    private func write(_ model: VisionLanguageModel, tokenizer: URL) throws {
        try ModelFolder.save(model, to: output, includingTower: includesTower)
        let name = "preprocessor_config.json"
        let preparation = tower.appendingPathComponent(name)
        if includesTower, FileManager.default.fileExists(atPath: preparation.path) {
            try AtomicFile.write(Data(contentsOf: preparation), to: output.appendingPathComponent(name))
        }
        try AtomicFile.write(Data(contentsOf: tokenizer), to: output.appendingPathComponent("tokenizer.json"))
    }
}

/// What a training was begun with, kept in its run's folder.
private struct TuningPlan: RunPlan {
    static let fileName = "tuning.json"

    var recipe: VisionLanguageRecipe
    var model, vision: String
    var data: [String]
    var conversationCount: Int
}

/// What happens while a vision-language model is trained. Its description is a line to be shown.
public enum VisionLanguageTrainingEvent: Sendable, CustomStringConvertible {
    case begins(conversationCount: Int, trains: String, threadCount: Int)
    case progress(VisionLanguageTrainingProgress)
    /// The model is written, or the training was ended before its time; always the last event.
    case finished(VisionLanguageTrainingResult)

    public var description: String {
        switch self {
        case .begins(let count, let trains, let threads):
            "\(count) conversations; trained: \(trains); \(threads) threads"
        case .progress(let progress): "\(progress)"
        case .finished(let result):
            result.stoppedAfter.map { "stopped after \($0) updates; the same training continues" }
                ?? "\(result.model.path): decoder and projector"
        }
    }
}

/// How far a training is.
public struct VisionLanguageTrainingProgress: Hashable, Sendable, CustomStringConvertible {
    /// Updates made, and those of the whole training.
    public var step, stepCount: Int
    /// Of the last update.
    public var loss: Double
    public var secondsPerStep: Double

    public var description: String {
        String(
            format: "step %d/%d  loss %.4f  %.3f s/step  %.0f s left", step, stepCount, loss, secondsPerStep,
            secondsPerStep * Double(stepCount - step))
    }
}

/// What a training ended with.
public struct VisionLanguageTrainingResult: Hashable, Sendable {
    /// The folder of the trained model.
    public var model: URL
    public var conversationCount: Int
    /// Updates after which it was ended before its time; `nil` when the model is written.
    public var stoppedAfter: Int?
}

/// A training that cannot begin.
public enum VisionLanguageTrainingError: Error, Equatable, CustomStringConvertible {
    case noConversations
    case noTokenizer(folder: String)
    case tooLong(recipe: Int, positions: Int)
    case otherGeneration(recipe: MiniMindGeneration, tokenizer: MiniMindGeneration)

    public var description: String {
        switch self {
        case .noConversations: "The data hold no conversation."
        case .noTokenizer(let folder): "There is no tokenizer.json in \(folder); name one."
        case .tooLong(let recipe, let positions):
            "The recipe's maximumLength is \(recipe) tokens, the model has \(positions) positions."
        case .otherGeneration(let recipe, let tokenizer):
            "The recipe is for MiniMind \(recipe.rawValue), the tokenizer of \(tokenizer.rawValue)."
        }
    }
}
