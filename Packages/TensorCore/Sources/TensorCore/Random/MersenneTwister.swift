/// The 32-bit Mersenne Twister MT19937, the generator below NumPy's legacy and PyTorch's CPU random streams.
///
/// Seeded with a 32-bit integer `s` by `key[0] = s`, `key[i] = 1812433253 · (key[i−1] ⊕ (key[i−1] >> 30)) + i`.
/// The whole state is the value: a copy continues the stream on its own, and an encoded one resumes it exactly.
///
/// Source: Matsumoto & Nishimura 1998, ACM TOMACS 8(1); initialization as of 2002.
public struct MersenneTwister: RandomNumberGenerator, Hashable, Codable, Sendable {
    /// Words of state.
    static let size = 624

    private var key: [UInt32]
    /// Words of `key` that have been handed out since it was last regenerated.
    private var position: Int

    public init(seed: UInt32) {
        key = [UInt32](repeating: 0, count: Self.size)
        key[0] = seed
        for i in 1..<Self.size {
            key[i] = 1_812_433_253 &* (key[i - 1] ^ (key[i - 1] >> 30)) &+ UInt32(i)
        }
        position = Self.size
    }

    /// The next 32 bits of the stream.
    public mutating func next32() -> UInt32 {
        if position == Self.size {
            regenerate()
            position = 0
        }
        var word = key[position]
        position += 1

        // tempering
        word ^= word >> 11
        word ^= (word << 7) & 0x9d2c_5680
        word ^= (word << 15) & 0xefc6_0000
        return word ^ (word >> 18)
    }

    /// Two draws of 32 bits: the first is the upper half, as in PyTorch's `random64`.
    public mutating func next() -> UInt64 {
        let upper = UInt64(next32())
        return upper << 32 | UInt64(next32())
    }

    /// Makes the next 624 words of the recurrence, in place.
    private mutating func regenerate() {
        let (size, middle) = (Self.size, 397)
        key.withUnsafeMutableBufferPointer { key in
            for i in 0..<size {
                let joined = (key[i] & 0x8000_0000) | (key[(i + 1) % size] & 0x7fff_ffff)
                key[i] = key[(i + middle) % size] ^ (joined >> 1) ^ (joined & 1 == 0 ? 0 : 0x9908_b0df)
            }
        }
    }
}

extension MersenneTwister {
    private enum CodingKeys: CodingKey { case key, position }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        key = try container.decode([UInt32].self, forKey: .key)
        position = try container.decode(Int.self, forKey: .position)
        guard key.count == Self.size, (0...Self.size).contains(position) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: """
                        A Mersenne Twister has \(Self.size) words and a position in 0...\(Self.size); found \
                        \(key.count) and \(position).
                        """))
        }
    }
}
