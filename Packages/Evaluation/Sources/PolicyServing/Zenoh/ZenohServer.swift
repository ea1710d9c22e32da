import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Listens for Zenoh peers over TCP: the subset that LeRobot's clients use.
final class ZenohServer: Sendable {
    private let host: String
    private let port: Int
    private let limits: ServingLimits
    private let logger: Logger
    private let service: ZenohService
    private let threads: NIOThreadPool
    private let statistics: ServerStatistics

    /// - Throws: ``ServingError`` when other machines could connect: the protocol has no keys.
    init(
        host: String, port: Int, allowsAnonymousClients: Bool, limits: ServingLimits, logger: Logger,
        threads: NIOThreadPool, statistics: ServerStatistics, service: ZenohService
    ) throws {
        guard isLoopbackAddress(host) || allowsAnonymousClients else {
            throw ServingError(
                "\(host) can be reached from other machines, and Zenoh as LeRobot uses it asks for no key: say that "
                    + "clients need none, or listen at 127.0.0.1.")
        }
        (self.host, self.port, self.limits, self.logger) = (host, port, limits, logger)
        (self.threads, self.statistics, self.service) = (threads, statistics, service)
    }

    /// Serves until the task is cancelled or its service shuts down.
    func run(onListening: @Sendable (Int) -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let open = Mutex<[ObjectIdentifier: any Channel]>([:])
        let identifier = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let listener: any Channel
        do {
            listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 128)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { [self] channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard statistics.openConnection(limit: limits.connectionCount) else {
                            return channel.close(promise: nil)
                        }
                        let id = ObjectIdentifier(channel)
                        open.withLock { $0[id] = channel }
                        channel.closeFuture.whenComplete { [statistics] _ in
                            open.withLock { $0[id] = nil }
                            statistics.closeConnection()
                        }
                        try channel.pipeline.syncOperations.addHandler(
                            ZenohPeer(
                                service, identifier: identifier, limits: limits, threads: threads, logger: logger,
                                statistics: statistics))
                    }
                }
                .bind(host: host, port: port).get()
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
        for channel in open.withLock({ Array($0.values) }) { try? await channel.close().get() }
        try await group.shutdownGracefully()
        logger.info("ended")
    }
}
