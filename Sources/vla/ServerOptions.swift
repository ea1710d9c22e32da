import ArgumentParser
import Evaluation
import LiberoEvaluation
import PolicyServing

/// The options that name policies behind servers.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A policy behind a server, ws://HOST:PORT: openpi's, vla-eval's or XPolicyLab's. May be repeated.",
            valueName: "url"))
    var server: [String] = []

    @Option(name: .customLong("protocol"), help: "What the servers speak: openpi, vla-eval or xpolicylab.")
    var servingProtocol: ServingProtocol = .openPI

    @Option(help: "Key that the servers ask for.")
    var serverToken: String?

    @Option(help: "Seconds that an answer may take; a later one ends its episode, counted apart as a time-out.")
    var serverTimeout = 30.0

    @Option(
        help: ArgumentHelp(
            "Width and height to which images are resized and padded before they are sent to a server of another "
                + "project; 0 for as they are. Default: 224 for openpi, as its own client does, else 0."))
    var serverImageSize: Int?

    func validate() throws {
        if let url = server.first(where: { ServerAddress($0) == nil }) {
            throw ValidationError("--server is '\(url)'; it has to be of the form ws://HOST:PORT.")
        }
        if servingProtocol == .http {
            throw ValidationError("--protocol is http, which vla serve answers; servers are asked by the others.")
        }
        if !(serverTimeout > 0 && serverTimeout <= 86_400) {
            throw ValidationError("--server-timeout is \(serverTimeout); it has to be above 0, a day at most.")
        }
        if let serverImageSize, !(0...2048).contains(serverImageSize) {
            throw ValidationError("--server-image-size is \(serverImageSize); it has to lie in 0...2048.")
        }
    }

    var agents: [AgentSetting] {
        server.compactMap { ServerAddress($0) }.map { address in
            var configuration = RemotePolicyConfiguration(address, servingProtocol)
            (configuration.apiKey, configuration.timeout) = (serverToken, serverTimeout)
            if let serverImageSize { configuration.sentImageSize = serverImageSize == 0 ? nil : serverImageSize }
            return .server(configuration)
        }
    }
}
