import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import ServiceLifecycle
import Synchronization

/// A server cannot start.
public struct ServingError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// Listens, upgrades HTTP connections to WebSockets, and ends in order: what servers of policies and of environments share.
final class WebSocketServer: Sendable {
    typealias Post = @Sendable (HTTPRequestHead, [UInt8], any EventLoop) -> EventLoopFuture<HTTPAnswer>

    let host: String
    let port: Int
    let apiKey: String?
    let limits: ServingLimits
    let statistics: ServerStatistics
    let logger: Logger
    /// Messages that a connection may send ahead.
    let waitingMessageLimit: Int
    let makeSession: @Sendable (UInt64) -> any WebSocketSession
    /// Answers GET requests by path; `nil` for paths that are WebSockets only.
    let get: @Sendable (HTTPRequestHead) -> HTTPAnswer?
    let post: Post?

    private struct State {
        var connections: [UInt64: (channel: any Channel, connection: WebSocketConnection)] = [:]
        var connectionCount: UInt64 = 0
        var isShuttingDown = false
        var whenEmpty: EventLoopPromise<Void>?
    }
    private let state = Mutex(State())

    /// - Throws: ``ServingError`` when other machines could connect and no key is asked for.
    init(
        host: String, port: Int, apiKey: String?, allowsAnonymousClients: Bool, limits: ServingLimits,
        statistics: ServerStatistics, logger: Logger, waitingMessageLimit: Int,
        makeSession: @escaping @Sendable (UInt64) -> any WebSocketSession,
        get: @escaping @Sendable (HTTPRequestHead) -> HTTPAnswer?, post: Post? = nil
    ) throws {
        guard isLoopbackAddress(host) || apiKey != nil || allowsAnonymousClients else {
            throw ServingError(
                "\(host) can be reached from other machines: set an API key, or say that clients need none.")
        }
        (self.host, self.port, self.apiKey, self.limits) = (host, port, apiKey, limits)
        (self.statistics, self.logger, self.waitingMessageLimit) = (statistics, logger, waitingMessageLimit)
        (self.makeSession, self.get, self.post) = (makeSession, get, post)
    }

    /// Serves until the task is cancelled or its service shuts down.
    ///
    /// - Parameter onListening: Called with the port once clients can connect.
    /// - Throws: ``ServingError`` when the address cannot be had.
    func run(onListening: @Sendable (Int) -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let listener: any Channel
        do {
            listener = try await bootstrap(group).bind(host: host, port: port).get()
        } catch {
            try await group.shutdownGracefully()
            throw ServingError("\(host):\(port) cannot be listened on: \(error). Choose another port.")
        }
        let port = listener.localAddress?.port ?? port
        logger.info("listening", metadata: ["host": "\(host)", "port": "\(port)"])
        onListening(port)

        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await listener.closeFuture.get()
            } onGracefulShutdown: {
                listener.close(promise: nil)
            }
        } onCancel: {
            listener.close(promise: nil)
        }
        await drain(group.next())
        try await group.shutdownGracefully()
        logger.info("ended")
    }

    /// Lets running requests finish, then closes what is left.
    private func drain(_ eventLoop: any EventLoop) async {
        let promise = eventLoop.makePromise(of: Void.self)
        let open = state.withLock { state in
            state.isShuttingDown = true
            if !state.connections.isEmpty { state.whenEmpty = promise }
            return Array(state.connections.values)
        }
        guard !open.isEmpty else { return promise.succeed() }
        for (channel, connection) in open {
            channel.eventLoop.execute { connection.closeWhenIdle(code: 1001, reason: "shutting down") }
        }
        let deadline = eventLoop.scheduleTask(in: TimeAmount(limits.shutdownTimeout)) { [self] in
            state.withLock { state in
                state.whenEmpty?.succeed()
                state.whenEmpty = nil
            }
        }
        try? await promise.futureResult.get()
        deadline.cancel()
        let left = state.withLock { $0.connections.values.map(\.channel) }
        for channel in left { try? await channel.close().get() }
    }

    private func bootstrap(_ group: MultiThreadedEventLoopGroup) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: limits.writeBufferSize / 2, high: limits.writeBufferSize)
            )
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 16_384, maximum: 1 << 20)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.configure(channel) }
            }
    }

    private func configure(_ channel: any Channel) throws {
        let isAdmitted = statistics.openConnection(limit: limits.connectionCount)
        if isAdmitted { channel.closeFuture.whenComplete { _ in self.statistics.closeConnection() } }
        let monitor = InboundMonitor(limits: limits)
        monitor.takesOver = GRPCRefusal().takesOver
        let requests = HTTPRequestHandler(self, isAdmitted: isAdmitted)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: limits.messageSize, automaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                let isAccepted = isAdmitted && head.method == .GET && self.isAuthorized(head)
                return channel.eventLoop.makeSucceededFuture(isAccepted ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try self.begin(channel, monitor) }
            })
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(monitor)
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    context.pipeline.syncOperations.removeHandler(requests, promise: nil)
                }
            ), withErrorHandling: true)
        try pipeline.addHandler(requests)
    }

    private func begin(_ channel: any Channel, _ monitor: InboundMonitor) throws {
        let (number, isShuttingDown) = state.withLock { state in
            state.connectionCount += 1
            return (state.connectionCount, state.isShuttingDown)
        }
        guard !isShuttingDown else {
            channel.close(promise: nil)
            return
        }
        var options = WebSocketConnection.Options()
        (options.limits, options.waitingMessageLimit) = (limits, waitingMessageLimit)
        var logger = logger
        logger[metadataKey: "connection"] = "\(number)"
        let connection = WebSocketConnection(makeSession(number), options: options, monitor: monitor, logger: logger)
        connection.onClose = { [weak self] _, _ in self?.remove(number) }
        state.withLock { $0.connections[number] = (channel, connection) }
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    private func remove(_ number: UInt64) {
        state.withLock { state in
            state.connections[number] = nil
            if state.connections.isEmpty {
                state.whenEmpty?.succeed()
                state.whenEmpty = nil
            }
        }
    }

    // MARK: Requests

    /// Compares the key in a time that does not depend on where it differs.
    func isAuthorized(_ head: HTTPRequestHead) -> Bool {
        guard let apiKey else { return true }
        let expected = Array(apiKey.utf8)
        return head.headers[canonicalForm: "authorization"].contains { value in
            guard let space = value.firstIndex(of: " "),
                ["api-key", "bearer"].contains(value[..<space].lowercased())
            else { return false }
            return isEqualInConstantTime(Array(value[value.index(after: space)...].utf8), expected)
        }
    }

    func answer(_ head: HTTPRequestHead) -> HTTPAnswer {
        guard head.method == .GET || head.method == .HEAD else {
            var answer = HTTPAnswer(.methodNotAllowed)
            answer.headers = [("Allow", post == nil ? "GET" : "GET, POST")]
            return answer
        }
        if let answer = get(head) { return answer }
        var answer = HTTPAnswer(.upgradeRequired, "this path is a WebSocket\n")
        answer.headers = [("Upgrade", "websocket")]
        return answer
    }
}

/// Whether only programs of this machine can reach an address.
func isLoopbackAddress(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    // a name such as 127.example.org may be any machine's
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}

/// Whether two byte strings are equal, in a time that depends on the first one's length only.
func isEqualInConstantTime(_ found: [UInt8], _ expected: [UInt8]) -> Bool {
    var difference = found.count ^ expected.count
    for (index, byte) in found.enumerated() {
        let other = expected.isEmpty ? 0 : expected[index % expected.count]
        difference |= Int(byte ^ other)
    }
    return difference == 0
}
