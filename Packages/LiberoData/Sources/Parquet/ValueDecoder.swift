import FileSupport

/// The values of a page, in any of the encodings.
struct ValueDecoder {
    let leaf: ParquetLeaf
    let place: ParquetPlace
    let byteLimit: Int

    /// Bytes that the indices of a page may repeat.
    static let gatheredByteLimit = 512 << 20

    static let encodingNames = [
        0: "PLAIN", 2: "PLAIN_DICTIONARY", 3: "RLE", 4: "BIT_PACKED", 5: "DELTA_BINARY_PACKED",
        6: "DELTA_LENGTH_BYTE_ARRAY", 7: "DELTA_BYTE_ARRAY", 8: "RLE_DICTIONARY", 9: "BYTE_STREAM_SPLIT",
    ]

    /// - Parameter owner: The array that `bytes` lie in, if there is one: byte arrays then share its memory.
    func decode(
        _ bytes: UnsafeRawBufferPointer, encoding: Int, count: Int, dictionary: ParquetValues?, owner: [UInt8]? = nil
    ) throws -> ParquetValues {
        guard count > 0 else { return ParquetValues(emptyOf: leaf.type) }
        switch encoding {
        case 0: return try plain(bytes, count, owner)
        case 2, 8:
            guard let dictionary else { throw place.error(.damaged, "a page of dictionary indices without dictionary") }
            guard let width = bytes.first else { throw place.error(.truncated, "a page of indices is empty") }
            guard dictionary.count > 0 else { throw place.error(.damaged, "indices into an empty dictionary") }
            var decoder = try HybridDecoder(
                UnsafeRawBufferPointer(rebasing: bytes[1...]), bitWidth: Int(width), place: place)
            var indices: [Int32] = []
            try decoder.decode(count, limit: UInt32(clamping: dictionary.count - 1), into: &indices)
            if case .bytes(let entries) = dictionary {
                // shared here, copied by whoever makes texts of them
                var total = 0
                for index in indices {
                    total += entries[Int(index)].count
                    guard total <= Self.gatheredByteLimit else {
                        throw place.error(.limitExceeded, "indices that repeat more than \(total) bytes")
                    }
                }
            }
            return dictionary.gathered(indices)
        case 3 where leaf.type == .boolean:
            guard bytes.count >= 4 else { throw place.error(.truncated, "a page of booleans is empty") }
            let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
            guard length <= bytes.count - 4 else { throw place.error(.damaged, "\(length) bytes of booleans") }
            var decoder = try HybridDecoder(
                UnsafeRawBufferPointer(rebasing: bytes[4..<4 + length]), bitWidth: 1, place: place)
            var values: [Int32] = []
            try decoder.decode(count, limit: 1, into: &values)
            return .booleans(values.map { $0 != 0 })
        case 5 where leaf.type == .int32 || leaf.type == .int64:
            let (values, _) = try DeltaDecoder.integers(bytes, atMost: count, place: place)
            try require(values.count, count)
            return leaf.type == .int64 ? .int64(values) : .int32(values.map { Int32(truncatingIfNeeded: $0) })
        case 6 where leaf.type == .byteArray:
            let values = try DeltaDecoder.byteArrays(bytes, atMost: count, place: place)
            try require(values.count, count)
            return .bytes(values)
        case 7 where leaf.type == .byteArray || leaf.type == .fixedLengthByteArray:
            let values = try DeltaDecoder.prefixedByteArrays(bytes, atMost: count, byteLimit: byteLimit, place: place)
            try require(values.count, count)
            return .bytes(values)
        case 9: return try unsplit(bytes, count).withUnsafeBytes { try plain($0, count) }
        default:
            let name = Self.encodingNames[encoding] ?? "number \(encoding)"
            throw place.error(
                .unsupported, "the encoding \(name) for a column of \(leaf.contents)",
                advice: "Write the file with PLAIN.")
        }
    }

    private func require(_ found: Int, _ count: Int) throws {
        guard found == count else { throw place.error(.damaged, "\(found) values in a page of \(count)") }
    }

    private func plain(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, _ owner: [UInt8]? = nil
    ) throws -> ParquetValues {
        func numbers<Number: BitwiseCopyable>(_ zero: Number) throws -> [Number] {
            let size = MemoryLayout<Number>.size
            guard bytes.count / size >= count else { throw short(bytes.count, count * size) }
            return [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * size)]))
                initialized = count
            }
        }
        switch leaf.type {
        case .boolean:
            guard bytes.count * 8 >= count else { throw short(bytes.count, (count + 7) / 8) }
            return .booleans((0..<count).map { (bytes[$0 / 8] >> UInt8($0 % 8)) & 1 == 1 })
        case .int32: return .int32(try numbers(Int32(0)))
        case .int64: return .int64(try numbers(Int64(0)))
        case .float: return .floats(try numbers(Float(0)))
        case .double: return .doubles(try numbers(Double(0)))
        case .fixedLengthByteArray:
            let size = leaf.typeLength
            guard bytes.count / size >= count else { throw short(bytes.count, count * size) }
            let content = Array(bytes[..<(count * size)])
            return .bytes((0..<count).map { content[$0 * size..<($0 + 1) * size] })
        case .byteArray:
            guard bytes.count / 4 >= count else { throw short(bytes.count, count * 4) }
            let content = owner ?? Array(bytes)
            let start = owner.map { $0.withUnsafeBytes { bytes.baseAddress! - $0.baseAddress! } } ?? 0
            var position = 0
            var values: [ArraySlice<UInt8>] = []
            values.reserveCapacity(count)
            for _ in 0..<count {
                guard bytes.count - position >= 4 else { throw short(bytes.count, position + 4) }
                let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
                position += 4
                guard length <= bytes.count - position else { throw short(bytes.count, position + length) }
                values.append(content[start + position..<start + position + length])
                position += length
            }
            return .bytes(values)
        case .int96:
            throw place.error(
                .unsupported, "time stamps of 12 bytes (INT96)", advice: "Write time stamps as 64-bit integers.")
        }
    }

    private func short(_ found: Int, _ needed: Int) -> SerializationError {
        place.error(.truncated, "a page's values take \(needed) bytes, there are \(found)")
    }

    /// BYTE_STREAM_SPLIT: byte j of value i is byte i of stream j.
    private func unsplit(_ bytes: UnsafeRawBufferPointer, _ count: Int) throws -> [UInt8] {
        let width: Int
        switch leaf.type {
        case .int32, .float: width = 4
        case .int64, .double: width = 8
        case .fixedLengthByteArray: width = leaf.typeLength
        case .boolean, .byteArray, .int96:
            throw place.error(.unsupported, "the encoding BYTE_STREAM_SPLIT for a column of \(leaf.contents)")
        }
        guard bytes.count / width >= count else { throw short(bytes.count, count * width) }
        return [UInt8](unsafeUninitializedCapacity: count * width) { buffer, initialized in
            for stream in 0..<width {
                for index in 0..<count { buffer[index * width + stream] = bytes[stream * count + index] }
            }
            initialized = count * width
        }
    }
}
