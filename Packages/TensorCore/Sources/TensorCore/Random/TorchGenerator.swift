import Foundation

/// The stream of PyTorch's CPU generator, `torch.manual_seed(seed)`.
///
/// - `rand`, float32: the lower 24 bits of one draw, times 2⁻²⁴; float64: the lower 53 of two, times 2⁻⁵³;
/// - `randn`, float32: below 16 values one by one in `Double`, from 16 on in blocks (``normals(_:mean:deviation:)``);
/// - `randperm`: Fisher-Yates from the bottom with the remainder of a division.
///
/// The kept second normal belongs to the state. Source: PyTorch 2.15, `DistributionTemplates.h`,
/// `DistributionsHelper.h`, `TensorFactories.cpp`.
public struct TorchGenerator: RandomNumberGenerator, Hashable, Codable, Sendable {
    private var twister: MersenneTwister
    private var keptNormal: Double?

    /// PyTorch's CPU generator reads the lower 32 bits of its seed.
    public init(seed: UInt64) { twister = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed)) }

    /// `random()`: the next 32 bits of the stream.
    public mutating func next32() -> UInt32 { twister.next32() }

    /// `random64()`: two draws of 32 bits, the first in the upper half.
    public mutating func next() -> UInt64 { twister.next() }

    /// One value of `torch.rand`: uniform in [0, 1) on a grid of 2⁻²⁴.
    public mutating func uniform() -> Float { Float(twister.next32() & 0xff_ffff) * 0x1p-24 }

    /// One value of `torch.rand(dtype=torch.float64)`: uniform in [0, 1) on a grid of 2⁻⁵³.
    public mutating func uniformDouble() -> Double { Double(twister.next() & 0x1f_ffff_ffff_ffff) * 0x1p-53 }

    /// `torch.rand(count)`.
    public mutating func uniforms(_ count: Int) -> [Float] { (0..<count).map { _ in uniform() } }

    /// `torch.empty(count).uniform_(low, high)`: `u · (high − low) + low`, rounded once.
    public mutating func uniforms(_ count: Int, in range: ClosedRange<Float>) -> [Float] {
        (0..<count).map { _ in
            range.lowerBound.addingProduct(uniform(), range.upperBound - range.lowerBound)
        }
    }

    /// One value of `torch.randn` for tensors of less than 16 elements, in `Double`.
    ///
    /// Box-Muller, `√(−2 log(1 − u₂)) · (cos 2πu₁, sin 2πu₁)`; the sine is kept for the next call.
    public mutating func normal() -> Double {
        if let kept = keptNormal {
            keptNormal = nil
            return kept
        }
        let (u1, u2) = (uniformDouble(), uniformDouble())
        let radius = (-2 * log1p(-u2)).squareRoot()
        let angle = 2 * Double.pi * u1
        keptNormal = radius * sin(angle)
        return radius * cos(angle)
    }

    /// `torch.randperm(count)`.
    ///
    ///     for i in 0..<(n − 1): swap(r[i], r[i + z]),  z = u32 mod (n − i)
    ///
    /// From n = 2³²/20 on, z is taken from 64 bits.
    public mutating func permutation(_ count: Int) -> [Int] {
        var result = Array(0..<count)
        let isSmall = count < Int(UInt32.max) / 20
        for i in 0..<max(count - 1, 0) {
            let remaining = count - i
            let z = isSmall ? Int(next32()) % remaining : Int(next() % UInt64(remaining))
            result.swapAt(i, i + z)
        }
        return result
    }
}
