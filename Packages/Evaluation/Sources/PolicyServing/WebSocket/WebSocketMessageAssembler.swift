import NIOCore
import NIOWebSocket

/// A violation of RFC 6455, and the code with which the connection is closed.
package struct WebSocketViolation: Error, Equatable {
    var code: UInt16
    var reason: String

    init(_ code: UInt16, _ reason: String) { (self.code, self.reason) = (code, reason) }

    /// What NIO's decoder found.
    init(_ error: NIOWebSocketError) {
        switch error {
        case .invalidFrameLength: self.init(1009, "message too big")
        case .fragmentedControlFrame: self.init(1002, "fragmented control frame")
        case .multiByteControlFrameLength: self.init(1002, "control frame too long")
        }
    }
}

/// What a frame completes.
package enum WebSocketEvent: Equatable {
    case message([UInt8], isText: Bool)
    case ping([UInt8])
    case pong([UInt8])
    /// `nil` for a close frame without a body.
    case close(code: UInt16?, reason: String)
}

/// Checks frames and puts fragments together: what NIO's frame decoder leaves to its user.
///
/// Source: RFC 6455, sections 5 and 7.4.
package struct WebSocketMessageAssembler {
    /// Whether the peer has to mask its frames: a client has, a server must not.
    let expectsMask: Bool
    let limit: Int
    /// The message whose fragments are arriving.
    private var fragments: [UInt8]?
    private var isText = false

    package init(expectsMask: Bool, limit: Int) { (self.expectsMask, self.limit) = (expectsMask, limit) }

    var isInsideMessage: Bool { fragments != nil }

    /// - Returns: What the frame completes; `nil` for a fragment that others follow.
    package mutating func receive(_ frame: WebSocketFrame) throws(WebSocketViolation) -> WebSocketEvent? {
        guard frame.reservedBits.isEmpty else { throw WebSocketViolation(1002, "reserved bits must be 0") }
        guard (frame.maskKey != nil) == expectsMask else { throw WebSocketViolation(1002, "incorrect masking") }
        let payload = frame.payload()
        switch frame.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .connectionClose: return try close(payload)
        case .text, .binary:
            guard fragments == nil else { throw WebSocketViolation(1002, "expected a continuation frame") }
            isText = frame.opcode == .text
            if frame.fin { return try message(payload) }
            fragments = payload
            return nil
        case .continuation:
            guard let count = fragments?.count else { throw WebSocketViolation(1002, "unexpected continuation frame") }
            guard count + payload.count <= limit else { throw WebSocketViolation(1009, "message too big") }
            fragments?.append(contentsOf: payload)
            guard frame.fin, let whole = fragments else { return nil }
            fragments = nil
            return try message(whole)
        default: throw WebSocketViolation(1002, "invalid opcode")
        }
    }

    private func message(_ payload: [UInt8]) throws(WebSocketViolation) -> WebSocketEvent {
        guard !isText || String(validating: payload, as: UTF8.self) != nil else {
            throw WebSocketViolation(1007, "text is not UTF-8")
        }
        return .message(payload, isText: isText)
    }

    private func close(_ payload: [UInt8]) throws(WebSocketViolation) -> WebSocketEvent {
        guard !payload.isEmpty else { return .close(code: nil, reason: "") }
        guard payload.count >= 2 else { throw WebSocketViolation(1002, "close frame too short") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw WebSocketViolation(1002, "invalid status code")
        }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw WebSocketViolation(1007, "close reason is not UTF-8")
        }
        return .close(code: code, reason: reason)
    }
}
