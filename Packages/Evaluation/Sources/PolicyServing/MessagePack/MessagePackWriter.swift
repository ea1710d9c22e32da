/// Writes MessagePack as Python's `msgpack` 1.x does: integers, lengths and counts in their shortest form, non-negative
/// integers unsigned, maps in the order of their entries.
///
/// `WireValue/double(_:)` is written as float 64, `WireValue/float(_:)` as float 32. Arrays, scalars and images are written by
/// an ``ArrayConvention``.
struct MessagePackWriter {
    private(set) var bytes: [UInt8] = []
    private let convention: ArrayConvention

    init(_ convention: ArrayConvention, capacity: Int = 0) {
        self.convention = convention
        bytes.reserveCapacity(capacity)
    }

    mutating func write(_ value: WireValue) {
        switch value {
        case .null: bytes.append(0xC0)
        case .bool(let value): bytes.append(value ? 0xC3 : 0xC2)
        case .integer(let value): write(value)
        case .unsigned(let value): write(value)
        case .float(let value):
            bytes.append(0xCA)
            append(value.bitPattern)
        case .double(let value):
            bytes.append(0xCB)
            append(value.bitPattern)
        case .text(let text): write(text)
        case .bytes(let data): write(data)
        case .list(let list):
            writeHead(list.count, fixed: 0x90, short: 0xDC, long: 0xDD)
            for value in list { write(value) }
        case .map(let map):
            writeHead(map.count, fixed: 0x80, short: 0xDE, long: 0xDF)
            for entry in map.entries {
                switch entry.key {
                case .text(let text): write(text)
                case .bytes(let data): write(data)
                }
                write(entry.value)
            }
        case .array(let array): write(.map(convention.record(of: array)))
        case .scalar(let scalar): write(convention.record(of: scalar))
        case .image(let image): write(.map(convention.record(of: image)))
        }
    }

    private mutating func write(_ value: Int64) {
        switch value {
        case 0...: write(UInt64(value))
        case -32..<0: bytes.append(UInt8(bitPattern: Int8(value)))
        case Int64(Int8.min)..<0:
            bytes.append(0xD0)
            bytes.append(UInt8(bitPattern: Int8(value)))
        case Int64(Int16.min)..<0:
            bytes.append(0xD1)
            append(UInt16(bitPattern: Int16(value)))
        case Int64(Int32.min)..<0:
            bytes.append(0xD2)
            append(UInt32(bitPattern: Int32(value)))
        default:
            bytes.append(0xD3)
            append(UInt64(bitPattern: value))
        }
    }

    private mutating func write(_ value: UInt64) {
        switch value {
        case 0...0x7F: bytes.append(UInt8(value))
        case 0...0xFF:
            bytes.append(0xCC)
            bytes.append(UInt8(value))
        case 0...0xFFFF:
            bytes.append(0xCD)
            append(UInt16(value))
        case 0...0xFFFF_FFFF:
            bytes.append(0xCE)
            append(UInt32(value))
        default:
            bytes.append(0xCF)
            append(value)
        }
    }

    private mutating func write(_ text: String) {
        let count = text.utf8.count
        switch count {
        case 0...31: bytes.append(0xA0 | UInt8(count))
        case 0...0xFF:
            bytes.append(0xD9)
            bytes.append(UInt8(count))
        case 0...0xFFFF:
            bytes.append(0xDA)
            append(UInt16(count))
        default:
            bytes.append(0xDB)
            append(UInt32(count))
        }
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func write(_ data: [UInt8]) {
        switch data.count {
        case 0...0xFF:
            bytes.append(0xC4)
            bytes.append(UInt8(data.count))
        case 0...0xFFFF:
            bytes.append(0xC5)
            append(UInt16(data.count))
        default:
            bytes.append(0xC6)
            append(UInt32(data.count))
        }
        bytes.append(contentsOf: data)
    }

    private mutating func writeHead(_ count: Int, fixed: UInt8, short: UInt8, long: UInt8) {
        switch count {
        case 0...15: bytes.append(fixed | UInt8(count))
        case 0...0xFFFF:
            bytes.append(short)
            append(UInt16(count))
        default:
            bytes.append(long)
            append(UInt32(count))
        }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

extension WireValue {
    /// Reads a message.
    ///
    /// - Throws: ``WireError``; see `MessagePackReader` and ``ArrayConvention``.
    public init(
        decoding bytes: [UInt8], _ convention: ArrayConvention, limits: ServingLimits = .standard
    ) throws(WireError) {
        var interpreter = ArrayInterpreter(convention, limits: limits)
        self = try interpreter.interpret(MessagePackReader.value(of: bytes, limits: limits))
    }

    /// The bytes of the message, as the protocol's Python software writes them.
    public func encoded(_ convention: ArrayConvention) -> [UInt8] {
        var writer = MessagePackWriter(convention, capacity: payloadSize + 256)
        writer.write(self)
        return writer.bytes
    }

    /// Bytes of arrays, images and byte strings; an estimate of the message's size.
    private var payloadSize: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .array(let array): array.bytes.count + 64
        case .image(let image): image.data.count + 64
        case .list(let list): list.reduce(0) { $0 + $1.payloadSize }
        case .map(let map): map.entries.reduce(0) { $0 + $1.value.payloadSize }
        default: 0
        }
    }
}
