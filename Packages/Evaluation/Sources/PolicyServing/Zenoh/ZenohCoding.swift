/// Bytes that are no message of the Zenoh subset; the connection is closed with reason 2.
public struct ZenohError: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String
    public var description: String { "Zenoh: \(reason)" }
}

/// Reads the fields of Zenoh's messages.
struct ZenohReader {
    let bytes: ArraySlice<UInt8>
    private(set) var position: Int

    init(_ bytes: ArraySlice<UInt8>) { (self.bytes, position) = (bytes, bytes.startIndex) }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func byte() throws(ZenohError) -> UInt8 {
        guard position < bytes.endIndex else { throw ZenohError(reason: "a message ends early") }
        defer { position += 1 }
        return bytes[position]
    }

    /// Little-endian.
    mutating func short() throws(ZenohError) -> UInt16 { UInt16(try byte()) | UInt16(try byte()) << 8 }

    /// 7 bits a byte, the lowest first; at most 9 bytes, of which the ninth is full.
    mutating func number() throws(ZenohError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<9 {
            let byte = try byte()
            if index == 8 { return value | UInt64(byte) << 56 }
            value |= UInt64(byte & 0x7F) << (7 * UInt64(index))
            if byte & 0x80 == 0 { break }
        }
        return value
    }

    mutating func slice(_ count: Int) throws(ZenohError) -> ArraySlice<UInt8> {
        guard count <= bytes.endIndex - position else {
            throw ZenohError(reason: "\(count) bytes are announced, fewer follow")
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A length and so many bytes.
    mutating func sizedSlice() throws(ZenohError) -> ArraySlice<UInt8> {
        let count = try number()
        guard count <= UInt64(bytes.count) else {
            throw ZenohError(reason: "\(count) bytes are announced, fewer follow")
        }
        return try slice(Int(count))
    }

    mutating func text() throws(ZenohError) -> String {
        guard let text = String(validating: try sizedSlice(), as: UTF8.self) else {
            throw ZenohError(reason: "a key is not UTF-8")
        }
        return text
    }

    mutating func rest() -> ArraySlice<UInt8> {
        defer { position = bytes.endIndex }
        return bytes[position...]
    }

    /// Reads extensions up to the last one.
    ///
    /// - Parameter known: Takes an extension's id and content; `false` for one it does not know.
    /// - Throws: ``ZenohError`` for an unknown one that is mandatory.
    mutating func extensions(
        _ known: (UInt8, ZenohExtension) throws(ZenohError) -> Bool = { _, _ in false }
    ) throws(ZenohError) {
        while true {
            let header = try byte()
            let content: ZenohExtension =
                switch header & 0x60 {
                case 0x00: .unit
                case 0x20: .number(try number())
                case 0x40: .bytes(try sizedSlice())
                default: throw ZenohError(reason: "an extension of an unknown kind")
                }
            if try !known(header & 0x0F, content), header & 0x10 != 0 {
                throw ZenohError(reason: "extension \(header & 0x0F) is mandatory and not known")
            }
            if header & 0x80 == 0 { return }
        }
    }
}

enum ZenohExtension {
    case unit
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
}

/// Writes the fields of Zenoh's messages.
struct ZenohWriter {
    var bytes: [UInt8] = []

    mutating func write(_ byte: UInt8) { bytes.append(byte) }

    mutating func write(short value: UInt16) { bytes += [UInt8(value & 0xFF), UInt8(value >> 8)] }

    mutating func write(number value: UInt64) {
        var value = value
        for _ in 0..<8 {
            if value < 0x80 {
                bytes.append(UInt8(value))
                return
            }
            bytes.append(UInt8(value & 0x7F) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    mutating func write(sized data: some Collection<UInt8>) {
        write(number: UInt64(data.count))
        bytes += data
    }
}
