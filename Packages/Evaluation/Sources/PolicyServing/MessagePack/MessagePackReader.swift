/// Reads one MessagePack value from the bytes of a message.
///
/// Accepted: nil, booleans, integers, floats, texts, bytes, lists and maps whose keys are texts or bytes. Refused: extension
/// types, other keys, keys that occur twice, text that is not UTF-8, bytes after the value, and whatever exceeds the limits.
/// Nothing is allocated for a length or count that the remaining bytes cannot hold.
///
/// Source: github.com/msgpack/msgpack, spec.md.
struct MessagePackReader {
    private let bytes: [UInt8]
    private let limits: ServingLimits
    private var position = 0
    private var nodeCount = 0

    private init(_ bytes: [UInt8], _ limits: ServingLimits) { (self.bytes, self.limits) = (bytes, limits) }

    static func value(of bytes: [UInt8], limits: ServingLimits = .standard) throws(WireError) -> WireValue {
        guard bytes.count <= limits.messageSize else {
            throw WireError(.limitBytes, "a message of \(bytes.count) bytes; at most \(limits.messageSize) are read")
        }
        var reader = MessagePackReader(bytes, limits)
        let value = try reader.value(depth: 0)
        guard reader.position == bytes.count else {
            throw WireError(.trailing, "\(bytes.count - reader.position) bytes follow the value")
        }
        return value
    }

    private mutating func value(depth: Int) throws(WireError) -> WireValue {
        nodeCount += 1
        guard nodeCount <= limits.nodeCount else {
            throw WireError(.limitItems, "more than \(limits.nodeCount) values")
        }
        let start = position
        let first = try byte()
        switch first {
        case 0x00...0x7F: return .integer(Int64(first))
        case 0x80...0x8F: return .map(try map(count: Int(first & 0x0F), depth: depth))
        case 0x90...0x9F: return .list(try list(count: Int(first & 0x0F), depth: depth))
        case 0xA0...0xBF: return .text(try text(count: Int(first & 0x1F)))
        case 0xC0: return .null
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xC4: return .bytes(try slice(count: Int(unsigned(1))))
        case 0xC5: return .bytes(try slice(count: Int(unsigned(2))))
        case 0xC6: return .bytes(try slice(count: Int(unsigned(4))))
        case 0xCA: return .float(Float(bitPattern: UInt32(try unsigned(4))))
        case 0xCB: return .double(Double(bitPattern: try unsigned(8)))
        case 0xCC: return .integer(Int64(try unsigned(1)))
        case 0xCD: return .integer(Int64(try unsigned(2)))
        case 0xCE: return .integer(Int64(try unsigned(4)))
        case 0xCF:
            let value = try unsigned(8)
            return Int64(exactly: value).map { .integer($0) } ?? .unsigned(value)
        case 0xD0: return .integer(Int64(Int8(truncatingIfNeeded: try unsigned(1))))
        case 0xD1: return .integer(Int64(Int16(truncatingIfNeeded: try unsigned(2))))
        case 0xD2: return .integer(Int64(Int32(truncatingIfNeeded: try unsigned(4))))
        case 0xD3: return .integer(Int64(bitPattern: try unsigned(8)))
        case 0xD9: return .text(try text(count: Int(unsigned(1))))
        case 0xDA: return .text(try text(count: Int(unsigned(2))))
        case 0xDB: return .text(try text(count: Int(unsigned(4))))
        case 0xDC: return .list(try list(count: Int(unsigned(2)), depth: depth))
        case 0xDD: return .list(try list(count: Int(unsigned(4)), depth: depth))
        case 0xDE: return .map(try map(count: Int(unsigned(2)), depth: depth))
        case 0xDF: return .map(try map(count: Int(unsigned(4)), depth: depth))
        case 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: first)))
        default:
            // c1 is reserved; c7...c9 and d4...d8 are extension types
            throw WireError(.type, "byte 0x\(String(first, radix: 16)) at \(start) is no type that is read")
        }
    }

    private mutating func list(count: Int, depth: Int) throws(WireError) -> [WireValue] {
        try checkContainer(count, depth: depth, bytesPerItem: 1)
        var values: [WireValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try value(depth: depth + 1)) }
        return values
    }

    private mutating func map(count: Int, depth: Int) throws(WireError) -> WireMap {
        try checkContainer(count, depth: depth, bytesPerItem: 2)
        var entries: [WireMap.Entry] = []
        entries.reserveCapacity(count)
        var keys: Set<WireMap.Key> = []
        for _ in 0..<count {
            let key = try key()
            guard keys.insert(key).inserted else {
                throw WireError(.duplicateKey, "the key \(key.name) occurs twice in a map")
            }
            entries.append(WireMap.Entry(key: key, value: try value(depth: depth + 1)))
        }
        return WireMap(entries: entries)
    }

    private func checkContainer(_ count: Int, depth: Int, bytesPerItem: Int) throws(WireError) {
        guard depth <= limits.depth else { throw WireError(.limitDepth, "containers deeper than \(limits.depth)") }
        guard count <= limits.itemCount else {
            throw WireError(.limitItems, "a container of \(count) items; at most \(limits.itemCount) are read")
        }
        guard count * bytesPerItem <= bytes.count - position else {
            throw WireError(.truncated, "\(count) items are announced where \(bytes.count - position) bytes remain")
        }
    }

    private mutating func key() throws(WireError) -> WireMap.Key {
        let first = try byte()
        switch first {
        case 0xA0...0xBF: return .text(try text(count: Int(first & 0x1F)))
        case 0xD9: return .text(try text(count: Int(unsigned(1))))
        case 0xDA: return .text(try text(count: Int(unsigned(2))))
        case 0xDB: return .text(try text(count: Int(unsigned(4))))
        case 0xC4: return .bytes(try slice(count: Int(unsigned(1))))
        case 0xC5: return .bytes(try slice(count: Int(unsigned(2))))
        case 0xC6: return .bytes(try slice(count: Int(unsigned(4))))
        case 0xC1, 0xC7...0xC9, 0xD4...0xD8:
            throw WireError(.type, "byte 0x\(String(first, radix: 16)) at \(position - 1) is no type that is read")
        default: throw WireError(.key, "a key at \(position - 1) is neither text nor bytes")
        }
    }

    private mutating func text(count: Int) throws(WireError) -> String {
        guard count <= bytes.count - position else { throw truncated(count) }
        guard count <= limits.textSize else {
            throw WireError(.limitBytes, "a text of \(count) bytes; at most \(limits.textSize) are read")
        }
        defer { position += count }
        guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
            throw WireError(.utf8, "the text at \(position) is not UTF-8")
        }
        return text
    }

    private mutating func slice(count: Int) throws(WireError) -> [UInt8] {
        guard count <= bytes.count - position else { throw truncated(count) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    private mutating func byte() throws(WireError) -> UInt8 {
        guard position < bytes.count else { throw truncated(1) }
        defer { position += 1 }
        return bytes[position]
    }

    /// An integer of `count` bytes, the highest first.
    private mutating func unsigned(_ count: Int) throws(WireError) -> UInt64 {
        guard count <= bytes.count - position else { throw truncated(count) }
        var value: UInt64 = 0
        for index in 0..<count { value = value << 8 | UInt64(bytes[position + index]) }
        position += count
        return value
    }

    private func truncated(_ count: Int) -> WireError {
        WireError(.truncated, "\(count) bytes are needed at \(position), \(bytes.count - position) remain")
    }
}

extension WireMap.Key {
    /// The key as error messages show it.
    var name: String {
        switch self {
        case .text(let text): quoted(text)
        case .bytes(let bytes): "b" + quoted(String(decoding: bytes.prefix(200), as: UTF8.self))
        }
    }
}
