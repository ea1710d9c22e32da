public import RobotInterface
import TensorCore

/// A trained model between its two pipelines.
///
/// Each observation of a batch is computed on its own, so that its actions have the same bits whatever stands beside it.
public struct LearnedPolicy<Model: PolicyModel>: Policy {
    public var model: Model
    public let observationPipeline: ObservationPipeline
    public let actionPipeline: ActionPipeline
    public let tokenizer: InstructionTokenizer?

    /// - Throws: ``PipelineError/model(_:)`` when the model's sizes are not those of the pipelines.
    public init(
        model: Model, observationPipeline: ObservationPipeline, actionPipeline: ActionPipeline,
        tokenizer: InstructionTokenizer?
    ) throws {
        let expected = try PolicySizes(observationPipeline, actionPipeline, tokenizer)
        let differences = try FieldDifference.between(model.configuration.sizes, and: expected)
        guard differences.isEmpty else { throw PipelineError.model(differences) }
        try model.validate(actionPipeline)
        self.model = model
        self.observationPipeline = observationPipeline
        self.actionPipeline = actionPipeline
        self.tokenizer = tokenizer
    }

    public var requirements: PolicyRequirements {
        PolicyRequirements(
            actionSpace: actionPipeline.space, cameras: observationPipeline.requiredCameras,
            stateLayout: observationPipeline.state?.layout)
    }

    public func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        precondition(
            generators.count == observations.count,
            "actionChunks: \(generators.count) generators for \(observations.count) observations")
        var chunks: [ActionChunk] = []
        for index in observations.indices {
            let prepared = try observationPipeline.prepare(observations[index], using: tokenizer)
            let inputs = PolicyInputs([prepared], pipeline: observationPipeline)
            let numbers = try withoutGradient {
                try model.predict(inputs, actions: actionPipeline, using: &generators[index])
            }
            chunks.append(try actionPipeline.decode(numbers[0]))
        }
        return chunks
    }
}

/// A policy that predicts a whole chunk of numbers at once.
public typealias RegressionPolicy = LearnedPolicy<RegressionModel>
