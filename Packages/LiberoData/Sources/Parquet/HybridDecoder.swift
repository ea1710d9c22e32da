import FileSupport

/// Runs and bit-packed groups: levels, dictionary indices, booleans.
///
///     { varint h; h even: a run of h / 2 copies of one value in ⌈b / 8⌉ bytes
///                 h odd:  (h / 2) · 8 values of b bits, the low bits first }
struct HybridDecoder {
    let bytes: UnsafeRawBufferPointer
    let bitWidth: Int
    let place: ParquetPlace
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer, bitWidth: Int, place: ParquetPlace) throws {
        guard (0...32).contains(bitWidth) else { throw place.error(.damaged, "values of \(bitWidth) bits") }
        (self.bytes, self.bitWidth, self.place) = (bytes, bitWidth, place)
    }

    /// Appends `count` values, none larger than `limit`.
    ///
    /// A run's length has no bound of its own: callers have held `count` against the page's size.
    mutating func decode(_ count: Int, limit: UInt32, into values: inout [Int32]) throws {
        values.reserveCapacity(values.count + count)
        if bitWidth == 0 {
            values.append(contentsOf: repeatElement(0, count: count))
            return
        }
        var left = count
        while left > 0 {
            let header = try varint()
            if header & 1 == 0 {
                let value = try runValue()
                guard value <= limit else { throw tooLarge(value, limit) }
                let length = Int(header >> 1)
                guard length > 0 else { throw place.error(.damaged, "a run of no values") }
                values.append(contentsOf: repeatElement(Int32(bitPattern: value), count: min(length, left)))
                left -= min(length, left)
            } else {
                let groups = Int(header >> 1)
                let (byteCount, overflow) = groups.multipliedReportingOverflow(by: bitWidth)
                guard !overflow, groups > 0 else { throw place.error(.damaged, "\(groups) packed groups") }
                // the last group may be cut behind the last value
                let available = min(byteCount, bytes.count - position)
                let taken = min(left, groups * 8)
                guard available * 8 >= taken * bitWidth else {
                    throw place.error(.truncated, "packed values end early")
                }
                try unpack(taken, from: position, limit: limit, into: &values)
                position += available
                left -= taken
            }
        }
    }

    private func tooLarge(_ value: UInt32, _ limit: UInt32) -> SerializationError {
        place.error(.damaged, "a level or index of \(value), at most \(limit) is possible")
    }

    private func unpack(_ count: Int, from start: Int, limit: UInt32, into values: inout [Int32]) throws {
        let mask = bitWidth == 32 ? UInt64(UInt32.max) : UInt64(1) << UInt64(bitWidth) - 1
        var (word, bits, next) = (UInt64(0), 0, start)
        var largest: UInt32 = 0
        for _ in 0..<count {
            while bits < bitWidth {
                word |= UInt64(bytes[next]) << UInt64(bits)
                next += 1
                bits += 8
            }
            let value = UInt32(truncatingIfNeeded: word & mask)
            largest = max(largest, value)
            values.append(Int32(bitPattern: value))
            word >>= UInt64(bitWidth)
            bits -= bitWidth
        }
        guard largest <= limit else { throw tooLarge(largest, limit) }
    }

    private mutating func varint() throws -> UInt32 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while true {
            guard position < bytes.count else { throw place.error(.truncated, "runs end early") }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { break }
            shift += 7
            guard shift < 35 else { throw place.error(.damaged, "a run's header of more than 32 bits") }
        }
        guard value <= UInt64(UInt32.max) else { throw place.error(.damaged, "a run's header of more than 32 bits") }
        return UInt32(value)
    }

    private mutating func runValue() throws -> UInt32 {
        let count = (bitWidth + 7) / 8
        guard position + count <= bytes.count else { throw place.error(.truncated, "runs end early") }
        var value: UInt32 = 0
        for index in 0..<count { value |= UInt32(bytes[position + index]) << UInt32(8 * index) }
        position += count
        return value
    }

    /// Bits of the largest level.
    static func bitWidth(of maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }
}
