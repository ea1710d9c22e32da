import Foundation
import Logging
import PolicyServing
import Synchronization
import RobotInterface

/// A policy server on a free port of loopback for the time of a test.
func withServer<Result>(
    _ servingProtocol: ServingProtocol, policy: any Policy = EchoPolicy(),
    adjust: (inout PolicyServerConfiguration) -> Void = { _ in }, body: @escaping @Sendable (Int) throws -> Result
) async throws -> Result where Result: Sendable {
    var configuration = PolicyServerConfiguration(servingProtocol)
    configuration.port = 0
    adjust(&configuration)
    let server = try PolicyServer(policy: policy, configuration: configuration, logger: quietLogger)
    return try await whileRunning({ try await server.run(onListening: $0) }, body)
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a server, then a blocking body on a thread of its own, then ends the server.
func whileRunning<Result: Sendable>(
    _ run: @escaping @Sendable (@escaping @Sendable (Int) -> Void) async throws -> Void,
    _ body: @escaping @Sendable (Int) throws -> Result
) async throws -> Result {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { continuation.finish() }
            try await run { continuation.yield($0) }
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            try await group.next()
            throw CancellationError()
        }
        let outcome = await withCheckedContinuation {
            (done: CheckedContinuation<Swift.Result<Result, any Error>, Never>) in
            Thread.detachNewThread { done.resume(returning: Swift.Result { try body(port) }) }
        }
        group.cancelAll()
        try? await group.waitForAll()
        return try outcome.get()
    }
}
