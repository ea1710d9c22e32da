/// A 64-bit hash of bytes for finding damage, as fast as memory: four lanes of multiply and rotate over words of eight
/// bytes, in the manner of xxHash. Each block's length is part of the hash.
struct BlockHash {
    private var lanes: [4 of UInt64] = [
        0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x27d4_eb2f_1656_67c5,
    ]

    mutating func add(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { bytes in
            let words = bytes.count / 8
            var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
            var i = 0
            while i + 4 <= words {
                a = Self.mixed(a, Self.word(bytes, i))
                b = Self.mixed(b, Self.word(bytes, i + 1))
                c = Self.mixed(c, Self.word(bytes, i + 2))
                d = Self.mixed(d, Self.word(bytes, i + 3))
                i += 4
            }
            lanes = [a, b, c, d]

            // the last words and bytes, then the length
            while i < words {
                lanes[i % 4] = Self.mixed(lanes[i % 4], Self.word(bytes, i))
                i += 1
            }
            for index in (words * 8)..<bytes.count { lanes[0] = Self.mixed(lanes[0], UInt64(bytes[index]) + 1) }
            lanes[1] = Self.mixed(lanes[1], UInt64(bytes.count))
        }
    }

    var value: UInt64 {
        var result: UInt64 = 0
        for lane in 0..<4 { result = Self.mixed(result, lanes[lane]) }
        result ^= result >> 32
        result &*= 0x9fb2_1c65_1e98_df25
        return result ^ (result >> 29)
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }

    private static func mixed(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        let sum = lane ^ (word &* 0xc2b2_ae3d_27d4_eb4f)
        return ((sum << 31) | (sum >> 33)) &* 0x9e37_79b1_85eb_ca87
    }
}
