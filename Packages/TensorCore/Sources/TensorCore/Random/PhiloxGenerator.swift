/// A counter-based generator: every block of 128 random bits is a function of (seed, stream, index).
///
/// Blocks can be computed in any order and on any thread, so that dropout masks and initial weights do not depend on
/// the number of threads. Philox4x32-10 with the seed as key and (index, stream) as counter.
/// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
public struct PhiloxGenerator: RandomNumberGenerator, Hashable, Codable, Sendable {
    public let seed: UInt64
    public let stream: UInt64
    /// 64-bit draws taken so far.
    public private(set) var position: UInt64 = 0

    public init(seed: UInt64, stream: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
    }

    /// The four words of block `index`, wherever the generator stands.
    public func block(_ index: UInt64) -> SIMD4<UInt32> {
        var counter = SIMD4<UInt32>(
            UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
            UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
        var (key0, key1) = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        for _ in 0..<10 {
            let product0 = counter[0].multipliedFullWidth(by: 0xd251_1f53)
            let product1 = counter[2].multipliedFullWidth(by: 0xcd9e_8d57)
            counter = SIMD4(
                product1.high ^ counter[1] ^ key0, product1.low, product0.high ^ counter[3] ^ key1, product0.low)
            key0 &+= 0x9e37_79b9
            key1 &+= 0xbb67_ae85
        }
        return counter
    }

    /// The next 64 bits: words 0 and 1 of a block, then its words 2 and 3, the first of each pair in the lower half.
    public mutating func next() -> UInt64 {
        let words = block(position >> 1)
        let first = position & 1 == 0 ? 0 : 2
        position += 1
        return UInt64(words[first + 1]) << 32 | UInt64(words[first])
    }
}
