public import RobotInterface
public import Foundation
public import TensorCore
import TensorNN

/// A policy on disk: a folder that holds all that it needs to act, and where it comes from.
///
/// | file | what |
/// |---|---|
/// | `model.safetensors` | the weights, `float32` or `float16` |
/// | `config.json` | family and configuration of the model |
/// | `pipeline.json` | ``ObservationPipeline`` and ``ActionPipeline`` |
/// | `tokenizer.json` | the tokenizer of the instructions, when there is one |
/// | `statistics.json` | the statistics in the pipelines once more, for other programs |
/// | `training.json` | ``TrainingRecord`` |
/// | `checkpoint.json` | format, SHA-256 of each file, and of all of them: the content hash |
///
/// Reading is strict: a file that is missing, damaged or of another checkpoint is an error, and so is a tensor too few
/// or too many.
public struct PolicyCheckpoint: Sendable {
    public static let format = "vla policy 1"

    public var family: PolicyFamily
    /// The family's configuration as JSON.
    public var configuration: Data
    public var observationPipeline: ObservationPipeline
    public var actionPipeline: ActionPipeline
    public var tokenizer: InstructionTokenizer?
    public var training: TrainingRecord
    public var weights: [String: Tensor]
    /// SHA-256 over names and hashes of the files; nil before it is written.
    public internal(set) var contentHash: String?

    /// A policy as it is, to be written.
    public init<Model: PolicyModel>(
        _ policy: LearnedPolicy<Model>, training: TrainingRecord, isHalfPrecision: Bool = false
    ) throws {
        family = Model.family
        configuration = try Self.encoder.encode(policy.model.configuration)
        observationPipeline = policy.observationPipeline
        actionPipeline = policy.actionPipeline
        tokenizer = policy.tokenizer
        self.training = training
        weights = policy.model.parameters.mapValues {
            isHalfPrecision ? $0.detached.converted(to: .float16) : $0.detached
        }
    }

    /// The policy of the checkpoint, of whatever family is registered.
    ///
    /// - Throws: ``PolicyFamilyError``, and as ``policy(of:)``.
    public func policy() throws -> any Policy {
        func policy<Model: PolicyModel>(_: Model.Type) throws -> any Policy { try self.policy(of: Model.self) }
        return try policy(family.model)
    }

    /// The policy of the checkpoint, of a family known.
    ///
    /// - Throws: ``CheckpointError``, `WeightMismatch` with every tensor that does not fit, ``PipelineError``.
    public func policy<Model: PolicyModel>(of _: Model.Type) throws -> LearnedPolicy<Model> {
        guard Model.family == family else {
            throw CheckpointError.otherFamily(found: family.rawValue, expected: Model.family.rawValue)
        }
        var policy: LearnedPolicy<Model> = try drawnPolicy(seed: 0)
        try policy.model.load(weights)
        policy.model.setTrainable(false)
        policy.model.prepareToAct()
        return policy
    }

    /// A policy of the same kind with the same pipelines that has learnt nothing: all weights are drawn.
    ///
    /// - Throws: As ``policy()``; the checkpoint's weights are not looked at.
    public func untrainedPolicy(seed: UInt64) throws -> any Policy {
        func drawn<Model: PolicyModel>(_: Model.Type) throws -> any Policy {
            var policy: LearnedPolicy<Model> = try drawnPolicy(seed: seed)
            policy.model.setTrainable(false)
            return policy
        }
        return try drawn(family.model)
    }

    private func drawnPolicy<Model: PolicyModel>(seed: UInt64) throws -> LearnedPolicy<Model> {
        let configuration: Model.Configuration
        do {
            let sizes = PolicySizes(
                images: [], stateSize: 0, vocabularySize: 0, promptLength: 0, horizon: 0, dimensionCount: 0,
                gripper: .number)
            configuration = try SettingsJSON.decode(
                from: self.configuration,
                defaults: Model.Configuration.defaultSettings.map { .init(sizes: sizes, settings: $0) },
                mayBeAbsent: { $0.first == "settings" })
            try configuration.validate()
        } catch {
            throw CheckpointError.damaged(file: "config.json", SettingsJSON.explanation(error))
        }
        // nothing large is allocated for a file that does not hold it
        let held = weights.values.reduce(0.0) { $0 + Double($1.elementCount) }
        guard configuration.leastParameterCount <= max(held, Double(1 << 24)) else {
            throw CheckpointError.damaged(
                file: "config.json",
                String(
                    format: "a model of at least %.0f weights, where the file holds %.0f",
                    configuration.leastParameterCount, held))
        }
        var generator = PhiloxGenerator(seed: seed)
        return try LearnedPolicy(
            model: Model(configuration, using: &generator), observationPipeline: observationPipeline,
            actionPipeline: actionPipeline, tokenizer: tokenizer)
    }
}

/// A checkpoint that cannot be used.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
    case missingFile(String)
    case damaged(file: String, String)
    /// The file is not the one the checkpoint was written with.
    case otherContent(file: String)
    case otherFormat(found: String)
    case otherFamily(found: String, expected: String)
    case unsupported(String)

    public var description: String {
        switch self {
        case .missingFile(let file): "The checkpoint has no \(file). Copy the whole folder."
        case .damaged(let file, let reason): "\(file) of the checkpoint is damaged: \(reason)."
        case .otherContent(let file):
            "\(file) is not the file the checkpoint was written with: its hash differs. A checkpoint is not edited; "
                + "write a new one."
        case .otherFormat(let found):
            "The folder's format is '\(found)', known is '\(PolicyCheckpoint.format)'. Use the program that wrote it."
        case .otherFamily(let found, let expected): "The checkpoint is of the family \(found), not \(expected)."
        case .unsupported(let what): "This program cannot make \(what)."
        }
    }
}
