import Logging
import NIOCore
import NIOWebSocket

/// What a protocol does with the messages of one connection.
///
/// All calls come on the connection's event loop. Each message is finished with ``WebSocketConnection/finishMessage()``;
/// the next one comes only then.
protocol WebSocketSession: AnyObject {
    /// Called once, after the handshake.
    func begin(_ connection: WebSocketConnection)
    func receive(_ message: [UInt8], isText: Bool)
    func end()
}

/// One WebSocket connection: frames, keep-alive, time-outs and back-pressure, for servers and clients.
///
/// Messages reach the session one at a time. While it works on one, control frames are answered, and a few more messages
/// are kept; then reading stops until there is room.
///
/// `@unchecked Sendable`: its state is used on its channel's event loop only.
final class WebSocketConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    struct Options {
        /// Clients mask what they send.
        var isClient = false
        /// Messages that are kept while the session works on one.
        var waitingMessageLimit = 1
        var limits = ServingLimits.standard
    }

    private let session: any WebSocketSession
    private let options: Options
    private let monitor: InboundMonitor?
    private let logger: Logger
    private var assembler: WebSocketMessageAssembler
    private var context: ChannelHandlerContext?

    private var waiting: [(bytes: [UInt8], isText: Bool)] = []
    private var isWorking = false
    private var holdsRead = false

    /// Bytes of whole frames so far, to be compared with what the monitor counted.
    private var frameByteCount = 0
    private var lastFrame: NIODeadline = .now()
    private var lastPing: NIODeadline = .now()
    private var pendingWriteCount = 0
    private var lastWrite: NIODeadline = .now()
    private var watch: RepeatedTask?

    private enum Phase { case open, closing, closed }
    private var phase = Phase.open
    private var closeWhenIdle: (code: UInt16, reason: String)?
    /// Called when the connection has ended; with the peer's code where it sent one.
    var onClose: ((UInt16?, String) -> Void)?
    private var hasPeerClosed = false
    private var peerClose: (code: UInt16?, reason: String) = (nil, "")

    init(_ session: any WebSocketSession, options: Options, monitor: InboundMonitor?, logger: Logger) {
        (self.session, self.options, self.monitor, self.logger) = (session, options, monitor, logger)
        assembler = WebSocketMessageAssembler(expectsMask: !options.isClient, limit: options.limits.messageSize)
    }

    // MARK: For sessions, on the event loop

    var eventLoop: any EventLoop {
        guard let context else { preconditionFailure("WebSocketConnection: used before it is in a pipeline") }
        return context.eventLoop
    }

    func send(_ message: [UInt8]) { write(opcode: .binary, message) }
    func send(text: String) { write(opcode: .text, Array(text.utf8)) }

    /// The session is ready for the next message.
    func finishMessage() {
        isWorking = false
        deliver()
    }

    /// Sends a close frame; the connection ends when the peer answers it, or after five seconds.
    func close(code: UInt16, reason: String) {
        guard phase == .open, let context else { return }
        phase = .closing
        waiting = []
        writeClose(code: code, reason: reason)
        resumeReading(context)
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(5)) { self.context?.close(promise: nil) }
    }

    /// Closes as soon as the session has finished its message; at once if it works on none.
    func closeWhenIdle(code: UInt16, reason: String) {
        waiting = []
        if isWorking { closeWhenIdle = (code, reason) } else { close(code: code, reason: reason) }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let limits = options.limits
        // a quarter of the shortest time-out is fine enough
        let shortest = min(limits.messageTimeout, limits.writeTimeout, limits.silenceTimeout, limits.pingInterval)
        let interval = TimeAmount(min(shortest / 4, .seconds(1)))
        watch = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
            self?.checkTimes()
        }
        if context.channel.isActive { session.begin(self) }
    }

    func channelActive(context: ChannelHandlerContext) {
        session.begin(self)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        guard phase != .closed else { return }
        phase = .closed
        watch?.cancel()
        watch = nil
        waiting = []
        session.end()
        onClose?(peerClose.code, peerClose.reason)
        onClose = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        lastFrame = .now()
        let size = frame.length
        frameByteCount += size + (size < 126 ? 2 : size <= 0xFFFF ? 4 : 10) + (frame.maskKey == nil ? 0 : 4)
        guard phase != .closed else { return }
        do {
            guard let event = try assembler.receive(frame) else { return }
            receive(event, context)
        } catch {
            fail(error, context)
        }
    }

    private func receive(_ event: WebSocketEvent, _ context: ChannelHandlerContext) {
        switch event {
        case .ping(let bytes): if phase == .open { write(opcode: .pong, bytes) }
        case .pong: break
        case .close(let code, let reason):
            peerClose = (code, reason)
            monitor?.discardsInput = true
            if phase == .open, isWorking || !waiting.isEmpty {
                // what was asked before is answered before
                hasPeerClosed = true
                context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(5)) { self.answerClose() }
            } else {
                answerClose()
            }
        case .message(let bytes, let isText):
            guard phase == .open, !hasPeerClosed else { return }
            waiting.append((bytes, isText))
            deliver()
        }
    }

    /// Repeats the peer's close frame; the server then ends TCP.
    private func answerClose() {
        guard phase != .closed, let context else { return }
        if phase == .open {
            phase = .closing
            waiting = []
            writeClose(code: peerClose.code, reason: peerClose.reason)
        }
        if options.isClient {
            context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { self.context?.close(promise: nil) }
        } else {
            finishOutput(context)
        }
    }

    /// Ends what is sent, so that a peer that never answers sees the end, and closes soon after.
    private func finishOutput(_ context: ChannelHandlerContext) {
        context.channel.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(500)) { self.context?.close(promise: nil) }
    }

    private func deliver() {
        if !isWorking, phase == .open {
            if let (code, reason) = closeWhenIdle {
                closeWhenIdle = nil
                close(code: code, reason: reason)
            } else if !waiting.isEmpty {
                isWorking = true
                let next = waiting.removeFirst()
                session.receive(next.bytes, isText: next.isText)
            } else if hasPeerClosed {
                answerClose()
            }
        }
        if let context { resumeReading(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOWebSocketError {
            fail(WebSocketViolation(error), context)
        } else {
            logger.debug("connection failed", metadata: ["error": "\(error)"])
            context.close(promise: nil)
        }
    }

    private func fail(_ violation: WebSocketViolation, _ context: ChannelHandlerContext) {
        guard phase == .open else { return }
        logger.info("protocol violation", metadata: ["code": "\(violation.code)", "reason": "\(violation.reason)"])
        close(code: violation.code, reason: violation.reason)
        // nothing that follows can be understood
        monitor?.discardsInput = true
        context.channel.close(mode: .output, promise: nil)
    }

    // MARK: Back-pressure

    private var mayRead: Bool {
        phase != .open || (waiting.count < options.waitingMessageLimit && context?.channel.isWritable ?? false)
    }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading(context)
        context.fireChannelWritabilityChanged()
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        if holdsRead, mayRead {
            holdsRead = false
            context.read()
        }
    }

    // MARK: Writing

    private func write(opcode: WebSocketOpcode, _ bytes: [UInt8]) {
        guard let context, phase == .open || opcode == .connectionClose else { return }
        // the encoder applies the mask
        let frame = WebSocketFrame(
            fin: true, opcode: opcode, maskKey: options.isClient ? .random() : nil, data: ByteBuffer(bytes: bytes))
        if pendingWriteCount == 0 { lastWrite = .now() }
        pendingWriteCount += 1
        context.writeAndFlush(wrapOutboundOut(frame)).assumeIsolated().whenComplete { _ in
            self.pendingWriteCount -= 1
            self.lastWrite = .now()
        }
    }

    private func writeClose(code: UInt16?, reason: String) {
        guard let code else { return write(opcode: .connectionClose, []) }
        var text = Array(reason.utf8.prefix(123))
        while String(validating: text, as: UTF8.self) == nil { text.removeLast() }
        write(opcode: .connectionClose, [UInt8(code >> 8), UInt8(code & 0xFF)] + text)
    }

    // MARK: Time-outs

    private func checkTimes() {
        guard let context, phase != .closed else { return }
        let limits = options.limits
        let now = NIODeadline.now()
        func isOver(_ limit: Duration, since start: NIODeadline) -> Bool { now - start > TimeAmount(limit) }

        if pendingWriteCount > 0, isOver(limits.writeTimeout, since: lastWrite) {
            logger.info("client does not read; connection closed")
            context.close(promise: nil)
            return
        }
        guard phase == .open else { return }
        // reading has stopped on purpose: silence is not the peer's
        if holdsRead {
            lastFrame = now
            return
        }
        if let monitor {
            let isInsideFrame = monitor.byteCount > frameByteCount
            if isInsideFrame || assembler.isInsideMessage, isOver(limits.messageTimeout, since: monitor.lastRead) {
                close(code: 1008, reason: "a message did not arrive in time")
                return
            }
            if isInsideFrame { lastFrame = max(lastFrame, monitor.lastRead) }
        }
        if isOver(limits.silenceTimeout, since: lastFrame) {
            close(code: 1011, reason: "keepalive ping timeout")
            finishOutput(context)
            return
        }
        if isOver(limits.pingInterval, since: lastPing) {
            lastPing = now
            write(opcode: .ping, withUnsafeBytes(of: UInt32.random(in: 0...(.max))) { Array($0) })
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
