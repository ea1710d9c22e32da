import CTensorKernels
import TensorCore
public import TensorNN

/// Adam with decoupled weight decay.
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     p ← p (1 − η λ)
///     p ← p − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
///
/// t counts the updates of each parameter on its own. The decay λ acts on every parameter, norms, biases and embeddings
/// too, unless ``groups`` say otherwise. Defaults are PyTorch's.
/// Source: Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2; `torch.optim.AdamW`.
public struct AdamW: Optimizer {
    public var learningRate: Double
    public let beta1: Double
    public let beta2: Double
    public let epsilon: Double
    public let weightDecay: Double
    /// Parameters with a rate or decay of their own; the first group that contains a name counts.
    public let groups: [ParameterGroup]

    /// Moments and count of one parameter.
    private struct Memory {
        var first, second: Tensor
        var stepCount: Int
    }
    private var memories: [String: Memory] = [:]

    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0.01, groups: [ParameterGroup] = []
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.groups = groups
    }

    public mutating func update(_ model: inout some Module, with gradients: Gradients) {
        model.updateParameters(with: gradients) { name, value, gradient in
            let group = groups.first { $0.contains(name) }
            // the memory is taken out, so that its tensors have one owner and are changed in place
            var memory =
                memories.removeValue(forKey: name)
                ?? Memory(first: .zeros(value.shape), second: .zeros(value.shape), stepCount: 0)
            memory.stepCount += 1
            Profiler.measure("adamW", bytes: 28 * value.elementCount, shape: value.shape) {
                step(
                    &value, gradient, &memory, rate: learningRate * (group?.rateScale ?? 1),
                    decay: group?.weightDecay ?? weightDecay)
            }
            memories[name] = memory
        }
    }

    private func step(
        _ value: inout Tensor, _ gradient: Tensor, _ memory: inout Memory, rate: Double, decay: Double
    ) {
        let correction1 = 1 - Self.power(beta1, memory.stepCount)
        let correction2 = 1 - Self.power(beta2, memory.stepCount)
        let count = value.elementCount
        gradient.withPointer(of: Float.self) { g in
            value.withMutablePointer(of: Float.self) { p in
                memory.first.withMutablePointer(of: Float.self) { m in
                    memory.second.withMutablePointer(of: Float.self) { v in
                        forEachPiece(count) { start, count in
                            ctk_adamw(
                                p + start, g + start, m + start, v + start, 1, rate, beta1, beta2, epsilon,
                                decay, correction1, correction2, count)
                        }
                    }
                }
            }
        }
    }

    /// xⁿ by repeated squaring, the same on every machine.
    private static func power(_ x: Double, _ n: Int) -> Double {
        var (result, square, rest) = (1.0, x, n)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}

extension AdamW {
    public var state: OptimizerState {
        var state = OptimizerState()
        state.moments = ["first": memories.mapValues(\.first), "second": memories.mapValues(\.second)]
        state.stepCounts = memories.mapValues(\.stepCount)
        return state
    }

    public mutating func restore(_ state: OptimizerState) throws {
        let (first, second) = (state.moments["first"] ?? [:], state.moments["second"] ?? [:])
        let names = Set(state.stepCounts.keys)
        guard Set(state.moments.keys).isSubset(of: ["first", "second"]), Set(first.keys) == names,
            Set(second.keys) == names, names.allSatisfy({ first[$0]!.shape == second[$0]!.shape })
        else { throw TrainingStateError.otherOptimizer(expected: "AdamW", moments: state.moments.keys.sorted()) }
        memories = [:]
        for (name, count) in state.stepCounts {
            memories[name] = Memory(first: first[name]!, second: second[name]!, stepCount: count)
        }
    }
}
