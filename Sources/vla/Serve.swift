import ArgumentParser
import Foundation
import LiberoEvaluation
import Logging
import PolicyServing
import ServiceLifecycle
import Synchronization

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a policy to robots and benchmarks over the network.",
        discussion: """
            Clients of openpi, vla-eval and XPolicyLab connect by WebSocket; http answers POST /v1/act with JSON. An
            observation that does not fit the policy is answered with the fields that differ, never with an action. The
            address is this machine's loopback unless --host names another, which needs --token. Ends on SIGTERM or
            Ctrl-C: running inference may finish.

            EXAMPLES
              vla serve --checkpoint Checkpoints/libero-object --protocol openpi
              vla serve --checkpoint policy --protocol vla-eval --port 9000
              vla serve --checkpoint policy --protocol http --host 0.0.0.0 --token "$TOKEN"
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Folder of a trained policy.", completion: .directory)
    var checkpoint: String

    @Option(name: .customLong("protocol"), help: "What clients speak.")
    var servingProtocol: ServingProtocol

    @Option(help: "Address of this machine to listen at.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen at; 0 for a free one.")
    var port = 8000

    @Option(help: "Key that clients have to send as Authorization: Bearer KEY. Required beyond loopback.")
    var token: String?

    @Flag(help: "Resize images of another size as the protocol's own client does; the metadata say so.")
    var resizeImages = false

    @Option(help: "Seed of what the policy draws.")
    var seed: UInt64 = 0

    @Flag(help: "Print one JSON object with host and port once clients can connect.")
    var json = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is \(port); it has to be 0 to 65535.") }
        if let token, token.isEmpty { throw ValidationError("--token is empty.") }
    }

    func run() throws {
        common.apply()
        let setting = AgentSetting.folder(checkpoint)
        guard let policy = try setting.policy() else { throw ValidationError("\(checkpoint) is not a policy.") }
        let identity = try setting.identity()

        var configuration = PolicyServerConfiguration(servingProtocol)
        (configuration.host, configuration.port, configuration.apiKey) = (host, port, token)
        (configuration.policyName, configuration.provenance) = (identity.name, identity.provenance)
        (configuration.resizesImages, configuration.seed) = (resizeImages, seed)
        let logger = Logger(label: "vla serve")
        let server = try PolicyServer(policy: policy, configuration: configuration, logger: logger)
        try serve(
            AnnouncedServer(
                server: server, name: identity.name, servingProtocol: servingProtocol, host: host, json: json), logger)
    }

    /// Serves until a signal comes; the calling thread waits.
    private func serve(_ server: AnnouncedServer, _ logger: Logger) throws {
        let group = ServiceGroup(
            configuration: .init(services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
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

/// A server that says where it listens once it does.
private struct AnnouncedServer: Service {
    struct Place: Encodable {
        var policy, servingProtocol, host: String
        var port: Int
    }

    let server: PolicyServer
    let name: String
    let servingProtocol: ServingProtocol
    let host: String
    let json: Bool

    func run() async throws {
        try await server.run { port in
            let place = Place(policy: name, servingProtocol: servingProtocol.rawValue, host: host, port: port)
            if json, let data = try? JSONEncoder().encode(place) {
                FileHandle.standardOutput.write(data + Data("\n".utf8))
            } else {
                let line = "\(name) by \(servingProtocol.rawValue) at \(host), port \(port)\n"
                FileHandle.standardError.write(Data(line.utf8))
            }
        }
    }
}

extension ServingProtocol: ExpressibleByArgument {}
