public import Foundation

/// SHA-256 (FIPS 180-4): names content, such as a checkpoint's files or a fixture's result.
public enum SHA256 {
    /// The hash of bytes in hexadecimal.
    public static func hexadecimal(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { hexadecimal($0) } }

    /// The hash of a file's bytes, which are mapped and not copied.
    ///
    /// - Throws: ``SerializationError`` when it cannot be read.
    public static func hexadecimal(ofFileAt url: URL) throws -> String {
        try MappedFile(at: url).withBytes { hexadecimal($0) }
    }

    package static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
        // whole blocks, then the rest with a one bit, zeros, and the length in bits
        let whole = bytes.count / 64 * 64
        var tail = Array(bytes[whole...]) + [0x80]
        tail += Array(repeating: 0, count: (120 - tail.count % 64) % 64)
        tail += (0..<8).map { UInt8(truncatingIfNeeded: UInt64(bytes.count * 8) >> UInt64(56 - 8 * $0)) }

        var state: [UInt32] = roots(8) { Double($0).squareRoot() }
        let constants: [UInt32] = roots(64) { cubeRoot($0) }
        var words = [UInt32](repeating: 0, count: 64)
        func add(_ message: UnsafeBufferPointer<UInt8>, _ count: Int) {
            constants.withUnsafeBufferPointer { constants in
                words.withUnsafeMutableBufferPointer { words in
                    for start in stride(from: 0, to: count, by: 64) {
                        addBlock(message.baseAddress! + start, constants, words, &state)
                    }
                }
            }
        }
        if whole > 0 { add(bytes.bindMemory(to: UInt8.self), whole) }
        tail.withUnsafeBufferPointer { add($0, tail.count) }
        return state.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    private static func addBlock(
        _ block: UnsafePointer<UInt8>, _ constants: UnsafeBufferPointer<UInt32>,
        _ words: UnsafeMutableBufferPointer<UInt32>, _ state: inout [UInt32]
    ) {
        func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
        for i in 0..<16 {
            let b = block + 4 * i
            words[i] = UInt32(b[0]) << 24 | UInt32(b[1]) << 16 | UInt32(b[2]) << 8 | UInt32(b[3])
        }
        for i in 16..<64 {
            let (x, y) = (words[i - 15], words[i - 2])
            let first = rotated(x, 7) ^ rotated(x, 18) ^ x >> 3
            let second = rotated(y, 17) ^ rotated(y, 19) ^ y >> 10
            words[i] = words[i - 16] &+ first &+ words[i - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for i in 0..<64 {
            let choice = (e & f) ^ (~e & g)
            let first = h &+ (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) &+ choice &+ constants[i] &+ words[i]
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ majority
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= value }
    }

    /// The first 32 bits of the fractions of a root of the first primes.
    private static func roots(_ count: Int, _ root: (Int) -> Double) -> [UInt32] {
        let primes = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }
        return primes.prefix(count).map { prime in
            let value = root(prime)
            return UInt32((value - value.rounded(.down)) * 4_294_967_296)
        }
    }

    /// By Newton's steps; 7 + 32 bits are needed of the 53.
    private static func cubeRoot(_ n: Int) -> Double {
        var x = Double(n).squareRoot()
        for _ in 0..<60 { x -= (x * x * x - Double(n)) / (3 * x * x) }
        return x
    }
}
