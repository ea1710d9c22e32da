public import Evaluation
import Foundation
public import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle
import Synchronization

/// Lets programs in any language step worlds of this package, by WebSocket and MessagePack.
///
///     let server = try EnvironmentServer(configuration: EnvironmentServerConfiguration(suites: ["builtin"])) { settings in
///         try makeEnvironment(settings)
///     }
///     try await server.run()
///
/// Each connection has its own worlds, several of which are stepped beside each other. `Docs/Serving.md` describes the
/// messages, `Docs/vla_environment.py` is a client in Python. A world gives the same states, to the bit, as in this process.
/// Ends as ``PolicyServer`` does.
public struct EnvironmentServer: Service {
    private let context: EnvironmentServerContext
    private let server: WebSocketServer

    /// - Parameters:
    ///   - configuration: Address, suites and limits.
    ///   - logger: Hears of failures whose reasons clients are not told.
    ///   - makeWorld: Makes a world; called on threads that may wait, several times at once.
    /// - Throws: ``ServingError`` when other machines could connect and no key is asked for.
    public init(
        configuration: EnvironmentServerConfiguration, logger: Logger = Logger(label: "environment-server"),
        makeWorld: @escaping @Sendable (ServedWorldSettings) throws -> any Environment
    ) throws {
        let context = EnvironmentServerContext(configuration, logger, makeWorld)
        self.context = context
        server = try WebSocketServer(
            host: configuration.host, port: configuration.port, apiKey: configuration.apiKey,
            allowsAnonymousClients: configuration.allowsAnonymousClients, limits: configuration.limits,
            statistics: context.statistics, logger: logger, waitingMessageLimit: 1,
            makeSession: { _ in EnvironmentSession(context) }, get: { context.answer($0) })
    }

    /// Serves until the task is cancelled or its service shuts down.
    public func run() async throws { try await run { _ in } }

    /// - Parameter onListening: Called with the port once clients can connect.
    public func run(onListening: @Sendable (Int) -> Void) async throws {
        defer { context.threads.shutdownGracefully { _ in } }
        try await server.run(onListening: onListening)
    }
}

/// What all connections of an environment server share.
final class EnvironmentServerContext: Sendable {
    let configuration: EnvironmentServerConfiguration
    let logger: Logger
    let makeWorld: @Sendable (ServedWorldSettings) throws -> any Environment
    let statistics = ServerStatistics()
    /// Where worlds are made and stepped; the network's thread only moves bytes.
    let threads = NIOThreadPool(numberOfThreads: max(2, ProcessInfo.processInfo.activeProcessorCount))
    let stepCount = Atomic<Int>(0)
    private let worldCount = Mutex(0)

    init(
        _ configuration: EnvironmentServerConfiguration, _ logger: Logger,
        _ makeWorld: @escaping @Sendable (ServedWorldSettings) throws -> any Environment
    ) {
        precondition(!configuration.suites.isEmpty, "EnvironmentServer: no suite")
        (self.configuration, self.logger, self.makeWorld) = (configuration, logger, makeWorld)
        threads.start()
    }

    /// Takes so many worlds of the server's; given back by ``giveBack(_:)``.
    func take(_ count: Int) throws(WireError) {
        let (isFree, taken) = worldCount.withLock { taken in
            let isFree = taken + count <= configuration.worldLimit
            if isFree { taken += count }
            return (isFree, taken)
        }
        guard isFree else {
            throw WireError(
                .busy, "\(taken) of the server's \(configuration.worldLimit) worlds are in use, \(count) are asked for")
        }
    }

    func giveBack(_ count: Int) { worldCount.withLock { $0 -= count } }

    var greeting: WireMap {
        WireMap([
            (.text("protocol"), "vla-environment"), (.text("version"), 1),
            (.text("suites"), .list(configuration.suites.map { .text($0) })),
            (.text("world_limit"), .integer(Int64(configuration.worldLimit))),
        ])
    }

    func answer(_ head: HTTPRequestHead) -> HTTPAnswer? {
        switch head.uri.split(separator: "?", maxSplits: 1).first {
        case "/healthz": return HTTPAnswer(.ok, "OK\n")
        case "/metrics":
            let text =
                statistics.text(queueDepth: 0) + "# TYPE vla_environment_worlds gauge\n"
                + "vla_environment_worlds \(worldCount.withLock { $0 })\n"
                + "# TYPE vla_environment_steps_total counter\n"
                + "vla_environment_steps_total \(stepCount.load(ordering: .relaxed))\n"
            return HTTPAnswer(.ok, text, contentType: "text/plain; version=0.0.4; charset=utf-8")
        default: return nil
        }
    }

    /// The error as it is sent: without names of files.
    func wireError(_ error: any Error) -> WireError {
        let result: WireError
        if let error = error as? WireError {
            result = error
        } else {
            logger.error("a world failed", metadata: ["error": "\(error)"])
            result = WireError(.execution, "the world failed; the server's log says why")
        }
        statistics.countError(result.category.rawValue)
        return result
    }
}
