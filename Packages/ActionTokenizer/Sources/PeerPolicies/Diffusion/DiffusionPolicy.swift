public import TensorCore
import TensorNN

/// A Diffusion Policy of a LeRobot folder, between its processors.
public struct DiffusionPolicy: Sendable {
    public var model: DiffusionModel
    public let preparation: LeRobotPreparation
    public let findings: [PeerFinding]

    public var configuration: DiffusionConfiguration { model.configuration }

    /// - Throws: ``PeerPolicyError``.
    public init(_ folder: LeRobotFolder) throws {
        var findings = folder.findings
        let configuration = try DiffusionConfiguration(
            folder.configuration, isLegacy: folder.isLegacy, findings: &findings)
        model = try DiffusionModel(configuration, from: WeightSource(folder.weights, file: LeRobotFolder.weightsName))
        preparation = LeRobotPreparation(folder)
        self.findings = findings
        packForSampling()
    }

    /// Arranges weights for repeated calls; needed again after the model was changed.
    public mutating func packForSampling() { model.network.pack() }

    /// A normalized sequence of `horizon` actions from given noise.
    ///
    /// - Parameters:
    ///   - inputs: With an axis of `n_obs_steps` observations.
    ///   - noise: `[batch, horizon, size]` of N(0, 1).
    ///   - kind: The sampler; nil for the configuration's.
    ///   - stepNoise: Of each step of DDPM.
    public func normalizedHorizons(
        _ inputs: LeRobotInputs, noise: Tensor, kind: NoiseScheduler.Kind? = nil, stepNoise: (Int) -> Tensor
    ) throws -> Tensor {
        try withoutGradient {
            let prepared = try preparation.prepare(inputs, steps: configuration.observationSteps)
            var none: BatchStatistics?
            let condition = model.condition(prepared, statistics: &none)
            return model.sample(condition: condition, noise: noise, kind: kind, stepNoise: stepNoise)
        }
    }

    /// The actions that are executed, in the robot's units: `[batch, actionSteps, size]`.
    public func chunks(
        _ inputs: LeRobotInputs, noise: Tensor, stepNoise: (Int) -> Tensor
    ) throws -> Tensor {
        preparation.actions(executed(try normalizedHorizons(inputs, noise: noise, stepNoise: stepNoise)))
    }

    /// The part of a horizon that begins with the present.
    func executed(_ horizon: Tensor) -> Tensor {
        let first = configuration.observationSteps - 1
        return horizon.slice(axis: 1, first..<first + configuration.actionSteps)
    }

    /// As ``chunks(_:noise:stepNoise:)`` with noise drawn from a generator, one row.
    public func chunk(_ inputs: LeRobotInputs, using generator: inout some RandomNumberGenerator) throws -> Tensor {
        let shape: Shape = [1, configuration.horizon, configuration.actionSize]
        let noise = Tensor.normal(standardDeviation: 1, shape, using: &generator)
        let stepNoises =
            configuration.scheduler.kind == .ddim
            ? []
            : (0..<configuration.inferenceSteps).map { _ in
                Tensor.normal(standardDeviation: 1, shape, using: &generator)
            }
        return try chunks(inputs, noise: noise) { stepNoises[$0] }
    }
}

/// A Diffusion Policy in a control loop: keeps the last observations, executes part of each sequence.
public struct DiffusionSession: Sendable {
    public let policy: DiffusionPolicy
    private var history: [LeRobotInputs] = []
    private var queue: [[Float]] = []
    /// How often the network was computed.
    public private(set) var callCount = 0

    public init(_ policy: DiffusionPolicy) { self.policy = policy }

    /// Takes an observation and returns the next action in the robot's units.
    ///
    /// - Parameters:
    ///   - inputs: Of now, without an axis of steps.
    ///   - chunk: Computes the actions of a history; the policy's own by default.
    public mutating func action(
        for inputs: LeRobotInputs, chunk: (DiffusionPolicy, LeRobotInputs, _ call: Int) throws -> Tensor
    ) throws -> [Float] {
        let steps = policy.configuration.observationSteps
        // the first observation stands for those before it
        history =
            history.isEmpty ? [LeRobotInputs](repeating: inputs, count: steps) : history.suffix(steps - 1) + [inputs]
        if queue.isEmpty {
            let actions = try chunk(policy, .history(history), callCount)
            callCount += 1
            queue = (0..<actions.shape[1]).map { actions[0][$0].floats }
        }
        return queue.removeFirst()
    }
}
