public import TensorNN
import TensorCore

/// Stochastic gradient descent with momentum μ and weight decay λ, as `torch.optim.SGD`.
///
///     g ← g + λ p
///     b ← g at a parameter's first step, then μ b + g
///     g ← g + μ b with Nesterov's momentum, else b
///     p ← p − η g
///
/// Without momentum p ← p − η g. Source: Sutskever et al. 2013, ICML; `torch.optim.SGD` with dampening 0.
public struct SGD: Optimizer {
    public var learningRate: Double
    public let momentum: Float
    public let isNesterov: Bool
    public let weightDecay: Float
    /// Parameters with a rate or decay of their own; the first group that contains a name counts.
    public let groups: [ParameterGroup]
    private var buffers: [String: Tensor] = [:]

    public init(
        learningRate: Double, momentum: Float = 0, isNesterov: Bool = false, weightDecay: Float = 0,
        groups: [ParameterGroup] = []
    ) {
        require(!isNesterov || momentum > 0, "Nesterov's momentum needs a momentum; it is \(momentum)")
        self.learningRate = learningRate
        self.momentum = momentum
        self.isNesterov = isNesterov
        self.weightDecay = weightDecay
        self.groups = groups
    }

    public mutating func update(_ model: inout some Module, with gradients: Gradients) {
        model.updateParameters(with: gradients) { name, value, gradient in
            let group = groups.first { $0.contains(name) }
            let rate = Float(learningRate * (group?.rateScale ?? 1))
            let decay = group?.weightDecay.map { Float($0) } ?? weightDecay
            guard momentum > 0 else {
                Self.descend(&value, gradient, rate: rate, decay: decay)
                return
            }
            // the buffer is taken out, so that it has one owner and is changed in place
            let known = buffers.removeValue(forKey: name)
            var buffer = known ?? .zeros(value.shape)
            descend(&value, gradient, &buffer, isFirst: known == nil, rate: rate, decay: decay)
            buffers[name] = buffer
        }
    }

    private static func descend(_ value: inout Tensor, _ gradient: Tensor, rate: Float, decay: Float) {
        let count = value.elementCount
        gradient.withPointer(of: Float.self) { g in
            value.withMutablePointer(of: Float.self) { p in
                forEachPiece(count) { start, count in
                    for i in start..<(start + count) { p[i] -= rate * (g[i] + decay * p[i]) }
                }
            }
        }
    }

    private func descend(
        _ value: inout Tensor, _ gradient: Tensor, _ buffer: inout Tensor, isFirst: Bool, rate: Float, decay: Float
    ) {
        let (count, kept, ahead) = (value.elementCount, isFirst ? 0 : momentum, isNesterov ? momentum : 0)
        let direct: Float = isNesterov ? 1 : 0
        let buffered = isNesterov ? ahead : 1
        gradient.withPointer(of: Float.self) { g in
            value.withMutablePointer(of: Float.self) { p in
                buffer.withMutablePointer(of: Float.self) { b in
                    forEachPiece(count) { start, count in
                        for i in start..<(start + count) {
                            let slope = g[i] + decay * p[i]
                            b[i] = kept * b[i] + slope
                            p[i] -= rate * (direct * slope + buffered * b[i])
                        }
                    }
                }
            }
        }
    }

    public var state: OptimizerState {
        var state = OptimizerState()
        if !buffers.isEmpty { state.moments = ["momentum": buffers] }
        return state
    }

    public mutating func restore(_ state: OptimizerState) throws {
        guard Set(state.moments.keys).isSubset(of: ["momentum"]), state.stepCounts.isEmpty else {
            throw TrainingStateError.otherOptimizer(expected: "SGD", moments: state.moments.keys.sorted())
        }
        buffers = state.moments["momentum"] ?? [:]
    }
}
