import ArgumentParser
import Evaluation
import Foundation
import LiberoEvaluation
import LiberoTasks
import Logging
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

    @Option(help: "Address of this machine to listen at.")
    var host = "127.0.0.1"

    @Option(help: "Key that clients have to send as Authorization: Bearer KEY. Required beyond loopback.")
    var token: String?

    @Option(help: "Port to listen at; 0 for a free one. Default: 8001; 7448 for lerobot.")
    var port: Int?

    @Flag(help: "Print one JSON object with host and port once clients can connect.")
    var json = false

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
        let libero = files.libero
        let suites = try servedSuites()
        // what cannot be served is said now, not to the first client
        for suite in suites {
            _ = try WorldSetting(
                suite: suite, libero: libero, imageSize: 64, renderProfile: "fast", placementSeed: 0
            ).environment()
        }
        let makeWorld: @Sendable (ServedWorldSettings) throws -> any Environment = { settings in
            try WorldSetting(
                suite: settings.suite, libero: libero, imageSize: settings.imageSize,
                renderProfile: settings.renderProfile, placementSeed: settings.placementSeed,
                orientation: settings.orientation
            ).environment()
        }
        let logger = Logger(label: "vla serve-environment")
        var place = AnnouncedServer.Place(
            environment: suites.joined(separator: ", "), servingProtocol: "vla-environment", host: host, port: 0)
        switch environmentProtocol {
        case .vla:
            var configuration = EnvironmentServerConfiguration(suites: suites)
            (configuration.host, configuration.port, configuration.apiKey) = (host, port ?? configuration.port, token)
            configuration.worldLimit = worlds
            let server = try EnvironmentServer(configuration: configuration, logger: logger, makeWorld: makeWorld)
            try AnnouncedServer(place: place, json: json) { try await server.run(onListening: $0) }
                .runUntilSignal(logger)
        case .lerobot:
            let groups = try suites.map { name in
                let suite = try WorldSetting(
                    suite: name, libero: libero, imageSize: 64, renderProfile: "fast", placementSeed: 0
                ).liberoSuite()
                return LeRobotEnvironmentConfiguration.TaskGroup(
                    suite: name, taskCount: suite.tasks.count,
                    stepLimit: LeRobotEnvironmentConfiguration.TaskGroup.stepLimit(ofSuite: name)
                        ?? suite.stepLimit ?? 300)
            }
            var configuration = LeRobotEnvironmentConfiguration(groups: groups)
            (configuration.host, configuration.port) = (host, port ?? configuration.port)
            configuration.build = ["vla": Versions.workspace]
            place.servingProtocol = "lerobot"
            let server = try LeRobotEnvironmentServer(
                configuration: configuration, logger: logger, makeWorld: makeWorld)
            try AnnouncedServer(place: place, json: json) { try await server.run(onListening: $0) }
                .runUntilSignal(logger)
        }
    }

    private func servedSuites() throws -> [String] {
        if !suite.isEmpty { return suite }
        let folder = WorldSetting(
            suite: "libero_object", libero: files.libero, imageSize: 64, renderProfile: "fast", placementSeed: 0
        ).folder
        let isThere = folder.map { FileManager.default.fileExists(atPath: $0) } ?? false
        return [WorldSetting.builtIn] + (isThere ? LiberoSuite.builtIn.map(\.name) : [])
    }
}
