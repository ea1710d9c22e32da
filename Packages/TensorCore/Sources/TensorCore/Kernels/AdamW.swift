/// The settings of one AdamW step.
public struct AdamWSettings: Sendable, Hashable {
    /// Learning rate of this step.
    public var rate: Double
    /// Decay of the first and the second moment.
    public var beta1, beta2: Double
    /// Added to the root of the second moment.
    public var epsilon: Double
    /// Decoupled weight decay, times the rate.
    public var weightDecay: Double

    public init(rate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double) {
        self.rate = rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}

/// Step `step` (1, 2, …) of Adam with decoupled weight decay, in PyTorch's order of operations.
///
///     p ← p · (1 − rate · weightDecay)
///     m ← m + (1 − β₁) (g − m),  v ← β₂ v + (1 − β₂) g²
///     p ← p − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
///
/// `g` is the gradient times `gradientScale`. Factors are computed in `Double`: in `Float`, 1 − 0.999 is off by 1e-5.
/// Source: Loshchilov & Hutter 2017, arXiv:1711.05101, algorithm 2.
public func adamWStep<S: ReferenceScalar>(
    _ parameter: inout MutableSpan<S>, gradient: Span<S>, firstMoment m: inout MutableSpan<S>,
    secondMoment v: inout MutableSpan<S>, gradientScale: S, step: Int, _ settings: AdamWSettings
) {
    precondition(
        parameter.count == gradient.count && m.count == gradient.count && v.count == gradient.count,
        "adamWStep: \(gradient.count) gradients for \(parameter.count) parameters, \(m.count) moments")

    // both moments start at zero, which the corrections make up for
    var (power1, power2) = (1.0, 1.0)
    for _ in 0..<step {
        power1 *= settings.beta1
        power2 *= settings.beta2
    }
    let (correction1, correction2) = (1 - power1, 1 - power2)

    let keep = S(1 - settings.rate * settings.weightDecay)
    let size = S(settings.rate / correction1)
    let root = S(correction2.squareRoot())
    for i in gradient.indices {
        let g = gradient[i] * gradientScale
        m[i] += S(1 - settings.beta1) * (g - m[i])
        v[i] = v[i] * S(settings.beta2) + S(1 - settings.beta2) * g * g
        parameter[i] = parameter[i] * keep - size * (m[i] / (S.sqrt(v[i]) / root + S(settings.epsilon)))
    }
}
