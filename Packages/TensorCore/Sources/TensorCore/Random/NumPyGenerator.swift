import Foundation

/// The stream of NumPy's legacy generator, `numpy.random.RandomState` and the functions of `numpy.random` itself.
///
/// - double: `((u32 >> 5) · 2²⁶ + (u32 >> 6)) / 2⁵³`, two draws of 32 bits;
/// - normal: Marsaglia's polar method, whose second value is kept for the next call;
/// - integers: draws masked to the next power of two minus one, rejected until they fit.
///
/// The kept normal belongs to the state: it survives other draws and is cleared by seeding.
/// Source: NumPy 2.4, `legacy-distributions.c`, `mtrand.pyx`.
public struct NumPyGenerator: RandomNumberGenerator, Hashable, Codable, Sendable {
    private var twister: MersenneTwister
    private var keptNormal: Double?

    public init(seed: UInt32) { twister = MersenneTwister(seed: seed) }

    /// The next 32 bits of the stream.
    public mutating func next32() -> UInt32 { twister.next32() }

    /// Two draws of 32 bits, the first in the upper half.
    public mutating func next() -> UInt64 { twister.next() }

    /// `random_sample()`: uniform in [0, 1).
    public mutating func uniform() -> Double {
        let (upper, lower) = (twister.next32() >> 5, twister.next32() >> 6)
        return (Double(upper) * 67_108_864 + Double(lower)) / 9_007_199_254_740_992
    }

    /// `uniform(low, high)`: `low + (high − low) · d`. The bounds may be equal or swapped; a double is drawn all the same.
    public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    /// `randn()`: a standard normal.
    public mutating func normal() -> Double {
        if let kept = keptNormal {
            keptNormal = nil
            return kept
        }
        // a point in the unit disc, without its centre
        var (x1, x2, squaredRadius) = (0.0, 0.0, 0.0)
        repeat {
            x1 = 2 * uniform() - 1
            x2 = 2 * uniform() - 1
            squaredRadius = x1 * x1 + x2 * x2
        } while squaredRadius >= 1 || squaredRadius == 0

        let factor = (-2 * log(squaredRadius) / squaredRadius).squareRoot()
        keptNormal = factor * x1
        return factor * x2
    }

    /// `normal(mean, deviation)`.
    public mutating func normal(mean: Double, deviation: Double) -> Double { mean + deviation * normal() }

    /// `randint(bound)`: an integer in 0..<bound. A choice among one draws nothing.
    ///
    /// `bound` is at most 2³².
    public mutating func integer(below bound: Int) -> Int {
        require(bound > 0 && bound <= 1 << 32, "integer below \(bound): the bound lies in 1...2^32")
        let largest = UInt32(bound - 1)
        guard largest > 0 else { return 0 }
        let mask = UInt32.max >> largest.leadingZeroBitCount
        while true {
            let draw = twister.next32() & mask
            if draw <= largest { return Int(draw) }
        }
    }

    /// `permutation(count)`: 0..<count in random order, by Fisher-Yates from the top.
    public mutating func permutation(_ count: Int) -> [Int] {
        var result = Array(0..<count)
        shuffle(&result)
        return result
    }

    /// `shuffle(elements)`: for i from the top down to 1, swaps with a position in 0...i.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for i in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(i, integer(below: i + 1))
        }
    }
}
