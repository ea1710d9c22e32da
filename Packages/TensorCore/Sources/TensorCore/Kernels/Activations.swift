/// Activations of one number and their derivatives.
///
/// At −∞, where the formula of most would give ∞ · 0, they take their limits: −0, with slope 0; the slope at +∞ is 1.
public enum Activation {
    /// σ(x) = 1 / (1 + e⁻ˣ).
    public static func sigmoid<S: ReferenceScalar>(_ x: S) -> S { 1 / (1 + S.exp(-x)) }

    /// max(x, 0).
    public static func relu<S: ReferenceScalar>(_ x: S) -> S { x < 0 ? 0 : x }

    /// 1 above 0, else 0.
    public static func reluSlope<S: ReferenceScalar>(_ x: S) -> S { x <= 0 ? 0 : 1 }

    /// x σ(x). Source: Elfwing et al. 2017, arXiv:1702.03118.
    public static func silu<S: ReferenceScalar>(_ x: S) -> S {
        if x == -.infinity { return -0.0 }
        return x * sigmoid(x)
    }

    /// σ(x) (1 + x (1 − σ(x))).
    public static func siluSlope<S: ReferenceScalar>(_ x: S) -> S {
        if x.isInfinite { return x > 0 ? 1 : 0 }
        let s = sigmoid(x)
        return s * (1 + x * (1 - s))
    }

    /// x Φ(x) with Φ(x) = ½ erfc(−x / √2), the normal distribution. Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.
    public static func gelu<S: ReferenceScalar>(_ x: S) -> S {
        if x == -.infinity { return -0.0 }
        return x * normalProbability(x)
    }

    /// Φ(x) + x φ(x), φ(x) = e^(−x²/2) / √(2π).
    public static func geluSlope<S: ReferenceScalar>(_ x: S) -> S {
        if x.isInfinite { return x > 0 ? 1 : 0 }
        let density = S.exp(-x * x / 2) / S.sqrt(2 * S.pi)
        return density == 0 ? normalProbability(x) : normalProbability(x) + x * density
    }

    /// ½ x (1 + tanh u) = x σ(2u), u = √(2/π) (x + 0.044715 x³). Source: as ``gelu(_:)``.
    public static func geluTanh<S: ReferenceScalar>(_ x: S) -> S {
        if x == -.infinity { return -0.0 }
        return x * sigmoid(2 * S.sqrt(2 / S.pi) * (x + 0.044715 * x * x * x))
    }

    /// s + x s (1 − s) · 2u', s = σ(2u).
    public static func geluTanhSlope<S: ReferenceScalar>(_ x: S) -> S {
        if abs(x) > 30 { return x > 0 ? 1 : 0 }
        let s = sigmoid(2 * S.sqrt(2 / S.pi) * (x + 0.044715 * x * x * x))
        let derivative = 2 * S.sqrt(2 / S.pi) * (1 + 3 * 0.044715 * x * x)
        return s + x * s * (1 - s) * derivative
    }

    /// x σ(1.702 x), the activation of CLIP. Source: as ``gelu(_:)``, section 2.
    public static func quickGELU<S: ReferenceScalar>(_ x: S) -> S {
        if x == -.infinity { return -0.0 }
        return x * sigmoid(1.702 * x)
    }

    /// s (1 + 1.702 x (1 − s)), s = σ(1.702 x).
    public static func quickGELUSlope<S: ReferenceScalar>(_ x: S) -> S {
        if abs(x) > 100 { return x > 0 ? 1 : 0 }
        let s = sigmoid(1.702 * x)
        return s * (1 + 1.702 * x * (1 - s))
    }

    private static func normalProbability<S: ReferenceScalar>(_ x: S) -> S { S.erfc(-x / S.sqrt(2)) / 2 }
}

/// The gated unit of a SwiGLU feed-forward layer: y = silu(gate) · up, element by element.
///
/// Source: Shazeer 2020, arXiv:2002.05202, eq. 6.
public func siluMultiplyForward<S: ReferenceScalar>(_ gate: Span<S>, up: Span<S>, into y: inout MutableSpan<S>) {
    precondition(
        gate.count == up.count && y.count == up.count, "siluMultiply: \(gate.count) gates for \(up.count) values")
    for i in gate.indices { y[i] = Activation.silu(gate[i]) * up[i] }
}

/// The gradient of ``siluMultiplyForward(_:up:into:)``: dgate = dy · up · silu'(gate), dup = dy · silu(gate).
public func siluMultiplyBackward<S: ReferenceScalar>(
    _ gate: Span<S>, up: Span<S>, dy: Span<S>, dgate: inout MutableSpan<S>, dup: inout MutableSpan<S>
) {
    precondition(
        gate.count == up.count && dy.count == up.count && dgate.count == up.count && dup.count == up.count,
        "siluMultiplyBackward: \(gate.count) gates for \(up.count) values, \(dy.count) gradients")
    for i in gate.indices {
        dgate[i] = dy[i] * up[i] * Activation.siluSlope(gate[i])
        dup[i] = dy[i] * Activation.silu(gate[i])
    }
}
