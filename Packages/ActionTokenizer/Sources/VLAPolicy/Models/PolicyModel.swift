public import ActionTokenizer
public import Foundation
public import TensorCore
public import TensorNN
import VisionLanguage

/// The sizes in which a model and its pipelines have to agree.
public struct PolicySizes: Hashable, Codable, Sendable {
    /// Width and height of each camera's input, in order.
    public var images: [[Int]]
    /// Numbers of the state; 0 without.
    public var stateSize: Int
    /// Ids of the tokenizer; 0 without a prompt.
    public var vocabularySize: Int
    /// Longest prompt.
    public var promptLength: Int
    public var horizon: Int
    public var dimensionCount: Int
    public var gripper: GripperCoding

    private enum CodingKeys: String, CodingKey {
        case stateSize, vocabularySize, promptLength, horizon, dimensionCount, gripper
        // the name in files since version 0.1
        case images = "pictures"
    }

    public init(
        images: [[Int]], stateSize: Int, vocabularySize: Int, promptLength: Int, horizon: Int, dimensionCount: Int,
        gripper: GripperCoding
    ) {
        (self.images, self.stateSize, self.vocabularySize) = (images, stateSize, vocabularySize)
        (self.promptLength, self.horizon, self.dimensionCount) = (promptLength, horizon, dimensionCount)
        self.gripper = gripper
    }

    /// What the pipelines give and take.
    public init(
        _ observation: ObservationPipeline, _ action: ActionPipeline, _ tokenizer: InstructionTokenizer?
    ) throws {
        if observation.prompt != nil, tokenizer == nil { throw PipelineError.tokenizer("there is none") }
        self.init(
            images: observation.cameras.map { [$0.size.width, $0.size.height] },
            stateSize: observation.state?.layout.count ?? 0,
            vocabularySize: observation.prompt == nil ? 0 : tokenizer!.vocabularySize,
            promptLength: observation.prompt?.maximumTokenCount ?? 0, horizon: action.horizon,
            dimensionCount: action.dimensionCount, gripper: action.gripper)
    }
}

/// The configuration of a ``PolicyModel``.
public protocol PolicyModelConfiguration: Codable, Hashable, Sendable {
    /// What a recipe chooses.
    associatedtype Settings: Codable, Hashable, Sendable
    /// Defaults for settings that a saved file does not have; the first that has them applies.
    static var defaultSettings: [Settings] { get }

    var sizes: PolicySizes { get }
    var settings: Settings { get }
    init(sizes: PolicySizes, settings: Settings)

    /// No model of this configuration has fewer weights: what a wrong file asks for is compared before it is made.
    var leastParameterCount: Double { get }
    /// - Throws: When the sizes do not fit each other.
    func validate() throws
}

extension PolicySizes {
    /// Bounds on what a wrong file can ask for.
    ///
    /// - Throws: `ConfigurationError`.
    func validate() throws {
        let counts = [stateSize, vocabularySize, promptLength]
        guard images.count <= 64, images.joined().allSatisfy({ (1...4096).contains($0) }),
            counts.allSatisfy({ (0...1 << 20).contains($0) }), (1...10_000).contains(horizon),
            (1...1000).contains(dimensionCount)
        else {
            throw ConfigurationError(
                "images of \(images), a state of \(stateSize), \(vocabularySize) ids, prompts of \(promptLength), "
                    + "\(horizon) × \(dimensionCount) actions",
                advice: "Sizes have to be positive and not that large.")
        }
    }
}

/// What a policy learns with: from prepared inputs to numbers, and to a loss. Its type is a ``PolicyFamily``.
///
/// A family of another package conforms its model, calls ``PolicyFamily/register(_:)``, and is trained, saved, evaluated and
/// diagnosed like those of this one. The first four requirements and ``predict(_:actions:using:)`` have no default.
public protocol PolicyModel: Module {
    associatedtype Configuration: PolicyModelConfiguration
    /// The name of the family, in recipes that of its section.
    static var family: PolicyFamily { get }
    var configuration: Configuration { get }

    /// Draws the weights. Traps when the configuration is not valid.
    init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator)

    /// The loss of a batch, to be differentiated, and numbers for the log.
    ///
    /// `generator` is for noise and dropout; drawn from the place in the training, so that it does not depend on the
    /// number of processes.
    func loss(on batch: PolicyBatch, using generator: inout PhiloxGenerator) -> PolicyLoss

    /// The chunk predicted for each row: `horizon · dimensions` numbers that ``ActionPipeline/decode(_:)`` takes.
    ///
    /// - Throws: When the prediction is no action.
    func predict(
        _ inputs: PolicyInputs, actions: ActionPipeline, using generator: inout some RandomNumberGenerator
    ) throws -> [[Float]]

    // MARK: Recipe and assembly

    /// Gives a new recipe of the family what it has by default. Adds the first of the default settings by default.
    static func addDefaults(to recipe: inout PolicyRecipe)

    /// The model's configuration for a recipe and the pipelines made of its data. By default sizes and section.
    ///
    /// - Throws: ``RecipeError`` when they do not fit each other.
    static func configuration(
        for recipe: PolicyRecipe, sizes: PolicySizes, actions: ActionPipeline
    ) throws -> Configuration

    /// Whether the model can write the actions of a pipeline. Every one by default.
    ///
    /// - Throws: When it cannot, such as for tokens that it does not know.
    func validate(_ actions: ActionPipeline) throws

    // MARK: Weights from elsewhere

    /// Completes a recipe by what weights decide, before pipelines are made of it. Does nothing by default.
    ///
    /// - Parameters:
    ///   - recipe: What was chosen.
    ///   - source: Where the weights come from.
    ///   - folder: That of the files the recipe names.
    /// - Throws: ``WeightTransferError`` when the recipe says something else.
    static func prepare(_ recipe: inout PolicyRecipe, for source: PolicyWeightSource, filesIn folder: URL?) throws

    /// Takes over weights; strictly, or not at all. By default those of a checkpoint alone.
    ///
    /// - Throws: ``WeightTransferError`` or `WeightMismatch` with everything that does not fit.
    mutating func start(from source: PolicyWeightSource) throws -> WeightTransfer

    // MARK: Training and acting

    /// The weights of a part that is not trained and whose work on images can be kept, by name; nil by default.
    var frozenTowerWeights: [String: Tensor]? { get }

    /// What that part makes of the images, `[B, cameras, N, D]`: ``PolicyInputs/features``. Nil by default.
    func features(_ inputs: PolicyInputs) -> Tensor?

    /// Called once when a policy is loaded to act, such as to keep what calls share. Does nothing by default.
    mutating func prepareToAct()

    // MARK: Diagnosis

    /// Whether two predictions for the same inputs differ, as they are drawn. No by default.
    static var drawsActions: Bool { get }

    /// Examples of the validation that are predicted for the report of a training; fewer for a slow family.
    static var reportedExampleCount: Int { get }

    /// The part that writes action tokens, whose tokens and logits are examined; nil by default.
    var tokenModel: TokenModel? { get }
}

extension PolicyModel {
    public static func addDefaults(to recipe: inout PolicyRecipe) {
        recipe.setSettings(Configuration.defaultSettings.first, of: Self.self)
    }

    public static func configuration(
        for recipe: PolicyRecipe, sizes: PolicySizes, actions: ActionPipeline
    ) throws -> Configuration {
        var defaults = recipe
        addDefaults(to: &defaults)
        guard let settings = recipe.settings(of: Self.self) ?? defaults.settings(of: Self.self) else {
            throw RecipeError(file: recipe.name, reason: "there are no settings of the family \(family)")
        }
        return Configuration(sizes: sizes, settings: settings)
    }

    public func validate(_ actions: ActionPipeline) throws {}

    public static func prepare(
        _ recipe: inout PolicyRecipe, for source: PolicyWeightSource, filesIn folder: URL?
    ) throws {}

    public mutating func start(from source: PolicyWeightSource) throws -> WeightTransfer {
        guard case .checkpoint(let checkpoint) = source else {
            throw WeightTransferError.unsupported(source.name, family: Self.family.rawValue)
        }
        return try start(from: checkpoint)
    }

    /// Takes over all weights of a checkpoint.
    ///
    /// - Throws: `WeightMismatch` with every tensor that does not fit.
    public mutating func start(from checkpoint: PolicyCheckpoint) throws -> WeightTransfer {
        try load(checkpoint.weights)
        let hash = checkpoint.contentHash ?? "not written"
        return WeightTransfer(
            sources: ["checkpoint \(hash): \(checkpoint.weights.count) tensors"], parent: hash,
            taken: checkpoint.weights.keys.sorted(), new: [])
    }

    public var frozenTowerWeights: [String: Tensor]? { nil }
    public func features(_ inputs: PolicyInputs) -> Tensor? { nil }
    public mutating func prepareToAct() {}
    public static var drawsActions: Bool { false }
    public static var reportedExampleCount: Int { 512 }
    public var tokenModel: TokenModel? { nil }
}

/// What a batch costs.
public struct PolicyLoss {
    /// A scalar.
    public var total: Tensor
    /// Means over the batch for the log; the same names for every batch.
    public var metrics: [String: Float]

    public init(total: Tensor, metrics: [String: Float]) {
        self.total = total
        self.metrics = metrics
    }
}
