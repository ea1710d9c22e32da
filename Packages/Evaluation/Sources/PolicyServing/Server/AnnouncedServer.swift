import Dispatch
public import Logging
public import ServiceLifecycle
import Synchronization

/// Where a server listens, and what it serves.
public struct ServerPlace: Codable, Sendable {
    /// The policy's name; `nil` for a server of environments.
    public var policy: String?
    /// What is simulated; `nil` for a server of a policy.
    public var environment: String?
    public var servingProtocol: String
    public var host: String
    public var port: Int

    public init(policy: String? = nil, environment: String? = nil, servingProtocol: String, host: String, port: Int = 0)
    {
        (self.policy, self.environment) = (policy, environment)
        (self.servingProtocol, self.host, self.port) = (servingProtocol, host, port)
    }

    /// The place in a line.
    public var text: String { "\(policy ?? environment ?? "") by \(servingProtocol) at \(host), port \(port)" }
}

/// A server that says where it listens once it does, and ends on SIGTERM and Ctrl-C.
public struct AnnouncedServer: Service {
    private let place: ServerPlace
    private let announce: @Sendable (ServerPlace) -> Void
    private let serve: @Sendable (@escaping @Sendable (Int) -> Void) async throws -> Void

    /// - Parameters:
    ///   - place: What is served; the port is filled in.
    ///   - announce: Called once clients can connect.
    ///   - serve: Serves, and calls with the port once clients can connect.
    public init(
        at place: ServerPlace, announce: @escaping @Sendable (ServerPlace) -> Void,
        serve: @escaping @Sendable (@escaping @Sendable (Int) -> Void) async throws -> Void
    ) {
        (self.place, self.announce, self.serve) = (place, announce, serve)
    }

    public func run() async throws {
        try await serve { port in
            var place = place
            place.port = port
            announce(place)
        }
    }

    /// Serves until a signal comes; the calling thread waits.
    public func runUntilSignal(_ logger: Logger) throws {
        let group = ServiceGroup(
            configuration: .init(services: [self], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        let failure = Failure()
        let finished = DispatchSemaphore(value: 0)
        Task.detached {
            do { try await group.run() } catch { failure.error.withLock { $0 = error } }
            finished.signal()
        }
        finished.wait()
        if let error = failure.error.withLock({ $0 }) { throw error }
    }

    private final class Failure: Sendable {
        let error = Mutex<(any Error)?>(nil)
    }
}
