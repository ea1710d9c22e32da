import Foundation
public import TensorCore

/// Real-time chunking: while a chunk is computed, the robot goes on with the old one; the new chunk is guided to agree
/// with what is left of it.
///
///     x̂₀ = x − t v;   err = (P − x̂₀) w;   v ← v − g err
///     g = min(g_max, ((1 − τ)/τ)·((1 − τ)² + τ²)/(1 − τ)²),  τ = 1 − t;  infinite → g_max, undefined → 0
///
/// The Jacobian of x̂₀ in x is taken as the identity, as LeRobot's implementation does for a velocity that is not
/// differentiated. Source: Black et al. 2025, arXiv:2506.07339.
public struct ChunkGuidance: Hashable, Codable, Sendable {
    /// How the weights fall from the delay to the execution horizon.
    public enum Schedule: String, CaseIterable, Codable, Sendable {
        case zeros = "ZEROS"
        case ones = "ONES"
        case linear = "LINEAR"
        case exponential = "EXP"
    }

    public var schedule: Schedule
    public var maximumWeight: Float

    public init(schedule: Schedule = .exponential, maximumWeight: Float = 10) {
        (self.schedule, self.maximumWeight) = (schedule, maximumWeight)
    }

    /// Weights of the steps of a chunk: 1 before `delay`, which will have been executed, 0 from `horizon` on.
    public func weights(delay: Int, horizon: Int, count: Int) -> [Float] {
        let start = min(delay, horizon)
        switch schedule {
        case .zeros: return (0..<count).map { $0 < start ? 1 : 0 }
        case .ones: return (0..<count).map { $0 < horizon ? 1 : 0 }
        case .linear, .exponential:
            let inner = min(horizon, count) - start
            return (0..<count).map { i in
                if i < start { return 1 }
                guard i < horizon, inner > 0 else { return 0 }
                let w = 1 - Double(i - start + 1) / Double(inner + 1)
                return Float(schedule == .linear ? w : w * expm1(w) / (M_E - 1))
            }
        }
    }

    /// The guided velocity of a step.
    ///
    /// - Parameters:
    ///   - x: The noisy actions, `[B, horizon, dimensions]`.
    ///   - velocity: Of the same shape.
    ///   - t: 1 for noise and 0 for data.
    ///   - rest: What is left of the old chunk, `[B, steps, dimensions]`; shorter ones are filled with zeros.
    ///   - weights: From ``weights(delay:horizon:count:)``.
    public func guided(_ x: Tensor, velocity: Tensor, t: Float, rest: Tensor, weights: [Float]) -> Tensor {
        let (count, missing) = (x.shape[1], x.shape[1] - rest.shape[1])
        require(
            weights.count == count && missing >= 0,
            "guidance: x \(x.shape), rest \(rest.shape), \(weights.count) weights")
        let old =
            missing == 0
            ? rest : Tensor.concatenated([rest, .zeros([rest.shape[0], missing, rest.shape[2]])], axis: 1)
        let error = (old - (x - velocity * t)) * Tensor(weights, [1, count, 1])
        return velocity - error * weight(t)
    }

    private func weight(_ t: Float) -> Float {
        let tau = 1 - t
        let left = (1 - tau) * (1 - tau)
        let ratio = (left + tau * tau) / left
        let g = (1 - tau) / tau * ratio
        if g.isNaN { return 0 }
        return min(g, maximumWeight)
    }
}
