/// What one batch of a Zenoh connection over TCP holds.
///
/// A batch is preceded by its length, 16 bits, little-endian.
public enum ZenohBatch: Hashable, Sendable {
    /// The first message of each side. `cookie` is the server's.
    case initialize(
        isAnswer: Bool, identifier: [UInt8], role: UInt8, resolution: UInt8?, batchSize: UInt16?, cookie: [UInt8]?)
    /// The second message of each side; `cookie` is the client's.
    case open(isAnswer: Bool, leaseSeconds: UInt64, firstNumber: UInt64, cookie: [UInt8]?)
    case close(isSession: Bool, reason: UInt8)
    case keepAlive
    case frame(isReliable: Bool, number: UInt64, [ZenohMessage])
    /// A slice of a network message that does not fit into a batch.
    case fragment(isReliable: Bool, hasMore: Bool, number: UInt64, slice: [UInt8])

    public static let version: UInt8 = 9

    /// - Throws: ``ZenohError`` for unknown messages and lengths beyond the batch.
    public init(decoding bytes: ArraySlice<UInt8>) throws(ZenohError) {
        var reader = ZenohReader(bytes)
        let header = try reader.byte()
        let hasExtensions = header & 0x80 != 0
        switch header & 0x1F {
        case 0x01:
            let version = try reader.byte()
            guard version == Self.version else { throw ZenohError(reason: "version \(version), not \(Self.version)") }
            let identity = try reader.byte()
            let identifier = Array(try reader.slice(Int(identity >> 4) + 1))
            let hasSizes = header & 0x40 != 0
            let resolution = hasSizes ? try reader.byte() : nil
            let batchSize = hasSizes ? try reader.short() : nil
            let cookie = header & 0x20 != 0 ? Array(try reader.sizedSlice()) : nil
            if hasExtensions { try reader.extensions() }
            self = .initialize(
                isAnswer: header & 0x20 != 0, identifier: identifier, role: identity & 0x03, resolution: resolution,
                batchSize: batchSize, cookie: cookie)
        case 0x02:
            let lease = try reader.number()
            let first = try reader.number()
            let cookie = header & 0x20 == 0 ? Array(try reader.sizedSlice()) : nil
            if hasExtensions { try reader.extensions() }
            self = .open(
                isAnswer: header & 0x20 != 0, leaseSeconds: header & 0x40 != 0 ? lease : lease / 1000,
                firstNumber: first, cookie: cookie)
        case 0x03:
            self = .close(isSession: header & 0x20 != 0, reason: try reader.byte())
            if hasExtensions { try reader.extensions() }
        case 0x04:
            if hasExtensions { try reader.extensions() }
            self = .keepAlive
        case 0x05:
            let number = try reader.number()
            // the priority of the sender's sequence of numbers
            if hasExtensions { try reader.extensions { id, _ in id == 1 } }
            var messages: [ZenohMessage] = []
            while !reader.isAtEnd { messages.append(try ZenohMessage(&reader)) }
            self = .frame(isReliable: header & 0x20 != 0, number: number, messages)
            return
        case 0x06:
            let number = try reader.number()
            // the priority; the mark of a first fragment
            if hasExtensions { try reader.extensions { id, _ in id == 1 || id == 2 } }
            self = .fragment(
                isReliable: header & 0x20 != 0, hasMore: header & 0x40 != 0, number: number, slice: Array(reader.rest())
            )
        case let id: throw ZenohError(reason: "transport message \(id) is not known")
        }
        guard reader.isAtEnd else { throw ZenohError(reason: "bytes follow the message of a batch") }
    }

    /// The batch without its length.
    public func encoded() -> [UInt8] {
        var writer = ZenohWriter()
        switch self {
        case .initialize(let isAnswer, let identifier, let role, let resolution, let batchSize, let cookie):
            writer.write(0x01 | (isAnswer ? 0x20 : 0) | (batchSize == nil ? 0 : 0x40))
            writer.write(Self.version)
            writer.write(UInt8(identifier.count - 1) << 4 | role)
            writer.bytes += identifier
            if let resolution, let batchSize {
                writer.write(resolution)
                writer.write(short: batchSize)
            }
            if let cookie { writer.write(sized: cookie) }
        case .open(let isAnswer, let lease, let first, let cookie):
            writer.write(0x42 | (isAnswer ? 0x20 : 0))
            writer.write(number: lease)
            writer.write(number: first)
            if let cookie { writer.write(sized: cookie) }
        case .close(let isSession, let reason):
            writer.write(0x03 | (isSession ? 0x20 : 0))
            writer.write(reason)
        case .keepAlive: writer.write(0x04)
        case .frame(let isReliable, let number, let messages):
            writer.write(0x05 | (isReliable ? 0x20 : 0))
            writer.write(number: number)
            for message in messages { message.write(to: &writer) }
        case .fragment(let isReliable, let hasMore, let number, let slice):
            writer.write(0x06 | (isReliable ? 0x20 : 0) | (hasMore ? 0x40 : 0))
            writer.write(number: number)
            writer.bytes += slice
        }
        return writer.bytes
    }

    /// Splits the bytes of a connection into batches, each without its length; `rest` is what is not whole yet.
    public static func split(_ bytes: [UInt8]) -> (batches: [ArraySlice<UInt8>], rest: ArraySlice<UInt8>) {
        var batches: [ArraySlice<UInt8>] = []
        var position = 0
        while position + 2 <= bytes.count {
            let length = Int(bytes[position]) | Int(bytes[position + 1]) << 8
            guard position + 2 + length <= bytes.count else { break }
            batches.append(bytes[position + 2..<position + 2 + length])
            position += 2 + length
        }
        return (batches, bytes[position...])
    }
}

/// Puts fragments together again.
public struct ZenohReassembler: Sendable {
    private var bytes: [UInt8] = []
    private let limit: Int

    public init(limits: ServingLimits = .standard) { limit = limits.messageSize + (64 << 10) }

    /// Takes a fragment; returns the message with the last one.
    ///
    /// - Throws: ``ZenohError`` when it grows beyond the limit or is no message.
    public mutating func append(_ slice: [UInt8], hasMore: Bool) throws(ZenohError) -> ZenohMessage? {
        guard bytes.count + slice.count <= limit else {
            throw ZenohError(reason: "a message of more than \(limit) bytes")
        }
        bytes += slice
        guard !hasMore else { return nil }
        defer { bytes = [] }
        var reader = ZenohReader(bytes[...])
        let message = try ZenohMessage(&reader)
        guard reader.isAtEnd else { throw ZenohError(reason: "bytes follow a fragmented message") }
        return message
    }
}
