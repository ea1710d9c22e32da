/// A message of LeRobot's environment and policy services, version 1.
///
/// Source: huggingface/lerobot a8401e9 and 0b20ce1.
public struct LeRobotEnvelope: Sendable, Hashable {
    public enum Kind: String, CaseIterable, Sendable {
        case describe, descriptor, open, accepted, control, ack, observation, action, error
        case languageRequest = "language_request"
        case languageResult = "language_result"

        /// Whether instance, session and request have to be named.
        var belongsToSession: Bool {
            switch self {
            case .control, .ack, .observation, .action, .languageRequest, .languageResult: true
            case .describe, .descriptor, .open, .accepted, .error: false
            }
        }
    }

    public static let version = 1

    public var kind: Kind
    public var instanceID: String
    public var sessionID: String
    /// 0 to 2⁶³ − 1; counts the resets of a session.
    public var generation: Int64
    public var requestID: String
    public var body: WireMap

    public init(
        _ kind: Kind, instanceID: String, sessionID: String, generation: Int64, requestID: String, body: WireMap
    ) {
        (self.kind, self.instanceID, self.sessionID) = (kind, instanceID, sessionID)
        (self.generation, self.requestID, self.body) = (generation, requestID, body)
    }

    /// Reads a message.
    ///
    /// - Throws: ``LeRobotError`` of the codes `malformed` and `protocol`.
    public init(decoding bytes: [UInt8], limits: ServingLimits = .standard) throws(LeRobotError) {
        let value: WireValue
        do {
            value = try WireValue(decoding: bytes, .leRobot, limits: limits)
        } catch {
            throw LeRobotError(.malformed, error.description)
        }
        guard let map = value.map else { throw LeRobotError(.malformed, "a message is a map, not \(value.typeName)") }
        let names = ["version", "message_type", "instance_id", "session_id", "generation", "request_id", "body"]
        if let name = names.first(where: { map[$0] == nil }) {
            throw LeRobotError(.malformed, "the message has no '\(name)'")
        }
        guard map["version"] == .integer(Int64(Self.version)) else {
            throw LeRobotError(.protocol, "the version is not the integer \(Self.version)")
        }
        guard let name = map["message_type"]?.text, let kind = Kind(rawValue: name) else {
            throw LeRobotError(.malformed, "an unknown message type")
        }
        func identifier(_ name: String) throws(LeRobotError) -> String {
            guard let text = map[name]?.text, text.isEmpty || Self.isSegment(text) else {
                throw LeRobotError(.malformed, "\(name) is no single segment of a key")
            }
            guard !text.isEmpty || !kind.belongsToSession else {
                throw LeRobotError(.malformed, "a message of type \(kind.rawValue) needs \(name)")
            }
            return text
        }
        guard case .integer(let generation)? = map["generation"], generation >= 0 else {
            throw LeRobotError(.malformed, "the generation is no integer in 0..<2^63")
        }
        guard let body = map["body"]?.map else { throw LeRobotError(.malformed, "the body is no map") }
        self.init(
            kind, instanceID: try identifier("instance_id"), sessionID: try identifier("session_id"),
            generation: generation, requestID: try identifier("request_id"), body: body)
    }

    public func encoded() -> [UInt8] {
        WireValue.map(
            WireMap([
                (.text("version"), .integer(Int64(Self.version))), (.text("message_type"), .text(kind.rawValue)),
                (.text("instance_id"), .text(instanceID)), (.text("session_id"), .text(sessionID)),
                (.text("generation"), .integer(generation)), (.text("request_id"), .text(requestID)),
                (.text("body"), .map(body)),
            ])
        ).encoded(.leRobot)
    }

    /// The answer to this message, which repeats what identifies it.
    func answer(_ kind: Kind, _ body: WireMap) -> LeRobotEnvelope {
        var answer = self
        (answer.kind, answer.body) = (kind, body)
        return answer
    }

    /// Whether a text is one segment of a key: a letter or digit, then up to 127 letters, digits, `_`, `.` or `-`.
    static func isSegment(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: false
            }
        }
        guard 1...128 ~= text.utf8.count, let first = text.utf8.first, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }
}

/// A failure as LeRobot's services send it.
public struct LeRobotError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, CaseIterable, Sendable {
        case unsupported, malformed, busy, stale, incompatible, execution, timeout, `protocol`
    }

    public let code: Code
    public let message: String

    /// The message is cut to 2,048 characters.
    public init(_ code: Code, _ message: String) {
        (self.code, self.message) = (code, String(message.prefix(2048)))
    }

    public var description: String { "\(code.rawValue): \(message)" }

    var body: WireMap { WireMap([(.text("code"), .text(code.rawValue)), (.text("message"), .text(message))]) }
}
