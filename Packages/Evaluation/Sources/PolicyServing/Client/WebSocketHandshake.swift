import NIOCore
import NIOHTTP1

/// Asks a server for a WebSocket, and says why there is none where it refuses.
///
/// `@unchecked Sendable`: used on its channel's event loop only.
final class WebSocketHandshake: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let fail: (RemotePolicyError) -> Void
    private var status: HTTPResponseStatus?
    /// The beginning of the server's explanation.
    private var body: [UInt8] = []
    /// Set when the connection has become a WebSocket.
    var isFinished = false

    init(_ head: HTTPRequestHead, fail: @escaping (RemotePolicyError) -> Void) { (self.head, self.fail) = (head, fail) }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let buffer): if body.count < 1024 { body += buffer.readableBytesView.prefix(1024) }
        case .end: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isFinished { fail(RemotePolicyError(.refused, "no WebSocket: \(error)")) }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isFinished {
            let reason = String(decoding: body, as: UTF8.self)
            fail(
                RemotePolicyError(
                    .refused,
                    status.map { "the server answered \($0.code) \($0.reasonPhrase)" }
                        ?? "the server ended the connection before it answered"
                )
                .adding(reason))
        }
        context.fireChannelInactive()
    }
}
