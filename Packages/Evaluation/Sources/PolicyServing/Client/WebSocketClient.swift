import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// A WebSocket to a server, for threads that may wait: messages are sent at once and received by waiting for them.
///
/// Pings are answered by the network's thread, also while nobody waits. At most a few messages that nobody has taken yet
/// are kept; then reading stops.
final class WebSocketClient: Sendable {
    struct Message: Sendable {
        var bytes: [UInt8]
        var isText: Bool
    }

    private let channel: any Channel
    private let mailbox: Mailbox

    /// Connects; the calling thread waits for the handshake.
    ///
    /// - Parameter key: Sent as `Authorization: Api-Key …`; `nil` for none.
    /// - Throws: ``RemotePolicyError`` of the kinds `unreachable` and `refused`.
    init(_ address: ServerAddress, key: String?, limits: ServingLimits, logger: Logger) throws(RemotePolicyError) {
        let mailbox = Mailbox()
        let group = MultiThreadedEventLoopGroup.singleton
        var headers = HTTPHeaders([("Host", "\(address.authority)"), ("User-Agent", "vla")])
        if let key { headers.add(name: "Authorization", value: "Api-Key \(key)") }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.path, headers: headers)
        let timeout = TimeAmount(limits.handshakeTimeout)
        do {
            channel = try ClientBootstrap(group: group)
                .connectTimeout(timeout)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Self.configure(channel, head, mailbox, limits: limits, logger: logger)
                    }
                }
                .connect(host: address.host, port: address.port).wait()
        } catch {
            throw RemotePolicyError(.unreachable, "\(address) cannot be reached: \(error)")
        }
        self.mailbox = mailbox
        do {
            try mailbox.waitUntilOpen(limits.handshakeTimeout)
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    private static func configure(
        _ channel: any Channel, _ head: HTTPRequestHead, _ mailbox: Mailbox, limits: ServingLimits, logger: Logger
    ) throws {
        let handshake = WebSocketHandshake(head) { mailbox.fail($0) }
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: limits.messageSize, automaticErrorHandling: false
        ) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                var options = WebSocketConnection.Options()
                (options.isClient, options.limits, options.waitingMessageLimit) = (true, limits, 4)
                let connection = WebSocketConnection(mailbox, options: options, monitor: nil, logger: logger)
                connection.onClose = { code, reason in
                    mailbox.fail(
                        RemotePolicyError(
                            .disconnected,
                            "the server ended the connection" + (code.map { " with code \($0)" } ?? "")
                                + (reason.isEmpty ? "" : ": \(quoted(reason))")))
                }
                try channel.pipeline.syncOperations.addHandler(connection)
            }
        }
        try channel.pipeline.syncOperations.addHTTPClientHandlers(
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    handshake.isFinished = true
                    context.pipeline.syncOperations.removeHandler(handshake, promise: nil)
                }
            ))
        try channel.pipeline.syncOperations.addHandler(handshake)
    }

    func send(_ message: [UInt8]) {
        let mailbox = mailbox
        channel.eventLoop.execute { mailbox.connection?.send(message) }
    }

    /// The next message; the calling thread waits for it.
    ///
    /// - Throws: ``RemotePolicyError``: `timedOut`, or why the connection has ended.
    func receive(timeout: Duration) throws(RemotePolicyError) -> Message {
        let message = try mailbox.take(timeout: timeout)
        let mailbox = mailbox
        channel.eventLoop.execute { mailbox.connection?.finishMessage() }
        return message
    }

    /// - Throws: Why the connection has ended, if it has.
    func check() throws(RemotePolicyError) {
        if let failure = mailbox.failure { throw failure }
    }

    /// Says goodbye; the connection ends when the server answers, or soon after.
    func close() {
        let mailbox = mailbox
        channel.eventLoop.execute { mailbox.connection?.close(code: 1000, reason: "") }
    }
}

/// Where messages wait for whoever takes them.
///
/// `@unchecked Sendable`: `connection` is used on the event loop only, the rest is behind a lock.
private final class Mailbox: WebSocketSession, @unchecked Sendable {
    private struct Content {
        var messages: [WebSocketClient.Message] = []
        var isOpen = false
        var failure: RemotePolicyError?
    }
    private let content = Mutex(Content())
    private let signal = DispatchSemaphore(value: 0)
    private(set) var connection: WebSocketConnection?

    func begin(_ connection: WebSocketConnection) {
        self.connection = connection
        content.withLock { $0.isOpen = true }
        signal.signal()
    }

    func receive(_ message: [UInt8], isText: Bool) {
        content.withLock { $0.messages.append(WebSocketClient.Message(bytes: message, isText: isText)) }
        signal.signal()
    }

    func end() { connection = nil }

    /// Why nothing will come any more; the first reason counts.
    func fail(_ error: RemotePolicyError) {
        content.withLock { if $0.failure == nil { $0.failure = error } }
        signal.signal()
    }

    var failure: RemotePolicyError? { content.withLock { $0.failure } }

    func waitUntilOpen(_ timeout: Duration) throws(RemotePolicyError) {
        try wait(timeout) { $0.isOpen ? () : nil }
    }

    func take(timeout: Duration) throws(RemotePolicyError) -> WebSocketClient.Message {
        try wait(timeout) { $0.messages.isEmpty ? nil : $0.messages.removeFirst() }
    }

    private func wait<Result: Sendable>(
        _ timeout: Duration, for body: @Sendable (inout Content) -> Result?
    ) throws(RemotePolicyError) -> Result {
        let deadline = DispatchTime.now() + timeout.seconds
        while true {
            let (result, failure) = content.withLock { (body(&$0), $0.failure) }
            if let result { return result }
            if let failure { throw failure }
            // a signal may be left from what was taken before: look again
            guard signal.wait(timeout: deadline) == .success else {
                throw RemotePolicyError(.timedOut, "no answer within \(timeout.seconds) s")
            }
        }
    }
}
