import NIOCore
import NIOHTTP1
import NIOWebSocket

/// An answer over plain HTTP.
struct HTTPAnswer: Sendable {
    var status: HTTPResponseStatus
    var contentType = "text/plain; charset=utf-8"
    var body: [UInt8] = []
    var headers: [(String, String)] = []

    init(_ status: HTTPResponseStatus, _ body: String = "", contentType: String = "text/plain; charset=utf-8") {
        (self.status, self.contentType, self.body) = (status, contentType, Array(body.utf8))
    }
}

/// Requests that do not become WebSockets: health, metrics, and every refusal.
///
/// `@unchecked Sendable`: used on its channel's event loop only.
final class HTTPRequestHandler: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: WebSocketServer
    private let isAdmitted: Bool
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var hasAnswered = false
    private var timeout: Scheduled<Void>?

    init(_ server: WebSocketServer, isAdmitted: Bool) { (self.server, self.isAdmitted) = (server, isAdmitted) }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: TimeAmount(server.limits.handshakeTimeout)) {
            channel.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timeout?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasAnswered else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            // a body is read only for whom it is of use
            if head.method != .POST || server.post == nil {
                return answer(refusal(head) ?? server.answer(head), context)
            }
            if let refusal = refusal(head) { answer(refusal, context) }
        case .body(let buffer):
            body += Array(buffer: buffer)
            if body.count > server.limits.messageSize { answer(HTTPAnswer(.payloadTooLarge), context) }
        case .end:
            guard let head else { return }
            guard let post = server.post else { return }
            timeout?.cancel()
            hasAnswered = true
            post(head, body, context.eventLoop).assumeIsolated().whenSuccess { self.write($0, context) }
        }
    }

    /// Why the request is not served at all; `nil` if it is.
    private func refusal(_ head: HTTPRequestHead) -> HTTPAnswer? {
        let wantsUpgrade = head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
        let isPublic = !wantsUpgrade && head.method == .GET
        guard isAdmitted || isPublic else { return HTTPAnswer(.serviceUnavailable, "too many connections\n") }
        guard isPublic || server.isAuthorized(head) else {
            var answer = HTTPAnswer(.unauthorized, "an API key is needed: Authorization: Api-Key <key>\n")
            answer.headers = [("WWW-Authenticate", "Api-Key")]
            return answer
        }
        if wantsUpgrade {
            return head.method == .GET
                ? HTTPAnswer(.badRequest, "the WebSocket handshake is not as RFC 6455 has it\n")
                : HTTPAnswer(.methodNotAllowed)
        }
        return nil
    }

    private func answer(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        hasAnswered = true
        write(answer, context)
    }

    private func write(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(answer.headers)
        headers.add(name: "Content-Type", value: answer.contentType)
        headers.add(name: "Content-Length", value: "\(answer.body.count)")
        headers.add(name: "Connection", value: "close")
        let version = HTTPVersion.http1_1
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: version, status: answer.status, headers: headers))),
            promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            // what is still arriving is read, so that the answer is not lost to a reset
            context.channel.close(mode: .output, promise: nil)
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(500)) {
                context.channel.close(promise: nil)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // a refused upgrade comes here as well as a request
        if !(error is NIOWebSocketUpgradeError), !hasAnswered { context.close(promise: nil) }
    }
}
