import RobotInterface
import ActionTokenizer
public import Foundation
import ImageProcessing
import TextTokenizers

/// What a recipe and demonstrations make together, before anything is trained: pipelines, tokenizer and examples.
///
/// Everything that the data decide is decided here, once: sizes and orientation of the images, statistics, words. Numbers
/// of all demonstrations are read; no image is.
public struct PolicyAssembly: Sendable {
    public let observationPipeline: ObservationPipeline
    public let actionPipeline: ActionPipeline
    public let tokenizer: InstructionTokenizer?
    public let trainingExamples: PolicyExamples
    public let validationExamples: PolicyExamples
    /// Demonstrations of each part.
    public let demonstrationCounts: (training: Int, validation: Int)
    /// SHA-256 of actions, states and instructions of all demonstrations, in order.
    public let dataHash: String
    /// Demonstrations that were left out because they cannot be read.
    public let damaged: [DamagedDemonstration]

    /// A demonstration that cannot be read.
    public struct DamagedDemonstration: Sendable, CustomStringConvertible {
        /// Its place in the set.
        public var index: Int
        public var reason: String

        public var description: String { "left out demonstration \(index): \(reason)" }
    }

    /// - Parameters:
    ///   - recipe: What is to be trained.
    ///   - set: The demonstrations.
    ///   - folder: The recipe's folder, for files it names.
    ///   - skipsDamaged: Whether demonstrations that cannot be read are left out.
    /// - Throws: ``PipelineError`` when the data lack a camera or state the recipe asks for; what reading a demonstration
    ///   throws, unless damaged ones are left out.
    public init(
        _ recipe: PolicyRecipe, _ set: some DemonstrationSet, recipeFolder folder: URL? = nil,
        skipsDamaged: Bool = false
    ) throws {
        let numbers = try DemonstrationNumbers(
            set, actionColumn: recipe.data.actionColumn, skipsDamaged: skipsDamaged)
        (dataHash, damaged) = (numbers.contentHash, numbers.damaged)
        let total = min(numbers.demonstrations.count, recipe.data.demonstrationLimit ?? .max)
        guard total > 0 else {
            throw PolicyDataError.noDemonstrations(set.name, reason: numbers.damaged.first?.reason)
        }
        let usable = numbers.demonstrations.prefix(total)
        let places = Dictionary(uniqueKeysWithValues: usable.enumerated().map { ($0.element.index, $0.offset) })
        let split = try recipe.data.split.indices(
            tasks: usable.map(\.demonstration.task), lists: set.lists.mapValues { $0.compactMap { places[$0] } })
        let (actions, states) = try numbers.statistics(split.training)
        let source = "\(set.name) \(dataHash)"

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
            guard StateLayout(asked.parts) == set.stateLayout, let states else {
                throw PipelineError.mismatch(
                    "The state layout",
                    try FieldDifference.between(set.stateLayout, and: StateLayout(asked.parts)))
            }
            state = try StatePipeline(
                layout: set.stateLayout, normalization: Normalization(asked.normalization, states, source: source))
        }

        // words
        let tokenizer = try recipe.prompt.map { try Self.tokenizer($0, numbers.instructions, folder) }
        self.tokenizer = tokenizer
        let prompt = try recipe.prompt.map {
            try PromptPipeline(
                template: $0.template, lowercases: $0.lowercases, tokenizerHash: tokenizer!.hash,
                maximumTokenCount: $0.maximumTokenCount)
        }

        observationPipeline = try ObservationPipeline(cameras: cameras, state: state, prompt: prompt)
        func examples(_ indices: [Int]) -> PolicyExamples {
            PolicyExamples(
                indices.map { numbers.demonstrations[$0] }, space: set.actionSpace, stateLayout: set.stateLayout,
                horizon: recipe.action.horizon, stride: recipe.data.frameStride,
                noOps: recipe.data.noOpThreshold.map(NoOpFilter.init), tail: recipe.data.tail ?? .repeatsLast,
                weights: recipe.data.taskWeights)
        }
        trainingExamples = examples(split.training)
        validationExamples = examples(split.validation)

        // actions; FAST's tokens are learnt from the training part
        let plain = try ActionPipeline(
            space: set.actionSpace,
            normalization: Normalization(recipe.action.normalization, actions, source: source),
            horizon: recipe.action.horizon, gripper: recipe.action.gripper)
        let training = trainingExamples
        let vocabularySize = tokenizer?.vocabularySize ?? 0
        let tokens = try recipe.action.tokens.map { asked in
            try asked.coding(vocabularySize: vocabularySize, statistics: actions, relativeTo: folder) {
                try (0..<training.count).map { index in
                    let row = try plain.encode(training[index].actions)
                    let width = plain.dimensionCount
                    return (0..<plain.horizon).map { row[$0 * width..<($0 + 1) * width].map(Double.init) }
                }
            }
        }
        actionPipeline = try ActionPipeline(
            space: plain.space, normalization: plain.normalization, horizon: plain.horizon, gripper: plain.gripper,
            tokens: tokens)
        demonstrationCounts = (split.training.count, split.validation.count)
    }

    /// The one the recipe names, else the words of all prompts.
    private static func tokenizer(
        _ asked: PolicyRecipe.Prompt, _ instructions: [String], _ folder: URL?
    ) throws -> InstructionTokenizer {
        if let file = asked.tokenizer {
            return try InstructionTokenizer(
                kind: .bytePairs, file: Data(contentsOf: URL(fileURLWithPath: file, relativeTo: folder)))
        }
        let prompts = instructions.map {
            asked.template.replacingOccurrences(of: PromptPipeline.place, with: $0)
        }
        return try InstructionTokenizer(WordTokenizer(sentences: prompts))
    }

    /// The sizes a model for these pipelines has.
    public func sizes() throws -> PolicySizes { try PolicySizes(observationPipeline, actionPipeline, tokenizer) }
}

/// Demonstrations that nothing can be learnt from.
public enum PolicyDataError: Error, Equatable, CustomStringConvertible {
    /// - Parameter reason: Why the first of those that were left out cannot be read, if any was.
    case noDemonstrations(String, reason: String? = nil)

    public var description: String {
        switch self {
        case .noDemonstrations(let name, let reason):
            "'\(name)' holds no demonstration" + (reason.map { " that can be read. The first one: \($0)" } ?? ".")
        }
    }
}
