import Foundation
public import TensorCore

/// Flow matching as pi0 does it: t = 1 is noise, t = 0 is data, and the velocity points from the data to the noise.
///
/// Source: Black et al. 2024, arXiv:2410.24164; openpi.
public enum FlowMatching {
    /// Times of training, `0.001 + 0.999 · u^(2/3)`: Beta(1.5, 1).
    public static func times(_ count: Int, using generator: inout some RandomNumberGenerator) -> [Float] {
        (0..<count).map { _ in
            Float(0.999 * pow(Double.random(in: 0..<1, using: &generator), 2.0 / 3) + 0.001)
        }
    }

    /// `x_t = t ε + (1 − t) a`, with one t for each row.
    public static func mixed(_ actions: Tensor, noise: Tensor, times: [Float]) -> Tensor {
        let t = Tensor(times, Shape([times.count] + Array(repeating: 1, count: actions.rank - 1)))
        return noise * t + actions * (1 - t)
    }

    /// What the velocity is to be, `u = ε − a`.
    public static func velocity(_ actions: Tensor, noise: Tensor) -> Tensor { noise - actions }

    /// Times as vectors: `[sin(2πt/p_j), cos(2πt/p_j)]`, periods from 0.004 to 4 evenly in their logarithm, `[B, width]`.
    public static func timeEmbedding(
        _ times: [Float], width: Int, minimumPeriod: Double = 0.004, maximumPeriod: Double = 4
    ) -> Tensor {
        let half = width / 2
        require(width % 2 == 0 && half > 1, "a time embedding of width \(width)")
        var values: [Float] = []
        values.reserveCapacity(times.count * width)
        let periods = (0..<half).map { j in
            minimumPeriod * pow(maximumPeriod / minimumPeriod, Double(j) / Double(half - 1))
        }
        for t in times {
            let angles = periods.map { 2 * Double.pi * Double(t) / $0 }
            values += angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) }
        }
        return Tensor(values, [times.count, width])
    }

    /// Euler's steps from noise at t = 1 to data at t = 0: `x ← x − v / n`.
    ///
    /// - Parameters:
    ///   - noise: x at t = 1.
    ///   - stepCount: n.
    ///   - visit: Called with x before the first and after each step.
    ///   - velocity: v at (x, t).
    public static func integrate(
        from noise: Tensor, stepCount: Int, visit: (Tensor) -> Void = { _ in },
        velocity: (_ x: Tensor, _ t: Float) throws -> Tensor
    ) rethrows -> Tensor {
        require(stepCount > 0, "\(stepCount) steps of flow matching")
        var x = noise
        visit(x)
        let step = -1 / Float(stepCount)
        var t: Float = 1
        for _ in 0..<stepCount {
            x = x + (try velocity(x, t)) * step
            t += step
            visit(x)
        }
        return x
    }
}
