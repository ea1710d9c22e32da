import ActionTokenizer
public import TensorCore
public import TensorNN
import VisionLanguage

/// A policy that draws a chunk of actions: noise is carried to actions along a learned velocity.
///
/// The encoder's tokens of images, state and instruction do not see the actions and are computed once a chunk; noisy
/// actions with the time, one query each, see everything. Flow matching as pi0 (see ``FlowMatching``) or diffusion with
/// DDIM's sampler (see ``DiffusionSchedule``). The same generator gives the same actions.
public struct FlowMatchingModel: PolicyModel {
    /// What a recipe chooses.
    public struct Settings: Hashable, Codable, Sendable {
        public enum Objective: String, Codable, CaseIterable, Sendable {
            /// The velocity from data to noise.
            case flow
            /// The noise of a squared-cosine diffusion.
            case diffusion
        }

        public var encoder = PolicyEncoder.Configuration()
        public var objective = Objective.flow
        /// Steps of acting: Euler's, or DDIM's.
        public var stepCount = 10
        /// Steps of the diffusion that is learnt.
        public var diffusionStepCount = 50

        public init() {}
    }

    public struct Configuration: PolicyModelConfiguration {
        public var sizes: PolicySizes
        public var settings: Settings

        public init(sizes: PolicySizes, settings: Settings = Settings()) {
            (self.sizes, self.settings) = (sizes, settings)
        }

        public static var defaultSettings: [Settings] { [Settings()] }

        public var leastParameterCount: Double { settings.encoder.leastParameterCount(sizes) }

        public func validate() throws {
            try settings.encoder.validate(sizes)
            guard settings.encoder.width % 2 == 0, settings.encoder.width >= 4,
                (1...1000).contains(settings.stepCount), (1...10_000).contains(settings.diffusionStepCount),
                settings.objective == .flow || settings.stepCount <= settings.diffusionStepCount
            else {
                throw ConfigurationError(
                    "\(settings.stepCount) of \(settings.diffusionStepCount) steps, width \(settings.encoder.width)",
                    advice: "Steps of acting cannot be more than the diffusion's; the width has to be even.")
            }
        }
    }

    public static var family: PolicyFamily { .flowMatching }
    public static var drawsActions: Bool { true }
    public let configuration: Configuration
    private var encoder: PolicyEncoder
    private var input: Linear
    private var first: Linear
    private var second: Linear
    /// `[horizon, D]`.
    private var positions: Parameter
    private var output: Linear
    private let schedule: DiffusionSchedule

    public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        do { try configuration.validate() } catch { fatalError("\(error)") }
        self.configuration = configuration
        let (sizes, width) = (configuration.sizes, configuration.settings.encoder.width)
        encoder = PolicyEncoder(configuration.settings.encoder, sizes: sizes, using: &generator)
        input = Linear(sizes.dimensionCount, width, using: &generator)
        first = Linear(2 * width, width, using: &generator)
        second = Linear(width, width, using: &generator)
        positions = Parameter(.normal(standardDeviation: 0.5, [sizes.horizon, width], using: &generator))
        output = Linear(width, sizes.dimensionCount, using: &generator)
        schedule = DiffusionSchedule(stepCount: configuration.settings.diffusionStepCount)
    }

    /// What the encoder makes of the inputs: `[B, T, D]`, once a chunk.
    public func context(_ inputs: PolicyInputs) -> Tensor { encoder.context(inputs) }

    /// The velocity, or the noise, of noisy actions `[B, horizon, dimensions]` at one time a row.
    ///
    /// `W₂ silu(W₁ [action; time])`, as pi0's suffix tokens.
    public func prediction(_ x: Tensor, times: [Float], context: Tensor) -> Tensor {
        let (batch, horizon, width) = (x.shape[0], x.shape[1], configuration.settings.encoder.width)
        let time = FlowMatching.timeEmbedding(times, width: width).expandingDimension(at: 1)
            .broadcast(to: [batch, horizon, width]).contiguous
        let queries = second(first(.concatenated([input(x), time], axis: 2)).silu()) + positions.value
        return output(encoder.answers(to: queries, about: context, contextSeesQueries: false))
    }

    private func time(ofStep t: Int) -> Float { Float(t + 1) / Float(schedule.stepCount) }

    public func loss(on batch: PolicyBatch, using generator: inout PhiloxGenerator) -> PolicyLoss {
        let context = context(batch.inputs)
        // coded classes 0 and 1 become −1 and 1, of the noise's size
        let actions = spread(batch.targets)
        let noise = Tensor.normal(actions.shape, using: &generator)
        let (x, times, wanted): (Tensor, [Float], Tensor)
        switch configuration.settings.objective {
        case .flow:
            times = FlowMatching.times(batch.count, using: &generator)
            x = FlowMatching.mixed(actions, noise: noise, times: times)
            wanted = FlowMatching.velocity(actions, noise: noise)
        case .diffusion:
            let steps = (0..<batch.count).map { _ in Int.random(in: 0..<schedule.stepCount, using: &generator) }
            times = steps.map(time(ofStep:))
            x = schedule.noised(actions, noise: noise, times: steps)
            wanted = noise
        }
        let error = (prediction(x, times: times, context: context) - wanted).squared() * batch.stepWeights()
        let total = error.sum() / Float(configuration.sizes.dimensionCount)
        return PolicyLoss(total: total, metrics: ["squaredError": total.detached.scalar])
    }

    public func predict(
        _ inputs: PolicyInputs, actions pipeline: ActionPipeline, using generator: inout some RandomNumberGenerator
    ) throws -> [[Float]] {
        let sizes = configuration.sizes
        let noise = Tensor.normal([inputs.count, sizes.horizon, sizes.dimensionCount], using: &generator)
        let values = sample(from: noise, context: context(inputs)).contiguous.elements()
        let size = sizes.horizon * sizes.dimensionCount
        return (0..<inputs.count).map { Array(values[$0 * size..<($0 + 1) * size]) }
    }

    /// Actions from noise, `[B, horizon, dimensions]`, in the pipeline's units.
    ///
    /// - Parameters:
    ///   - noise: `[B, horizon, dimensions]`, standard normal.
    ///   - context: From ``context(_:)``.
    ///   - guide: Changes the velocity at (x, t), as ``ChunkGuidance`` does; for flow matching.
    public func sample(
        from noise: Tensor, context: Tensor,
        guide: (_ x: Tensor, _ velocity: Tensor, _ t: Float) -> Tensor = { _, velocity, _ in velocity }
    ) -> Tensor {
        let count = configuration.settings.stepCount
        let actions: Tensor
        switch configuration.settings.objective {
        case .flow:
            actions = FlowMatching.integrate(from: noise, stepCount: count) { x, t in
                let times = [Float](repeating: t, count: x.shape[0])
                return guide(x, prediction(x, times: times, context: context), t)
            }
        case .diffusion:
            actions = schedule.sample(from: noise, count: count) { x, t in
                let times = [Float](repeating: time(ofStep: t), count: x.shape[0])
                return prediction(x, times: times, context: context)
            }
        }
        return gathered(actions)
    }

    /// The gripper's class as −1 or 1.
    private func spread(_ targets: Tensor) -> Tensor {
        guard configuration.sizes.gripper == .binary else { return targets }
        let last = configuration.sizes.dimensionCount - 1
        let gripper = targets.slice(axis: 2, last..<last + 1).scaleShift(2, -1)
        return .concatenated([targets.slice(axis: 2, 0..<last), gripper], axis: 2)
    }

    private func gathered(_ actions: Tensor) -> Tensor {
        guard configuration.sizes.gripper == .binary else { return actions }
        let last = configuration.sizes.dimensionCount - 1
        let gripper = actions.slice(axis: 2, last..<last + 1).scaleShift(0.5, 0.5)
        return .concatenated([actions.slice(axis: 2, 0..<last), gripper], axis: 2)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("encoder", &encoder)
        try visitor.visit("input", &input)
        try visitor.visit("first", &first)
        try visitor.visit("second", &second)
        try visitor.visit("positions", &positions)
        try visitor.visit("output", &output)
    }
}

/// A policy that draws its actions by flow matching or diffusion.
public typealias FlowMatchingPolicy = LearnedPolicy<FlowMatchingModel>

extension PolicyRecipe {
    /// The settings of the family ``PolicyFamily/flowMatching``.
    public var flowMatching: FlowMatchingModel.Settings? {
        get { settings(of: FlowMatchingModel.self) }
        set { setSettings(newValue, of: FlowMatchingModel.self) }
    }
}
