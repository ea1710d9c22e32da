import Foundation
public import TensorCore

/// Noise levels of a diffusion process, and one step back.
///
///     ᾱ_t = Π (1 − β_i),  float32 as in diffusers
///     x₀ = (x − √(1 − ᾱ_t) ε̂) / √ᾱ_t, clipped to ±range
///     DDIM  x ← √ᾱ_p x₀ + √(1 − ᾱ_p) ε̂
///     DDPM  x ← (√ᾱ_p β x₀ + √α (1 − ᾱ_p) x) / (1 − ᾱ_t) + [t > 0] √max(β (1 − ᾱ_p) / (1 − ᾱ_t), 1e-20) · noise
///           α = ᾱ_t / ᾱ_p, β = 1 − α
///
/// Sources: Ho et al. 2020, arXiv:2006.11239, eq. 7; Song et al. 2020, arXiv:2010.02502, eq. 12 with η = 0; diffusers
/// 0.39, `DDPMScheduler` and `DDIMScheduler`.
public struct NoiseScheduler: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case ddpm = "DDPM"
        case ddim = "DDIM"
    }

    public enum Schedule: String, Sendable, CaseIterable {
        case squaredCosine = "squaredcos_cap_v2"
        case linear
        case scaledLinear = "scaled_linear"
    }

    /// What the network predicts.
    public enum Prediction: String, Sendable, CaseIterable {
        case epsilon
        case sample
    }

    public var kind: Kind
    public let prediction: Prediction
    /// Clips x₀ to ±this; nil for no clipping.
    public let clipRange: Float?
    /// ᾱ by time.
    public let cumulativeAlphas: [Float]

    public init(
        kind: Kind, schedule: Schedule, stepCount: Int, betaStart: Double, betaEnd: Double, prediction: Prediction,
        clipRange: Float?
    ) {
        self.kind = kind
        self.prediction = prediction
        self.clipRange = clipRange
        let betas: [Float]
        switch schedule {
        case .squaredCosine:
            func g(_ u: Double) -> Double {
                let c = cos((u + 0.008) / 1.008 * .pi / 2)
                return c * c
            }
            betas = (0..<stepCount).map { i in
                Float(min(1 - g(Double(i + 1) / Double(stepCount)) / g(Double(i) / Double(stepCount)), 0.999))
            }
        case .linear: betas = Self.linspace(Float(betaStart), Float(betaEnd), stepCount)
        case .scaledLinear:
            betas = Self.linspace(Float(betaStart.squareRoot()), Float(betaEnd.squareRoot()), stepCount).map { $0 * $0 }
        }
        // the running product in double, each rounded: as torch.cumprod does on the CPU
        var product = 1.0
        cumulativeAlphas = betas.map { beta in
            product *= Double(1 - beta)
            return Float(product)
        }
    }

    /// `torch.linspace`: from both ends.
    static func linspace(_ start: Float, _ end: Float, _ count: Int) -> [Float] {
        guard count > 1 else { return [start] }
        let step = (end - start) / Float(count - 1)
        return (0..<count).map { i in
            i < count / 2 ? start + step * Float(i) : end - step * Float(count - 1 - i)
        }
    }

    /// The times of a sampling with `count` steps, latest first.
    public func times(_ count: Int) -> [Int] {
        precondition((1...cumulativeAlphas.count).contains(count), "\(count) of \(cumulativeAlphas.count) steps")
        let ratio = cumulativeAlphas.count / count
        return (0..<count).reversed().map { $0 * ratio }
    }

    /// One step back in time.
    ///
    /// - Parameters:
    ///   - output: The network's.
    ///   - sample: The sample at `time`.
    ///   - time: Where it is.
    ///   - previous: Where it goes; nil for the end.
    ///   - noise: Of the sample's shape, for DDPM at times above 0.
    public func step(output: Tensor, sample x: Tensor, time: Int, previous: Int?, noise: @autoclosure () -> Tensor)
        -> Tensor
    {
        let alpha = cumulativeAlphas[time]
        let alphaBefore = previous.map { cumulativeAlphas[$0] } ?? 1
        let (beta, betaBefore) = (1 - alpha, 1 - alphaBefore)
        var start: Tensor
        let epsilon: Tensor
        switch prediction {
        case .epsilon:
            epsilon = output
            start = (x - output * beta.squareRoot()) / Tensor(alpha.squareRoot())
        case .sample:
            start = output
            epsilon = (x - start * alpha.squareRoot()) / Tensor(beta.squareRoot())
        }
        if let clipRange { start = start.clamped(to: -clipRange...clipRange) }
        switch kind {
        case .ddim: return start * alphaBefore.squareRoot() + epsilon * betaBefore.squareRoot()
        case .ddpm:
            let ratio = alpha / alphaBefore
            let own = 1 - ratio
            let mean =
                start * (alphaBefore.squareRoot() * own / beta) + x * (ratio.squareRoot() * betaBefore / beta)
            guard time > 0 else { return mean }
            return mean + noise() * max(betaBefore / beta * own, 1e-20).squareRoot()
        }
    }

    /// √ᾱ a + √(1 − ᾱ) ε with a time for each row of the batch.
    public func noised(_ actions: Tensor, noise: Tensor, times: [Int]) -> Tensor {
        let shape = Shape([times.count] + [Int](repeating: 1, count: actions.rank - 1))
        let kept = Tensor(times.map { cumulativeAlphas[$0].squareRoot() }, shape)
        let added = Tensor(times.map { (1 - cumulativeAlphas[$0]).squareRoot() }, shape)
        return actions * kept + noise * added
    }
}
