import Foundation
import ActionTokenizer
public import TensorCore
public import TensorNN
import VisionLanguage

/// A small policy that predicts a whole chunk of actions in one pass.
///
/// Each action has a query; what the encoder answers goes through OpenVLA-OFT's head to its numbers. One more query is
/// asked where the hand will be at the next gripper event (see ``GripperEvents``): it is what teaches such a small network
/// to find things, and the head of the actions is told its answer.
public struct RegressionModel: PolicyModel {
    /// What a recipe chooses.
    public struct Settings: Hashable, Codable, Sendable {
        public var encoder = PolicyEncoder.Configuration()
        /// Queries of each action; OpenVLA-OFT has one for each dimension.
        public var queriesPerAction = 1
        public var headResidualCount = 1
        /// Weights of the parts of the loss beside the motion's, for which it is 1.
        public var gripperWeight: Float = 0.1
        public var eventWeight: Float = 0.5
        /// Whether the head of the actions is told where the next gripper event is expected, and how far that is from
        /// the hand. Needs a state that begins with the hand's position.
        public var tellsEvent = true
        /// How the first camera sees the world. With it the first keypoint is taught to look at the place of the event,
        /// which is found many times sooner than through the actions alone. Used in training only.
        public var pointing: CameraProjection?
        public var pointingWeight: Float = 0.3

        public init() {}
    }

    public struct Configuration: PolicyModelConfiguration {
        public var sizes: PolicySizes
        public var settings: Settings

        public init(sizes: PolicySizes, settings: Settings = Settings()) {
            (self.sizes, self.settings) = (sizes, settings)
        }

        public static var defaultSettings: [Settings] { [Settings()] }

        public var leastParameterCount: Double {
            let width = Double(settings.encoder.width)
            return settings.encoder.leastParameterCount(sizes)
                + Double(sizes.horizon * settings.queriesPerAction) * width
                + Double(settings.queriesPerAction + settings.headResidualCount) * width * width
        }

        public func validate() throws {
            try settings.encoder.validate(sizes)
            guard (1...256).contains(settings.queriesPerAction), (0...64).contains(settings.headResidualCount),
                settings.gripperWeight >= 0, settings.eventWeight >= 0
            else {
                throw ConfigurationError(
                    "\(settings.queriesPerAction) queries for an action, \(settings.headResidualCount) residual layers, "
                        + "weights \(settings.gripperWeight) and \(settings.eventWeight)",
                    advice: "Counts and weights have to be positive.")
            }
        }
    }

    public static var family: PolicyFamily { .regression }
    public let configuration: Configuration
    private var encoder: PolicyEncoder
    /// `[horizon · queriesPerAction + 1, D]`; the last one asks for the event.
    private var queries: Parameter
    private var head: ResidualHead
    private var event: Linear
    /// The place of the event, the way to it, and that way magnified near the hand, into the head's input.
    private var eventHint: Linear?

    public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        do { try configuration.validate() } catch { fatalError("\(error)") }
        self.configuration = configuration
        let (sizes, c) = (configuration.sizes, configuration.settings)
        let width = c.encoder.width
        encoder = PolicyEncoder(c.encoder, sizes: sizes, using: &generator)
        queries = Parameter(
            .normal(
                standardDeviation: 0.5, [sizes.horizon * c.queriesPerAction + 1, width], using: &generator))
        head = ResidualHead(
            inputSize: width * c.queriesPerAction, hiddenSize: width, outputSize: sizes.dimensionCount,
            residualCount: c.headResidualCount, using: &generator)
        event = Linear(width, 3, using: &generator)
        if c.tellsEvent, sizes.stateSize >= 3 {
            eventHint = Linear(9, width * c.queriesPerAction, using: &generator)
        }
    }

    /// `[B, horizon, dimensions]`, the last dimension a logit when the gripper is a class, and the event `[B, 3]`.
    ///
    /// `scores` are those of the places the first camera's first keypoint looks at, `[B, N]`.
    public func callAsFunction(_ inputs: PolicyInputs) -> (actions: Tensor, event: Tensor, scores: Tensor?) {
        let (sizes, width) = (configuration.sizes, configuration.settings.encoder.width)
        let asked = queries.value.expandingDimension(at: 0)
            .broadcast(to: [inputs.count, queries.value.shape[0], width])
        let (context, scores) = encoder.look(at: inputs)
        let answers = encoder.answers(to: asked, about: context)
        let actionCount = answers.shape[1] - 1
        var rows = answers.slice(axis: 1, 0..<actionCount).reshaped([inputs.count, sizes.horizon, -1])
        let event = event(answers.select(axis: 1, actionCount))
        if let eventHint, let state = inputs.state {
            let way = event - state.slice(axis: 1, 0..<3)
            rows = rows + eventHint(.concatenated([event, way, (way * 8).tanh()], axis: 1)).expandingDimension(at: 1)
        }
        return (head(rows), event, scores)
    }

    public func loss(on batch: PolicyBatch, using generator: inout PhiloxGenerator) -> PolicyLoss {
        let (actions, event, scores) = self(batch.inputs)
        let dimensions = configuration.sizes.dimensionCount
        let isBinary = configuration.sizes.gripper == .binary
        let motionCount = isBinary ? dimensions - 1 : dimensions
        let weights = batch.stepWeights()

        // |a − â|, the mean over the dimensions that are numbers
        let difference =
            actions.slice(axis: 2, 0..<motionCount) - batch.targets.slice(axis: 2, 0..<motionCount)
        let motion = (difference.absoluteValue() * weights).sum() / Float(motionCount)
        var total = motion
        var metrics = ["l1": motion.detached.scalar]

        if isBinary {
            let logits = actions.slice(axis: 2, motionCount..<dimensions)
            let closed = batch.targets.slice(axis: 2, motionCount..<dimensions)
            let gripper = (Self.binaryCrossEntropy(logits, closed) * weights).sum()
            total = total + gripper * configuration.settings.gripperWeight
            metrics["gripperLoss"] = gripper.detached.scalar
            let (z, y, w) = (logits.detached.elements(), closed.contiguous.elements(), weights.elements())
            var right: Float = 0
            for i in z.indices where (z[i] >= 0) == (y[i] >= 0.5) { right += w[i] }
            metrics["gripperAccuracy"] = right
        }

        // where the gripper acts next
        metrics["eventError"] = 0
        if configuration.settings.eventWeight > 0, let eventWeights = batch.eventWeights() {
            let difference = event - batch.events
            total = total + (difference.absoluteValue() * eventWeights).sum() * (configuration.settings.eventWeight / 3)
            metrics["eventError"] = Self.meanDistance(difference, batch.eventScale, eventWeights)
        }
        if let pointing = configuration.settings.pointing, let scores {
            metrics["pointingLoss"] = 0
            if let places = PointingTargets(batch, seenBy: pointing, placeCount: scores.shape[1]) {
                let loss = places.loss(of: scores)
                total = total + loss * configuration.settings.pointingWeight
                metrics["pointingLoss"] = loss.detached.scalar
            }
        }
        return PolicyLoss(total: total, metrics: metrics)
    }

    /// `log(1 + exp(z)) − z y`, without overflow.
    private static func binaryCrossEntropy(_ z: Tensor, _ y: Tensor) -> Tensor {
        z.relu() - z * y + (1 + (-z.absoluteValue()).exp()).log()
    }

    /// The mean length in metres of differences `[B, 3]`.
    private static func meanDistance(_ difference: Tensor, _ scale: [Float], _ weights: Tensor) -> Float {
        let (d, w) = (difference.detached.elements(), weights.elements())
        var sum: Float = 0
        for row in w.indices {
            var squares: Float = 0
            for axis in 0..<3 {
                let metres = d[3 * row + axis] * scale[axis]
                squares += metres * metres
            }
            sum += w[row] * squares.squareRoot()
        }
        return sum
    }

    public func predict(
        _ inputs: PolicyInputs, actions pipeline: ActionPipeline, using generator: inout some RandomNumberGenerator
    ) throws -> [[Float]] {
        var values = self(inputs).actions.detached.contiguous.elements()
        let dimensions = configuration.sizes.dimensionCount
        if configuration.sizes.gripper == .binary {
            for i in stride(from: dimensions - 1, to: values.count, by: dimensions) {
                values[i] = 1 / (1 + exp(-values[i]))
            }
        }
        let size = configuration.sizes.horizon * dimensions
        return (0..<inputs.count).map { Array(values[$0 * size..<($0 + 1) * size]) }
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("encoder", &encoder)
        try visitor.visit("queries", &queries)
        try visitor.visit("head", &head)
        try visitor.visit("event", &event)
        try visitor.visit("event_hint", &eventHint)
    }
}

extension PolicyRecipe {
    /// The settings of the family ``PolicyFamily/regression``.
    public var regression: RegressionModel.Settings? {
        get { settings(of: RegressionModel.self) }
        set { setSettings(newValue, of: RegressionModel.self) }
    }
}
