import Foundation
public import TensorCore

/// Diffusion with the squared-cosine schedule, and its deterministic sampler.
///
///     ᾱ(t) = cos²((t/n + 0.008)/1.008 · π/2);   β_t = min(1 − ᾱ(t + 1)/ᾱ(t), 0.999);   ᾱ_t = Π (1 − β)
///     x₀ = clip((x − √(1 − ᾱ_t) ε)/√ᾱ_t, ±1);   x ← √ᾱ_s x₀ + √(1 − ᾱ_s) ε,  s the next time, ᾱ = 1 at the end
///
/// Sources: Nichol & Dhariwal 2021,
/// arXiv:2102.09672 (schedule); Song et al. 2020, arXiv:2010.02502 (DDIM with η = 0); diffusers' `DDIMScheduler`.
public struct DiffusionSchedule: Hashable, Codable, Sendable {
    public let stepCount: Int
    /// x₀ is clipped to ± this; nil for no clipping.
    public var clipRange: Float?
    public let betas: [Float]
    /// ᾱ.
    public let signalShares: [Float]

    public init(stepCount: Int = 50, clipRange: Float? = 1) {
        require(stepCount > 0, "a diffusion of \(stepCount) steps")
        self.stepCount = stepCount
        self.clipRange = clipRange
        func share(_ t: Double) -> Double { pow(cos((t + 0.008) / 1.008 * .pi / 2), 2) }
        let n = Double(stepCount)
        betas = (0..<stepCount).map { Float(min(1 - share(Double($0 + 1) / n) / share(Double($0) / n), 0.999)) }
        var product: Float = 1
        signalShares = betas.map { beta in
            product *= 1 - beta
            return product
        }
    }

    /// `√ᾱ_t x₀ + √(1 − ᾱ_t) ε`, one time for each row.
    public func noised(_ x0: Tensor, noise: Tensor, times: [Int]) -> Tensor {
        let shape = Shape([times.count] + Array(repeating: 1, count: x0.rank - 1))
        let signal = Tensor(times.map { signalShares[$0].squareRoot() }, shape)
        let rest = Tensor(times.map { (1 - signalShares[$0]).squareRoot() }, shape)
        return x0 * signal + noise * rest
    }

    /// The times of a sampling with `count` steps, "leading" spacing: multiples of n / count, falling.
    public func times(_ count: Int) -> [Int] {
        require((1...stepCount).contains(count), "\(count) of \(stepCount) diffusion steps")
        let ratio = stepCount / count
        return (0..<count).reversed().map { $0 * ratio }
    }

    /// Deterministic steps from noise to data.
    ///
    /// - Parameters:
    ///   - start: Noise; the result has its shape.
    ///   - count: Steps, at most ``stepCount``.
    ///   - noise: The noise predicted in (x, t).
    public func sample(
        from start: Tensor, count: Int, predicting noise: (_ x: Tensor, _ t: Int) throws -> Tensor
    ) rethrows -> Tensor {
        var x = start
        for t in times(count) {
            let predicted = try noise(x, t)
            let (signal, next) = (signalShares[t], t - stepCount / count)
            var x0 = (x - predicted * (1 - signal).squareRoot()) * (1 / signal.squareRoot())
            if let clipRange { x0 = x0.clamped(to: -clipRange...clipRange) }
            let nextSignal = next >= 0 ? signalShares[next] : 1
            x = x0 * nextSignal.squareRoot() + predicted * (1 - nextSignal).squareRoot()
        }
        return x
    }
}
