/// A message of XPolicyLab's protocol.
///
/// Source: inspect-robots-xpolicylab 0.1.0.
public struct XPolicyLabMessage: Sendable, Hashable {
    public enum Kind: String, CaseIterable, Sendable {
        case hello, heartbeat, reset, infer, error
        case prepareCase = "prepare_case"
        case trialEnd = "trial_end"
        case helloAcknowledgement = "hello_ack"
        case prepareCaseAcknowledgement = "prepare_case_ack"
        case trialEndAcknowledgement = "trial_end_ack"
        case heartbeatAcknowledgement = "heartbeat_ack"
        case resetResult = "reset_result"
        case inferResult = "infer_result"

        /// What a server answers; `nil` for answers.
        var answer: Kind? {
            switch self {
            case .hello: .helloAcknowledgement
            case .prepareCase: .prepareCaseAcknowledgement
            case .trialEnd: .trialEndAcknowledgement
            case .heartbeat: .heartbeatAcknowledgement
            case .reset: .resetResult
            case .infer: .inferResult
            default: nil
            }
        }
    }

    public enum ErrorCode: String, CaseIterable, Sendable {
        case invalidFrame = "invalid_frame"
        case unknownMessageType = "unknown_message_type"
        case timeout
        case inferFailed = "infer_failed"
        case resetFailed = "reset_failed"
        case `internal`
    }

    public private(set) var fields: WireMap
    public let kind: Kind

    /// Reads a message.
    ///
    /// - Throws: ``XPolicyLabError``: `invalid_frame` when it is no map or has no type, id or evaluation.
    public init(decoding bytes: [UInt8], limits: ServingLimits = .standard) throws(XPolicyLabError) {
        let value: WireValue
        do {
            value = try WireValue(decoding: bytes, .msgpackNumPy, limits: limits)
        } catch {
            throw XPolicyLabError(.invalidFrame, error.description)
        }
        guard let map = value.map else {
            throw XPolicyLabError(.invalidFrame, "a message is a map, not \(value.typeName)")
        }
        for name in ["message_type", "message_id", "evaluation_id"] where map[name]?.text == nil {
            throw XPolicyLabError(.invalidFrame, "the message has no text '\(name)'", request: map)
        }
        let name = map["message_type"]?.text ?? ""
        guard let kind = Kind(rawValue: name) else {
            throw XPolicyLabError(.unknownMessageType, "\(quoted(name)) is no message type", request: map)
        }
        if let payload = map["payload"], payload.map == nil {
            throw XPolicyLabError(.invalidFrame, "the payload is of type \(payload.typeName), not a map", request: map)
        }
        (fields, self.kind) = (map, kind)
    }

    /// An answer, which repeats what identifies the request.
    public init(_ kind: Kind, _ payload: WireMap, answering request: WireMap, sentAt: String) {
        self.kind = kind
        fields = WireMap()
        fields["message_type"] = .text(kind.rawValue)
        for name in ["message_id", "evaluation_id", "action_case_id", "trial_id", "repeat_index", "step"] {
            if let value = request[name] { fields[name] = value }
        }
        // an answer has what every message has, also where its request did not
        for name in ["message_id", "evaluation_id"] where fields[name]?.text == nil { fields[name] = "" }
        fields["sent_at"] = .text(sentAt)
        fields["payload"] = .map(payload)
    }

    public var payload: WireMap { fields["payload"]?.map ?? WireMap() }

    public func encoded() -> [UInt8] { WireValue.map(fields).encoded(.msgpackNumPy) }
}

/// A failure as XPolicyLab's protocol sends it.
public struct XPolicyLabError: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: XPolicyLabMessage.ErrorCode
    public let reason: String
    /// What was read of the request.
    let request: WireMap

    init(_ code: XPolicyLabMessage.ErrorCode, _ reason: String, request: WireMap = WireMap()) {
        (self.code, self.reason, self.request) = (code, reason, request)
    }

    public var description: String { "\(code.rawValue): \(reason)" }

    /// The message to send.
    func message(sentAt: String) -> XPolicyLabMessage {
        XPolicyLabMessage(
            .error,
            WireMap([(.text("code"), .text(code.rawValue)), (.text("message"), .text(reason)), (.text("details"), [:])]
            ),
            answering: request, sentAt: sentAt)
    }
}
