/// A key, of which a part may have been declared before.
public struct ZenohKey: Hashable, Sendable {
    /// The number of the declared part; 0 for none.
    public var scope: UInt64
    public var suffix: String
    /// Whether the sender of the message declared the number, else its receiver.
    public var isSenders: Bool

    public init(scope: UInt64 = 0, suffix: String, isSenders: Bool = true) {
        (self.scope, self.suffix, self.isSenders) = (scope, suffix, isSenders)
    }

    init(_ reader: inout ZenohReader, header: UInt8) throws(ZenohError) {
        scope = try reader.number()
        suffix = header & 0x20 != 0 ? try reader.text() : ""
        isSenders = header & 0x40 != 0
    }

    /// The bits of a header that tell the form.
    var flags: UInt8 { (suffix.isEmpty ? 0 : 0x20) | (isSenders ? 0x40 : 0) }

    func write(to writer: inout ZenohWriter) {
        writer.write(number: scope)
        if !suffix.isEmpty { writer.write(sized: suffix.utf8) }
    }
}

/// What a peer offers or wants.
public enum ZenohDeclaration: Hashable, Sendable {
    case key(UInt64, ZenohKey)
    case forgetKey(UInt64)
    case subscriber(UInt64, ZenohKey)
    case endSubscriber(UInt64)
    case queryable(UInt64, ZenohKey, isComplete: Bool)
    case endQueryable(UInt64)
    case token(UInt64, ZenohKey)
    case endToken(UInt64)
    case final
}

/// A network message of the subset of Zenoh that LeRobot's services use.
///
/// Source: eclipse-zenoh 1.10.2, protocol version 9.
public enum ZenohMessage: Hashable, Sendable {
    case declare(interest: UInt64?, ZenohDeclaration)
    case request(id: UInt64, ZenohKey, payload: [UInt8])
    case response(id: UInt64, ZenohKey, payload: [UInt8])
    case errorResponse(id: UInt64, ZenohKey, payload: [UInt8])
    case responseFinal(id: UInt64)
    case push(ZenohKey, payload: [UInt8])
}

// MARK: - Reading

extension ZenohMessage {
    init(_ reader: inout ZenohReader) throws(ZenohError) {
        let header = try reader.byte()
        let hasExtensions = header & 0x80 != 0
        switch header & 0x1F {
        case 0x1E:
            let interest = header & 0x20 != 0 ? try reader.number() : nil
            if hasExtensions { try reader.extensions() }
            self = .declare(interest: interest, try ZenohDeclaration(&reader))
        case 0x1C:
            let id = try reader.number()
            let key = try ZenohKey(&reader, header: header)
            // quality of service, target, timeout
            if hasExtensions { try reader.extensions { id, _ in [1, 4, 6].contains(id) } }
            self = .request(id: id, key, payload: try Self.query(&reader))
        case 0x1B:
            let id = try reader.number()
            let key = try ZenohKey(&reader, header: header)
            if hasExtensions { try reader.extensions() }
            let body = try reader.byte()
            switch body & 0x1F {
            case 0x04:
                if body & 0x20 != 0 { _ = try reader.byte() }
                if body & 0x80 != 0 { try reader.extensions() }
                self = .response(id: id, key, payload: try Self.put(&reader))
            case 0x05:
                if body & 0x40 != 0 { try Self.skipEncoding(&reader) }
                if body & 0x80 != 0 { try reader.extensions() }
                self = .errorResponse(id: id, key, payload: Array(try reader.sizedSlice()))
            default: throw ZenohError(reason: "body \(body & 0x1F) in a response")
            }
        case 0x1A:
            let id = try reader.number()
            if hasExtensions { try reader.extensions() }
            self = .responseFinal(id: id)
        case 0x1D:
            let key = try ZenohKey(&reader, header: header)
            if hasExtensions { try reader.extensions() }
            self = .push(key, payload: try Self.put(&reader))
        case let id: throw ZenohError(reason: "network message \(id) is not known")
        }
    }

    private static func put(_ reader: inout ZenohReader) throws(ZenohError) -> [UInt8] {
        let header = try reader.byte()
        guard header & 0x1F == 0x01 else { throw ZenohError(reason: "body \(header & 0x1F) where a put is expected") }
        if header & 0x20 != 0 {  // time and its source
            _ = try reader.number()
            _ = try reader.sizedSlice()
        }
        if header & 0x40 != 0 { try skipEncoding(&reader) }
        if header & 0x80 != 0 { try reader.extensions() }
        return Array(try reader.sizedSlice())
    }

    private static func query(_ reader: inout ZenohReader) throws(ZenohError) -> [UInt8] {
        let header = try reader.byte()
        guard header & 0x1F == 0x03 else { throw ZenohError(reason: "body \(header & 0x1F) where a query is expected") }
        if header & 0x20 != 0 { _ = try reader.byte() }
        if header & 0x40 != 0 { _ = try reader.sizedSlice() }
        var payload: [UInt8] = []
        if header & 0x80 != 0 {
            try reader.extensions { id, content throws(ZenohError) in
                guard id == 3, case .bytes(let bytes) = content else { return false }
                var body = ZenohReader(bytes)
                try skipEncoding(&body)
                payload = Array(body.rest())
                return true
            }
        }
        return payload
    }

    /// An odd number is followed by a schema.
    private static func skipEncoding(_ reader: inout ZenohReader) throws(ZenohError) {
        if try reader.number() & 1 == 1 { _ = try reader.sizedSlice() }
    }
}

extension ZenohDeclaration {
    init(_ reader: inout ZenohReader) throws(ZenohError) {
        let header = try reader.byte()
        let hasExtensions = header & 0x80 != 0
        let id = header & 0x1F == 0x1A ? 0 : try reader.number()
        switch header & 0x1F {
        case 0x00: self = .key(id, try ZenohKey(&reader, header: header))
        case 0x01: self = .forgetKey(id)
        case 0x02: self = .subscriber(id, try ZenohKey(&reader, header: header))
        case 0x03: self = .endSubscriber(id)
        case 0x04:
            let key = try ZenohKey(&reader, header: header)
            var isComplete = false
            if hasExtensions {
                try reader.extensions { id, content in
                    if id == 1, case .number(let value) = content { isComplete = value & 1 == 1 }
                    return id == 1
                }
            }
            self = .queryable(id, key, isComplete: isComplete)
            return
        case 0x05: self = .endQueryable(id)
        case 0x06: self = .token(id, try ZenohKey(&reader, header: header))
        case 0x07: self = .endToken(id)
        case 0x1A: self = .final
        case let other: throw ZenohError(reason: "declaration \(other) is not known")
        }
        // an end may repeat its key
        if hasExtensions { try reader.extensions { id, _ in id == 0x0F } }
    }
}

// MARK: - Writing

extension ZenohMessage {
    func write(to writer: inout ZenohWriter) {
        switch self {
        case .declare(let interest, let declaration):
            writer.write(interest == nil ? 0x1E : 0x3E)
            if let interest { writer.write(number: interest) }
            declaration.write(to: &writer)
        case .request(let id, let key, let payload):
            writer.write(0x1C | key.flags)
            writer.write(number: id)
            key.write(to: &writer)
            // the payload is an extension of the query, after its encoding
            writer.write(0x83)
            writer.write(0x43)
            writer.write(sized: [0] + payload)
        case .response(let id, let key, let payload):
            writer.write(0x1B | key.flags)
            writer.write(number: id)
            key.write(to: &writer)
            writer.write(0x04)
            writer.write(0x01)
            writer.write(sized: payload)
        case .errorResponse(let id, let key, let payload):
            writer.write(0x1B | key.flags)
            writer.write(number: id)
            key.write(to: &writer)
            writer.write(0x05)
            writer.write(sized: payload)
        case .responseFinal(let id):
            writer.write(0x1A)
            writer.write(number: id)
        case .push(let key, let payload):
            writer.write(0x1D | key.flags)
            key.write(to: &writer)
            writer.write(0x01)
            writer.write(sized: payload)
        }
    }
}

extension ZenohDeclaration {
    func write(to writer: inout ZenohWriter) {
        func begin(_ header: UInt8, _ id: UInt64) {
            writer.write(header)
            writer.write(number: id)
        }
        switch self {
        // a key's declaration is always its sender's, so its header has no bit for it
        case .key(let id, let key):
            begin(0x00 | (key.flags & 0x20), id)
            key.write(to: &writer)
        case .forgetKey(let id): begin(0x01, id)
        case .subscriber(let id, let key):
            begin(0x02 | key.flags, id)
            key.write(to: &writer)
        case .endSubscriber(let id): begin(0x03, id)
        case .queryable(let id, let key, let isComplete):
            begin(0x04 | key.flags | (isComplete ? 0x80 : 0), id)
            key.write(to: &writer)
            if isComplete {
                writer.write(0x21)
                writer.write(number: 1)
            }
        case .endQueryable(let id): begin(0x05, id)
        case .token(let id, let key):
            begin(0x06 | key.flags, id)
            key.write(to: &writer)
        case .endToken(let id): begin(0x07, id)
        case .final: writer.write(0x1A)
        }
    }
}
