import ArgumentParser
import LiberoEvaluation
import PolicyServing

struct ServeEnvironment: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-environment",
        abstract: "Let Python and other programs step the simulator over the network.",
        discussion: """
            Clients connect by WebSocket, make worlds, reset them to a task and an initial state, and step them, several at
            a time; Docs/Serving.md describes the messages, Docs/vla_environment.py is a client in Python. With --protocol
            lerobot the client is lerobot-eval. The address is this machine's loopback unless --host names another, which
            needs --token. Ends on SIGTERM or Ctrl-C.

            EXAMPLES
              vla serve-environment
              vla serve-environment --suite libero_object --suite libero_goal --libero ~/LIBERO --port 9001
              vla serve-environment --host 0.0.0.0 --token "$TOKEN" --worlds 64
              vla serve-environment --protocol lerobot --suite libero_spatial
            """)

    enum EnvironmentProtocol: String, ExpressibleByArgument, CaseIterable { case vla, lerobot }

    @OptionGroup var common: CommonOptions
    @OptionGroup var files: LiberoOptions

    @Option(
        help: ArgumentHelp(
            "A suite that clients may ask for. May be repeated. Default: builtin, and LIBERO's suites where its files are."
        ))
    var suite: [String] = []

    @Option(
        name: .customLong("protocol"),
        help:
            "What clients speak: the messages of Docs/Serving.md, or LeRobot's environment protocol, one client at a time."
    )
    var environmentProtocol: EnvironmentProtocol = .vla

    @Option(help: "Worlds of all clients together.")
    var worlds = 32

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Key that clients have to send as Authorization: Bearer KEY. Required beyond loopback.")
    var token: String?

    @Option(help: "Port to listen on; 0 for any free port. Default: 8001; 7448 for lerobot.")
    var port: Int?

    @OptionGroup var log: LogOptions

    func validate() throws {
        if !(1...1024).contains(worlds) { throw ValidationError("--worlds is \(worlds); it has to lie in 1...1024.") }
        if let token, token.isEmpty { throw ValidationError("--token is empty.") }
        if let port, !(0...65_535).contains(port) {
            throw ValidationError("--port is \(port); it has to be 0 to 65535.")
        }
        if environmentProtocol == .lerobot, token != nil {
            throw ValidationError("LeRobot's clients send no key: --token is of no use, and only loopback is served.")
        }
    }

    func run() throws {
        common.apply()
        let suites = try ServedSuites(suite, libero: files.libero)
        let logger = log.logger("vla serve-environment")
        var place = ServerPlace(
            environment: suites.names.joined(separator: ", "), servingProtocol: "vla-environment", host: host)
        switch environmentProtocol {
        case .vla:
            var configuration = EnvironmentServerConfiguration(suites: suites.names)
            (configuration.host, configuration.port, configuration.apiKey) = (host, port ?? configuration.port, token)
            configuration.worldLimit = worlds
            let server = try EnvironmentServer(
                configuration: configuration, logger: logger, makeWorld: suites.makeWorld)
            try AnnouncedServer(at: place, announce: log.announce) { try await server.run(onListening: $0) }
                .runUntilSignal(logger)
        case .lerobot:
            var configuration = LeRobotEnvironmentConfiguration(groups: try suites.taskGroups())
            (configuration.host, configuration.port) = (host, port ?? configuration.port)
            configuration.build = ["vla": Versions.workspace]
            place.servingProtocol = "lerobot"
            let server = try LeRobotEnvironmentServer(
                configuration: configuration, logger: logger, makeWorld: suites.makeWorld)
            try AnnouncedServer(at: place, announce: log.announce) { try await server.run(onListening: $0) }
                .runUntilSignal(logger)
        }
    }
}
