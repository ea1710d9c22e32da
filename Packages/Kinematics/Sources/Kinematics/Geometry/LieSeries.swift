import Foundation

/// The scalar functions of the angle in the exponential maps and their derivatives, exact to rounding for all angles.
///
/// Below `seriesLimit` the closed forms subtract nearly equal numbers; there the Taylor series is summed, of which the
/// first term left out is under 1e-16 of the result.
enum LieSeries {
    /// In radians.
    static let seriesLimit = 0.5

    /// `sin θ / θ`
    static func sinc(_ angle: Double) -> Double {
        abs(angle) < 1e-4 ? 1 - angle * angle / 6 : sin(angle) / angle
    }

    /// `(1 − cos θ) / θ²`, as `½ sinc²(θ/2)`.
    static func versine(_ angle: Double) -> Double {
        let half = sinc(angle / 2)
        return half * half / 2
    }

    /// `(θ − sin θ) / θ³`
    static func cubic(_ angle: Double) -> Double {
        let square = angle * angle
        guard abs(angle) < seriesLimit else { return (angle - sin(angle)) / (square * angle) }
        return horner(square, 1 / 6, -1 / 120, 1 / 5040, -1 / 362_880, 1 / 39_916_800, -1 / 6_227_020_800)
    }

    /// `1/θ² − (1 + cos θ) / (2θ sin θ)`, as `(1 − (θ/2) cot(θ/2)) / θ²`; finite up to 2π.
    static func inverseJacobian(_ angle: Double) -> Double {
        let square = angle * angle
        guard abs(angle) < seriesLimit else { return (1 - angle / 2 * cos(angle / 2) / sin(angle / 2)) / square }
        return horner(
            square, 1 / 12, 1 / 720, 1 / 30_240, 1 / 1_209_600, 1 / 47_900_160, 691 / 1_307_674_368_000,
            1 / 74_724_249_600)
    }

    /// `(θ² + 2 cos θ − 2) / (2θ⁴)`
    static func quartic(_ angle: Double) -> Double {
        let square = angle * angle
        guard abs(angle) < seriesLimit else { return (square + 2 * cos(angle) - 2) / (2 * square * square) }
        return horner(square, 1 / 24, -1 / 720, 1 / 40_320, -1 / 3_628_800, 1 / 479_001_600, -1 / 87_178_291_200)
    }

    /// `(2θ − 3 sin θ + θ cos θ) / (2θ⁵)`
    static func quintic(_ angle: Double) -> Double {
        let square = angle * angle
        guard abs(angle) < seriesLimit else {
            return (2 * angle - 3 * sin(angle) + angle * cos(angle)) / (2 * square * square * angle)
        }
        return horner(
            square, 1 / 120, -1 / 2520, 1 / 120_960, -1 / 9_979_200, 1 / 1_245_404_160, -1 / 217_945_728_000)
    }

    /// `c₀ + c₁x + c₂x² + …`
    private static func horner(_ x: Double, _ coefficients: Double...) -> Double {
        coefficients.reversed().reduce(0) { $0 * x + $1 }
    }
}
