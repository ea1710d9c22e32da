/// The delta encodings: differences in blocks, lengths in front of bytes, prefixes of the value before.
enum DeltaDecoder {
    /// DELTA_BINARY_PACKED: the values, modulo 2⁶⁴, and how many bytes they took.
    static func integers(
        _ bytes: UnsafeRawBufferPointer, atMost limit: Int, place: ParquetPlace
    ) throws -> (values: [Int64], byteCount: Int) {
        var reader = ThriftReader(bytes, place: place)
        let blockSize = Int(clamping: try reader.varint())
        let miniblockCount = Int(clamping: try reader.varint())
        let count = Int(clamping: try reader.varint())
        var value = Int64(try reader.integer())
        guard (1...1 << 20).contains(blockSize), (1...blockSize).contains(miniblockCount),
            blockSize % miniblockCount == 0, (blockSize / miniblockCount) % 8 == 0, count <= limit
        else {
            throw place.error(
                .damaged, "delta blocks of \(blockSize) values in \(miniblockCount) parts, \(count) values")
        }
        guard count > 0 else { return ([], reader.position) }

        let size = blockSize / miniblockCount
        var values = [value]
        values.reserveCapacity(count)
        var position = reader.position
        while values.count < count {
            var header = ThriftReader(bytes, place: place, position: position)
            let minimum = Int64(try header.integer())
            let widths = try (0..<miniblockCount).map { _ in Int(try header.byte()) }
            position = header.position
            for width in widths {
                // parts behind the last value are not stored
                guard values.count < count else { break }
                guard width <= 64 else { throw place.error(.damaged, "delta values of \(width) bits") }
                let byteCount = size * width / 8
                let taken = min(size, count - values.count)
                guard (bytes.count - position) * 8 >= taken * width else {
                    throw place.error(.truncated, "delta values end early")
                }
                for index in 0..<taken {
                    let packed = bits(bytes, position * 8 + index * width, width)
                    value = value &+ minimum &+ Int64(bitPattern: packed)
                    values.append(value)
                }
                position = min(position + byteCount, bytes.count)
            }
        }
        return (values, position)
    }

    /// `width` bits from a bit's place on, the low ones first.
    private static func bits(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ width: Int) -> UInt64 {
        var (value, got, bit) = (UInt64(0), 0, start)
        while got < width {
            let take = min(8 - bit % 8, width - got)
            let part = (UInt64(bytes[bit / 8]) >> UInt64(bit % 8)) & (1 << UInt64(take) - 1)
            value |= part << UInt64(got)
            got += take
            bit += take
        }
        return value
    }

    /// DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes.
    static func byteArrays(
        _ bytes: UnsafeRawBufferPointer, atMost limit: Int, place: ParquetPlace
    ) throws -> [ArraySlice<UInt8>] {
        let (lengths, start) = try integers(bytes, atMost: limit, place: place)
        let content = Array(bytes[start...])
        var position = 0
        return try lengths.map { length in
            guard length >= 0, Int(length) <= content.count - position else {
                throw place.error(.damaged, "a byte array of \(length) bytes, \(content.count - position) remain")
            }
            defer { position += Int(length) }
            return content[position..<position + Int(length)]
        }
    }

    /// DELTA_BYTE_ARRAY: lengths of prefixes shared with the value before, then the rests.
    static func prefixedByteArrays(
        _ bytes: UnsafeRawBufferPointer, atMost limit: Int, byteLimit: Int, place: ParquetPlace
    ) throws -> [ArraySlice<UInt8>] {
        let (prefixes, start) = try integers(bytes, atMost: limit, place: place)
        let rests = try byteArrays(UnsafeRawBufferPointer(rebasing: bytes[start...]), atMost: limit, place: place)
        guard prefixes.count == rests.count else {
            throw place.error(.damaged, "\(prefixes.count) prefixes, \(rests.count) rests")
        }
        var previous: ArraySlice<UInt8> = []
        var total = 0
        return try zip(prefixes, rests).map { prefix, rest in
            guard prefix >= 0, Int(prefix) <= previous.count else {
                throw place.error(.damaged, "a prefix of \(prefix) of \(previous.count) bytes")
            }
            total += Int(prefix) + rest.count
            guard total <= byteLimit else { throw place.error(.limitExceeded, "\(total) bytes in a page") }
            previous = ArraySlice(Array(previous.prefix(Int(prefix))) + rest)
            return previous
        }
    }
}
