public import ActionTokenizer
public import TensorCore
public import TensorNN
import VisionLanguage

/// The kinds of policies, as checkpoints name them.
public enum PolicyFamily: String, CaseIterable, Codable, Sendable {
    case regression, token, flowMatching
}

/// The sizes in which a model and its pipelines have to agree.
public struct PolicySizes: Hashable, Codable, Sendable {
    /// Width and height of each camera's input, in order.
    public var pictures: [[Int]]
    /// Numbers of the state; 0 without.
    public var stateSize: Int
    /// Ids of the tokenizer; 0 without a prompt.
    public var vocabularySize: Int
    /// Longest prompt.
    public var promptLength: Int
    public var horizon: Int
    public var dimensionCount: Int
    public var gripper: GripperCoding

    public init(
        pictures: [[Int]], stateSize: Int, vocabularySize: Int, promptLength: Int, horizon: Int, dimensionCount: Int,
        gripper: GripperCoding
    ) {
        (self.pictures, self.stateSize, self.vocabularySize) = (pictures, stateSize, vocabularySize)
        (self.promptLength, self.horizon, self.dimensionCount) = (promptLength, horizon, dimensionCount)
        self.gripper = gripper
    }

    /// What the pipelines give and take.
    public init(
        _ observation: ObservationPipeline, _ action: ActionPipeline, _ tokenizer: InstructionTokenizer?
    ) throws {
        if observation.prompt != nil, tokenizer == nil { throw PipelineError.tokenizer("there is none") }
        self.init(
            pictures: observation.cameras.map { [$0.size.width, $0.size.height] },
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
    /// Settings that stand in for those a saved file does not have, the first that has them.
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
        guard pictures.count <= 64, pictures.joined().allSatisfy({ (1...4096).contains($0) }),
            counts.allSatisfy({ (0...1 << 20).contains($0) }), (1...10_000).contains(horizon),
            (1...1000).contains(dimensionCount)
        else {
            throw ConfigurationError(
                "pictures of \(pictures), a state of \(stateSize), \(vocabularySize) ids, prompts of \(promptLength), "
                    + "\(horizon) × \(dimensionCount) actions",
                advice: "Sizes have to be positive and not that large.")
        }
    }
}

/// What a policy learns with: from prepared inputs to numbers, and to a loss.
public protocol PolicyModel: Module {
    associatedtype Configuration: PolicyModelConfiguration
    static var family: PolicyFamily { get }
    var configuration: Configuration { get }

    /// Draws the weights. Traps when the configuration is not valid.
    init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator)

    /// Whether the model can write the actions of a pipeline.
    ///
    /// - Throws: When it cannot, such as for tokens that it does not know.
    func validate(_ actions: ActionPipeline) throws

    /// The loss of a batch, to be differentiated, and numbers for the log.
    ///
    /// `generator` is for noise and dropout; drawn from the place in the training, so that it does not depend on the
    /// number of processes.
    func loss(on batch: PolicyBatch, using generator: inout CounterGenerator) -> PolicyLoss

    /// The chunk predicted for each row: `horizon · dimensions` numbers that ``ActionPipeline/decode(_:)`` takes.
    ///
    /// - Throws: When the prediction is no action.
    func predict(
        _ inputs: PolicyInputs, actions: ActionPipeline, using generator: inout some RandomNumberGenerator
    ) throws -> [[Float]]
}

extension PolicyModel {
    public func validate(_ actions: ActionPipeline) throws {}
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
