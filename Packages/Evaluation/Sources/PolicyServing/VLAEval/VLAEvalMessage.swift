/// A message of vla-eval's protocol, version 1: a map of `type`, `payload`, `seq` and `timestamp`.
///
/// Source: allenai/vla-evaluation-harness e1ee9ad, `vla_eval/protocol`.
public struct VLAEvalMessage: Sendable, Hashable {
    public enum Kind: String, CaseIterable, Sendable {
        case hello, observation, action
        case episodeStart = "episode_start"
        case episodeEnd = "episode_end"
        case error
    }

    public static let protocolVersion = 1

    public var kind: Kind
    public var payload: WireMap
    /// The client counts its messages from 1; an answer repeats the number.
    public var sequenceNumber: Int
    /// Seconds since 1970.
    public var timestamp: Double

    public init(_ kind: Kind, _ payload: WireMap, sequenceNumber: Int, timestamp: Double) {
        (self.kind, self.payload) = (kind, payload)
        (self.sequenceNumber, self.timestamp) = (sequenceNumber, timestamp)
    }

    /// Reads a message.
    ///
    /// - Throws: ``VLAEvalDecodingError`` with the message's number, if that could be read.
    public init(decoding bytes: [UInt8], limits: ServingLimits = .standard) throws(VLAEvalDecodingError) {
        // the number is kept for the answer, also where an array or image below cannot be read
        var number = 0
        do {
            let plain = try MessagePackReader.value(of: bytes, limits: limits)
            number = plain.map?["seq"]?.int ?? 0
            var interpreter = ArrayInterpreter(.vlaEval, limits: limits)
            self = try Self(interpreter.interpret(plain))
        } catch {
            throw VLAEvalDecodingError(error: error, sequenceNumber: number)
        }
    }

    private init(_ value: WireValue) throws(WireError) {
        guard let map = value.map else { throw WireError(.notMap, "a message is a map, not \(value.typeName)") }
        let names = ["type", "payload", "seq", "timestamp"]
        let missing = names.filter { map[$0] == nil }
        guard missing.isEmpty, let type = map["type"], let payload = map["payload"], let number = map["seq"],
            let timestamp = map["timestamp"]
        else { throw WireError(.missing, "the message has no \(missing.joined(separator: ", "))") }
        guard let name = type.text, let kind = Kind(rawValue: name) else {
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw WireError(
                .schemaType, "\(type.text.map(quoted) ?? type.typeName) as a message's type; known: \(kinds)")
        }
        guard let payload = payload.map else {
            throw WireError(.schemaType, "the payload is of type \(payload.typeName), not a map")
        }
        guard case .integer(let number) = number else {
            throw WireError(.schemaType, "seq is of type \(number.typeName), not an integer")
        }
        guard let seconds = timestamp.number else {
            throw WireError(.schemaType, "timestamp is of type \(timestamp.typeName), not a number")
        }
        self.init(kind, payload, sequenceNumber: Int(number), timestamp: seconds)
    }

    public func encoded() -> [UInt8] {
        WireValue.map(
            WireMap([
                (.text("type"), .text(kind.rawValue)), (.text("payload"), .map(payload)),
                (.text("seq"), .integer(Int64(sequenceNumber))), (.text("timestamp"), .double(timestamp)),
            ])
        ).encoded(.vlaEval)
    }
}

/// Why a message of vla-eval cannot be read, and which it was.
public struct VLAEvalDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    public var error: WireError
    /// 0 if it could not be read.
    public var sequenceNumber: Int

    public var description: String { error.description }
}
