import Foundation

/// The few functions of mathematical statistics that intervals and tests of proportions need, in `Double`.
enum SpecialFunctions {
    /// The x with P(Z ≤ x) = `probability` for a standard normal Z; −∞ at 0, ∞ at 1.
    ///
    /// Newton's method with Halley's correction on `erfc`, to full accuracy. The start is the rational approximation of
    /// Abramowitz & Stegun, 26.2.23.
    static func normalQuantile(_ probability: Double) -> Double {
        precondition(0...1 ~= probability, "normalQuantile: \(probability) is no probability")
        guard probability > 0, probability < 1 else { return probability == 0 ? -.infinity : .infinity }
        guard probability <= 0.5 else { return -normalQuantile(1 - probability) }

        let t = (-2 * log(probability)).squareRoot()
        var x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
        for _ in 0..<4 {
            // the excess of the probability at x, over its slope
            let below = erfc(-x / 2.0.squareRoot()) / 2
            let slope = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
            let step = (below - probability) / slope
            x -= step / (1 + x * step / 2)
        }
        return x
    }

    /// `log Γ(x)` for x > 0: Stirling's series, after x has been raised above 16 by `Γ(x) = Γ(x + 1) / x`.
    static func logGamma(_ x: Double) -> Double {
        precondition(x > 0, "logGamma: \(x) is not positive")
        var (x, product) = (x, 1.0)
        while x < 16 {
            product *= x
            x += 1
        }
        let square = 1 / (x * x)
        let series =
            (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188)))) / x
        return (x - 0.5) * log(x) - x + 0.5 * log(2 * Double.pi) + series - log(product)
    }

    /// The regularized incomplete beta function `I_x(a, b)`, the distribution function of Beta(a, b).
    ///
    /// Lentz's evaluation of the continued fraction on the side where it converges fast.
    /// Source: Didonato & Morris 1992, ACM TOMS 18(3), eq. 9; DLMF 8.17.22.
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        precondition(a > 0 && b > 0 && 0...1 ~= x, "incompleteBeta: no value for x = \(x), a = \(a), b = \(b)")
        guard x > 0, x < 1 else { return x }
        guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }

        let front = exp(
            a * log(x) + b * log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b) - log(a))
        var (c, d) = (1.0, 1 / keptFromZero(1 - (a + b) * x / (a + 1)))
        var fraction = d
        for m in 1...10_000 {
            let m = Double(m)
            // even, then odd term
            for numerator in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / keptFromZero(1 + numerator * d)
                c = keptFromZero(1 + numerator / c)
                fraction *= c * d
            }
            if abs(c * d - 1) < 1e-15 { break }
        }
        return min(front * fraction, 1)
    }

    /// The x with `I_x(a, b) = probability`, by bisection down to neighbouring numbers.
    static func betaQuantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
        root(in: 0...1) { incompleteBeta($0, a, b) - probability }
    }

    /// The x with P(T ≤ x) = `probability` ≥ ½ for Student's distribution.
    ///
    /// From the beta distribution: `ν / (ν + T²) ~ Beta(ν/2, ½)`.
    static func studentQuantile(_ probability: Double, freedom: Double) -> Double {
        precondition(0.5..<1 ~= probability && freedom > 0, "studentQuantile: \(probability), \(freedom)")
        let x = betaQuantile(2 * (1 - probability), freedom / 2, 0.5)
        return (freedom * (1 / x - 1)).squareRoot()
    }

    /// Where a rising function crosses zero; the end of the range next to it when it does not.
    static func root(in range: ClosedRange<Double>, of function: (Double) -> Double) -> Double {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while true {
            let middle = lower + (upper - lower) / 2
            guard middle > lower, middle < upper else { return middle }
            if function(middle) < 0 { lower = middle } else { upper = middle }
        }
    }

    private static func keptFromZero(_ x: Double) -> Double { abs(x) < 1e-300 ? 1e-300 : x }
}
