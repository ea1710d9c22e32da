/// Fowler, Noll and Vo's hash FNV-1a with 64 bits: tells content apart, with no protection against intent.
///
///     h₀ = cbf29ce484222325;  hᵢ₊₁ = (hᵢ ⊕ byteᵢ) · 100000001b3 mod 2⁶⁴
///
/// Source: draft-eastlake-fnv, section 2.
public struct FNVHash: Sendable {
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    public mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    /// Adds the eight bytes of a number, the lowest first.
    public mutating func add(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// Adds the bits of numbers.
    public mutating func add(_ numbers: [Double]) {
        for number in numbers { add(number.bitPattern) }
    }

    public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(byte) }
    }

    /// The value in 16 hexadecimal digits.
    public var hexadecimal: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
