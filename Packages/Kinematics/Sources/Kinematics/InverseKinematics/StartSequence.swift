import Foundation

/// Points that fill the space between joint limits evenly: Roberts' additive sequence, `xᵢ = frac(x₀ + i α)`.
///
/// Source: Roberts 2018, "The unreasonable effectiveness of quasirandom sequences".
struct StartSequence: Sendable {
    private let offset: [Double]
    private let step: [Double]

    init(dimension: Int, seed: UInt64) {
        // the root of xⁿ⁺¹ = x + 1
        var root = 2.0
        for _ in 0..<64 {
            var power = 1 + root
            power = pow(power, 1 / Double(dimension + 1))
            root = power
        }
        var (steps, factor) = ([Double](), 1.0)
        for _ in 0..<dimension {
            factor /= root
            steps.append(factor)
        }
        step = steps
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x2545_F491_4F6C_DD1D
        offset = (0..<dimension).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) * 0x1p-53
        }
    }

    /// Coordinate `d` of point `i`, in 0..<1.
    @inline(__always)
    func value(_ i: Int, _ d: Int) -> Double {
        let x = offset[d] + Double(i) * step[d]
        return x - x.rounded(.down)
    }
}
