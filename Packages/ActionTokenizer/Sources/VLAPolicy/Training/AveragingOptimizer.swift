import Synchronization
import TensorCore
public import TensorNN
public import TensorTraining

/// An optimizer together with a slowly moving average of the weights, which is saved and restored with its state.
public struct AveragingOptimizer<Base: Optimizer>: Optimizer {
    private var base: Base
    /// Shared with who evaluates the average while the training runs.
    public let average: SharedAverage

    public init(_ base: Base, decay: Float) {
        self.base = base
        average = SharedAverage(decay: decay)
    }

    public var learningRate: Double {
        get { base.learningRate }
        set { base.learningRate = newValue }
    }

    public mutating func update(_ model: inout some Module, with gradients: Gradients) {
        base.update(&model, with: gradients)
        average.update(with: model)
    }

    private static var moment: String { "average" }

    public var state: OptimizerState {
        var state = base.state
        let (values, count) = average.content
        if !values.isEmpty { state.moments[Self.moment] = values }
        state.stepCounts[Self.moment] = count
        return state
    }

    public mutating func restore(_ state: OptimizerState) throws {
        var rest = state
        let values = rest.moments.removeValue(forKey: Self.moment) ?? [:]
        let count = rest.stepCounts.removeValue(forKey: Self.moment) ?? 0
        try base.restore(rest)
        average.restore(values, count: count)
    }
}

/// The average of a model's weights during its training, with a decay that grows to its final value:
/// `min(decay, (1 + n)/(10 + n))` at the n-th update.
public final class SharedAverage: Sendable {
    private let decay: Float
    private let state: Mutex<(average: ExponentialMovingAverage, count: Int)>

    init(decay: Float) {
        self.decay = decay
        state = Mutex((ExponentialMovingAverage(decay: decay), 0))
    }

    /// The averages by parameter name, and the number of updates.
    var content: (values: [String: Tensor], count: Int) { state.withLock { ($0.average.values, $0.count) } }

    func restore(_ values: [String: Tensor], count: Int) {
        state.withLock { $0 = (ExponentialMovingAverage(decay: decay, values: values), count) }
    }

    func update(with model: some Module) {
        state.withLock { state in
            state.count += 1
            state.average.decay = min(decay, Float(1 + state.count) / Float(10 + state.count))
            state.average.update(with: model)
        }
    }

    /// The model with the averages in place of its trainable parameters; the model itself before the first update.
    public func applied<M: Module>(to model: M) -> M { state.withLock { $0.average.applied(to: model) } }
}
