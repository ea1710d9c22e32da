import NIOCore

/// The first handler of a connection: watches what arrives before anything reads it.
///
/// Limits the HTTP head, counts bytes for time-outs, and throws everything away once the connection is ending.
///
/// `@unchecked Sendable`: used on its channel's event loop only.
final class InboundMonitor: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limits: ServingLimits
    private var isHeadComplete = false
    private var headSize = 0
    private var lineCount = 0
    /// How many bytes of the blank line that ends a head have been seen.
    private var matched = 0
    /// Bytes that arrived after the head.
    private(set) var byteCount = 0
    private(set) var lastRead: NIODeadline = .now()
    /// Set when the connection is ending.
    var discardsInput = false
    /// Looks at the first bytes of a connection; `true` to keep HTTP from seeing them.
    var takesOver: ((ChannelHandlerContext, ByteBuffer) -> Bool)?

    init(limits: ServingLimits) { self.limits = limits }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !discardsInput else { return }
        lastRead = .now()
        let buffer = unwrapInboundIn(data)
        if let takesOver {
            if takesOver(context, buffer) { return }
            if headSize + buffer.readableBytes >= 24 { self.takesOver = nil }
        }
        if isHeadComplete {
            byteCount += buffer.readableBytes
        } else if !readHead(buffer) {
            discardsInput = true
            let head = "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
            context.close(mode: .output, promise: nil)
            context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
            return
        }
        context.fireChannelRead(data)
    }

    /// `false` when the head exceeds its limits.
    private func readHead(_ buffer: ByteBuffer) -> Bool {
        for (index, byte) in buffer.readableBytesView.enumerated() {
            headSize += 1
            if byte == UInt8(ascii: "\n") { lineCount += 1 }
            switch (byte, matched) {
            case (UInt8(ascii: "\r"), 0), (UInt8(ascii: "\n"), 1), (UInt8(ascii: "\r"), 2), (UInt8(ascii: "\n"), 3):
                matched += 1
            case (UInt8(ascii: "\r"), _): matched = 1
            default: matched = 0
            }
            if matched == 4 {
                isHeadComplete = true
                byteCount += buffer.readableBytes - index - 1
                break
            }
            // the request line and the blank one are not headers
            if headSize > limits.httpHeadSize || lineCount > limits.httpHeaderCount + 1 { return false }
        }
        return headSize <= limits.httpHeadSize
    }
}
