import RobotInterface
import Foundation
import TensorCore
import TensorNN
import VLAPolicy

/// A policy of whatever family, with what the doctor does to it.
struct PolicyUnderTest {
    let checkpoint: PolicyCheckpoint
    let policy: any Policy
    /// Normalized numbers of prepared observations, under a pipeline that gives inputs of the same sizes.
    let predict: ([PreparedObservation], ObservationPipeline) throws -> [[Float]]
    /// What the training's log holds for a batch.
    let metrics: (PolicyBatch) -> [String: Double]
    /// What the training's batch and the inference path make of the same frames.
    let paths: (PreparedDataset, [Observation]) throws -> [FieldComparison]
    /// The weights of a model as it is before it is trained.
    let fresh: (_ seed: UInt64) -> [String: Tensor]
    let check: () throws -> PredictionCheck
    /// The tokens written with and without a cache; nil for models that write none.
    let tokens: ((PreparedObservation, ObservationPipeline) -> (cached: [Int], uncached: [Int]))?
    /// The loss includes text whose ids are action tokens.
    let masksByValue: Bool
    /// Two predictions for the same frame differ.
    let drawsActions: Bool

    /// - Throws: As `PolicyCheckpoint.policy()`.
    init(_ checkpoint: PolicyCheckpoint) throws {
        func subject<Model: PolicyModel>(_ type: Model.Type) throws -> PolicyUnderTest {
            try PolicyUnderTest(checkpoint, type)
        }
        self = try subject(checkpoint.family.model)
    }

    private init<Model: PolicyModel>(_ checkpoint: PolicyCheckpoint, _: Model.Type) throws {
        let policy = try checkpoint.policy(of: Model.self)
        let (model, actions) = (policy.model, policy.actionPipeline)
        self.checkpoint = checkpoint
        self.policy = policy
        // rows of a batch are predicted together where that gives the same, one by one where they are written
        predict = { observations, pipeline in
            var result: [[Float]] = []
            for start in stride(from: 0, to: observations.count, by: 16) {
                let part = Array(observations[start..<min(start + 16, observations.count)])
                // the same noise for every variant
                var generator = PhiloxGenerator(seed: 0, stream: UInt64(start))
                result += try withoutGradient {
                    try model.predict(PolicyInputs(part, pipeline: pipeline), actions: actions, using: &generator)
                }
            }
            return result
        }
        metrics = { batch in
            var generator = PhiloxGenerator(seed: 1)
            let loss = withoutGradient { model.loss(on: batch, using: &generator) }
            var values = loss.metrics.mapValues(Double.init)
            values["loss"] = Double(loss.total.scalar)
            return values
        }
        paths = { set, observations in try PathComparison.fields(policy, set, observations) }
        fresh = { seed in
            var generator = PhiloxGenerator(seed: seed)
            return Model(model.configuration, using: &generator).parameters
        }
        check = { try PredictionCheck(model, actions: actions) }
        drawsActions = Model.drawsActions
        if let model = model.tokenModel, let coding = actions.tokens {
            tokens = { observation, pipeline in
                let inputs = PolicyInputs([observation], pipeline: pipeline)
                var generator = PhiloxGenerator(seed: 0)
                let cached = model.decode(inputs, coding: coding, using: &generator)
                let uncached = model.decode(inputs, coding: coding, usesCache: false, using: &generator)
                return (cached.tokens, uncached.tokens)
            }
            masksByValue = model.configuration.settings.loss.variant == .actionByValue
        } else {
            (tokens, masksByValue) = (nil, false)
        }
    }

    /// Frames as the training prepares them.
    ///
    /// - Throws: `ObservationError`, `PipelineError` where the pipeline cannot prepare them.
    func prepared(_ frames: some Sequence<Frame>) throws -> PreparedDataset {
        let set = PreparedDataset(
            PolicyExamples(frames.map(\.example)), observationPipeline: checkpoint.observationPipeline,
            actionPipeline: checkpoint.actionPipeline, tokenizer: checkpoint.tokenizer)
        try set.prepareAll()
        return set
    }

    /// The same policy with other weights.
    func with(_ weights: [String: Tensor]) throws -> PolicyUnderTest {
        var changed = checkpoint
        changed.weights = weights
        return try PolicyUnderTest(changed)
    }
}
