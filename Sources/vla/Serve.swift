import ArgumentParser
import LiberoEvaluation
import PolicyServing

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

    @Option(name: .customLong("protocol"), help: "The protocol.")
    var servingProtocol: ServingProtocol

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 for any free port.")
    var port = 8000

    @Option(help: "Key that clients have to send as Authorization: Bearer KEY. Required beyond loopback.")
    var token: String?

    @Flag(help: "Resize images of another size as the protocol's own client does; the metadata say so.")
    var resizeImages = false

    @Option(help: "Simultaneous clients; more are refused.")
    var clients = 32

    @Option(
        help: ArgumentHelp(
            "Observations that wait at the same time go to the policy together, at most so many; of use for policies that "
                + "compute a batch faster than its parts."))
    var batch = 1

    @Option(help: "Random seed of the policy.")
    var seed: UInt64 = 0

    @OptionGroup var log: LogOptions

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is \(port); it has to be 0 to 65535.") }
        if !(1...10_000).contains(clients) {
            throw ValidationError("--clients is \(clients); it has to lie in 1...10000.")
        }
        if !(1...256).contains(batch) { throw ValidationError("--batch is \(batch); it has to lie in 1...256.") }
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
        configuration.horizon = try policy.measuredHorizon()
        (configuration.limits.connectionCount, configuration.batchLimit) = (clients, batch)
        configuration.limits.queueLength = max(configuration.limits.queueLength, clients)
        let logger = log.logger("vla serve")
        let server = try PolicyServer(policy: policy, configuration: configuration, logger: logger)
        let place = ServerPlace(policy: identity.name, servingProtocol: servingProtocol.rawValue, host: host)
        try AnnouncedServer(at: place, announce: log.announce) { try await server.run(onListening: $0) }
            .runUntilSignal(logger)
    }
}

extension ServingProtocol: ExpressibleByArgument {}
