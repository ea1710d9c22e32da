import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// A server that says where it listens once it does, and ends on SIGTERM and Ctrl-C.
struct AnnouncedServer: Service {
    struct Place: Encodable {
        var policy: String?
        var environment: String?
        var servingProtocol, host: String
        var port: Int
    }

    /// What is served; the port is filled in.
    let place: Place
    /// Whether the place is printed as a JSON object, else as a line for people.
    let json: Bool
    /// Serves, and calls with the port once clients can connect.
    let serve: @Sendable (@escaping @Sendable (Int) -> Void) async throws -> Void

    func run() async throws {
        try await serve { port in
            var place = place
            place.port = port
            if json, let data = try? JSONEncoder().encode(place) {
                FileHandle.standardOutput.write(data + Data("\n".utf8))
            } else {
                let name = place.policy ?? place.environment ?? ""
                let line = "\(name) by \(place.servingProtocol) at \(place.host), port \(port)\n"
                FileHandle.standardError.write(Data(line.utf8))
            }
        }
    }

    /// Serves until a signal comes; the calling thread waits.
    func runUntilSignal(_ logger: Logger) throws {
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
