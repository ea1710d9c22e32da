import RobotInterface
public import ActionTokenizer
public import Foundation
import ImageProcessing
import TextTokenizers

/// What a recipe and demonstrations make together, before anything is trained: pipelines, tokenizer and examples.
///
/// Everything that the data decide is decided here, once: sizes and orientation of the images, statistics, words.
public struct PolicyAssembly: Sendable {
    public let observationPipeline: ObservationPipeline
    public let actionPipeline: ActionPipeline
    public let tokenizer: InstructionTokenizer?
    public let trainingExamples: [PolicyExample]
    public let validationExamples: [PolicyExample]
    /// Demonstrations of each part.
    public let demonstrationCounts: (training: Int, validation: Int)

    /// - Parameters:
    ///   - recipe: What is to be trained.
    ///   - set: The demonstrations.
    ///   - folder: The recipe's folder, for files it names.
    ///   - statistics: Those of the actions and states of the training demonstrations, given their places in the set.
    /// - Throws: ``PipelineError`` when the data lack a camera or state the recipe asks for.
    public init(
        _ recipe: PolicyRecipe, _ set: DemonstrationSet, recipeFolder folder: URL? = nil,
        statistics: (_ trainingDemonstrations: [Int]) throws -> (actions: ActionStatistics, states: ActionStatistics)
    ) throws {
        let total = min(set.demonstrations.count, recipe.data.demonstrationLimit ?? .max)
        guard total > 0 else { throw PolicyDataError.noDemonstrations(set.name) }
        let split = recipe.data.split.indices(episodeCount: total)
        let (actions, states) = try statistics(split.training)
        let source = "\(set.name) \(set.contentHash)"

        // images
        var cameras: [CameraPipeline] = []
        for camera in recipe.cameras {
            guard let description = set.cameras[camera.name] else {
                throw ObservationError.missingCamera(camera.name, found: set.cameras.keys.sorted())
            }
            cameras.append(
                try CameraPipeline(
                    name: camera.name, source: description,
                    transform: camera.transform ?? ImageTransform(steps: [], normalization: .sigLIP)))
        }

        // state: the set's numbers are statistics of its own layout
        var state: StatePipeline?
        if let asked = recipe.state {
            guard StateLayout(asked.parts) == set.stateLayout else {
                throw PipelineError.mismatch(
                    "The state layout",
                    try FieldDifference.between(set.stateLayout, and: StateLayout(asked.parts)))
            }
            state = try StatePipeline(
                layout: set.stateLayout, normalization: Normalization(asked.normalization, states, source: source))
        }

        // words
        let tokenizer = try recipe.prompt.map { try Self.tokenizer($0, set, folder) }
        self.tokenizer = tokenizer
        let prompt = try recipe.prompt.map {
            try PromptPipeline(
                template: $0.template, lowercases: $0.lowercases, tokenizerHash: tokenizer!.hash,
                maximumTokenCount: $0.maximumTokenCount)
        }

        observationPipeline = try ObservationPipeline(cameras: cameras, state: state, prompt: prompt)
        func examples(_ demonstrations: [Int]) throws -> [PolicyExample] {
            try demonstrations.flatMap { index in
                let demonstration = set.demonstrations[index]
                return try demonstration.examples(
                    horizon: recipe.action.horizon, stride: recipe.data.frameStride,
                    convention: set.actionSpace.gripperConvention,
                    noOps: recipe.data.noOpThreshold.map(NoOpFilter.init),
                    weight: recipe.data.taskWeights[demonstration.task] ?? 1, episode: index)
            }
        }
        trainingExamples = try examples(split.training)
        validationExamples = try examples(split.validation)

        // actions; FAST's tokens are learnt from the training part
        let numbers = try ActionPipeline(
            space: set.actionSpace,
            normalization: Normalization(recipe.action.normalization, actions, source: source),
            horizon: recipe.action.horizon, gripper: recipe.action.gripper)
        let training = trainingExamples
        let vocabularySize = tokenizer?.vocabularySize ?? 0
        let tokens = try recipe.action.tokens.map { asked in
            try asked.coding(vocabularySize: vocabularySize, statistics: actions, relativeTo: folder) {
                try training.map { example in
                    let row = try numbers.encode(example.actions)
                    let width = numbers.dimensionCount
                    return (0..<numbers.horizon).map { row[$0 * width..<($0 + 1) * width].map(Double.init) }
                }
            }
        }
        actionPipeline = try ActionPipeline(
            space: numbers.space, normalization: numbers.normalization, horizon: numbers.horizon,
            gripper: numbers.gripper, tokens: tokens)
        demonstrationCounts = (split.training.count, split.validation.count)
    }

    /// The one the recipe names, else the words of all prompts.
    private static func tokenizer(
        _ asked: PolicyRecipe.Prompt, _ set: DemonstrationSet, _ folder: URL?
    ) throws -> InstructionTokenizer {
        if let file = asked.tokenizer {
            return try InstructionTokenizer(
                kind: .bytePairs, file: Data(contentsOf: URL(fileURLWithPath: file, relativeTo: folder)))
        }
        let prompts = set.demonstrations.map {
            asked.template.replacingOccurrences(of: PromptPipeline.place, with: $0.instruction)
        }
        return try InstructionTokenizer(WordTokenizer(sentences: prompts))
    }

    /// The sizes a model for these pipelines has.
    public func sizes() throws -> PolicySizes { try PolicySizes(observationPipeline, actionPipeline, tokenizer) }
}

/// Demonstrations that nothing can be learnt from.
public enum PolicyDataError: Error, Equatable, CustomStringConvertible {
    case noDemonstrations(String)

    public var description: String {
        switch self {
        case .noDemonstrations(let name): "'\(name)' holds no demonstration."
        }
    }
}
