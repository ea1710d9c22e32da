import Parallel
public import TensorCore
public import TensorNN

/// Changes the parameters of a model along their gradients.
///
/// Frozen parameters and parameters without a gradient are left as they are, moments and decay included.
public protocol Optimizer: Sendable {
    /// The rate of the next update; set from a ``LearningRateSchedule`` before each.
    var learningRate: Double { get set }

    /// One step. The gradients are those of this model, by name.
    mutating func update(_ model: inout some Module, with gradients: Gradients)

    /// What the optimizer remembers between steps: enough to continue to the bit in another process.
    var state: OptimizerState { get }

    /// Takes up what ``state`` gave.
    ///
    /// - Throws: ``TrainingStateError`` when the tensors are not those of this optimizer.
    mutating func restore(_ state: OptimizerState) throws
}

/// Tensors and step counts of an optimizer, by parameter name.
public struct OptimizerState: Sendable {
    /// Moments by their own name, then by parameter.
    public var moments: [String: [String: Tensor]] = [:]
    /// Updates of each parameter so far.
    public var stepCounts: [String: Int] = [:]

    public init() {}
}

/// Parameters that an optimizer treats in their own way.
public struct ParameterGroup: Sendable {
    /// Whether a parameter, by its full name, belongs to the group.
    public var contains: @Sendable (_ name: String) -> Bool
    /// Times the optimizer's rate.
    public var rateScale: Double
    /// In place of the optimizer's weight decay; nil for the same.
    public var weightDecay: Double?

    public init(
        rateScale: Double = 1, weightDecay: Double? = nil, where contains: @escaping @Sendable (_ name: String) -> Bool
    ) {
        self.contains = contains
        self.rateScale = rateScale
        self.weightDecay = weightDecay
    }
}

extension Module {
    /// Calls `body` with every trainable parameter that has a gradient, and the gradient.
    ///
    /// Traps when a gradient has another shape than its parameter, or belongs to none.
    mutating func updateParameters(
        with gradients: Gradients, _ body: (_ name: String, _ value: inout Tensor, _ gradient: Tensor) -> Void
    ) {
        var unused = Set(gradients.names)
        updateParameters { name, parameter in
            guard let gradient = gradients[name] else { return }
            unused.remove(name)
            guard parameter.isTrainable else { return }
            require(
                gradient.shape == parameter.value.shape && parameter.value.dtype == .float32,
                "'\(name)' is \(parameter.value.dtype) \(parameter.value.shape), its gradient \(gradient.shape)")
            body(name, &parameter.value, gradient)
        }
        require(unused.isEmpty, "gradients of \(unused.sorted()), which are no parameters of \(Self.self)")
    }
}

/// Pieces of a fixed size, so that the bits do not depend on the number of threads.
func forEachPiece(_ count: Int, grain: Int = 32_768, _ body: (_ start: Int, _ count: Int) -> Void) {
    parallelFor((count + grain - 1) / grain) { piece in body(piece * grain, min(grain, count - piece * grain)) }
}
