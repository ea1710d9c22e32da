public import Logging
import ImageProcessing
import NIOCore
import NIOHTTP1
public import ServiceLifecycle
public import RobotInterface
import TensorCore

/// Serves a policy to robots and benchmarks over the network.
///
///     let server = try PolicyServer(policy: policy, configuration: PolicyServerConfiguration(.openPI))
///     try await server.run()
///
/// Each connection has its own action chunk and random generator. The policy computes on its own thread, so control frames
/// are answered meanwhile. An observation that does not fit the policy is answered with the fields that differ, never with
/// an action. Ends when its task is cancelled or its service group shuts down: running inference may finish, then
/// connections are closed with code 1001.
public struct PolicyServer: Service {
    private let context: PolicyServerContext
    private let server: WebSocketServer

    /// - Throws: ``ServingError`` when other machines could connect and no key is asked for.
    public init(
        policy: any Policy, configuration: PolicyServerConfiguration, logger: Logger = Logger(label: "policy-server")
    ) throws {
        let context = PolicyServerContext(policy, configuration, logger)
        self.context = context
        var post: WebSocketServer.Post?
        if configuration.servingProtocol == .http { post = { context.act($0, $1, on: $2) } }
        server = try WebSocketServer(
            host: configuration.host, port: configuration.port, apiKey: configuration.apiKey,
            allowsAnonymousClients: configuration.allowsAnonymousClients, limits: configuration.limits,
            statistics: context.statistics, logger: logger,
            waitingMessageLimit: configuration.servingProtocol == .vlaEval ? 4 : 1,
            makeSession: { context.makeSession(connectionNumber: $0) }, get: { context.answer($0) },
            post: post)
    }

    /// Serves until the task is cancelled or its service shuts down.
    public func run() async throws { try await run { _ in } }

    /// - Parameter onListening: Called with the port once clients can connect.
    public func run(onListening: @Sendable (Int) -> Void) async throws {
        defer { context.stop() }
        try await server.run(onListening: onListening)
    }
}

extension Policy {
    /// How many actions a chunk has, found by asking once about an empty observation; also loads what the first call loads.
    ///
    /// For ``PolicyServerConfiguration/horizon``, which clients of openpi look for.
    ///
    /// - Throws: What the policy throws.
    public func measuredHorizon() throws -> Int {
        var cameras: [CameraName: CameraFrame] = [:]
        for (name, camera) in requirements.cameras {
            cameras[name] = CameraFrame(camera) { RGBImage(width: camera.width, height: camera.height) }
        }
        let state = RobotState(
            endEffectorPosition: .zero, endEffectorOrientation: .quaternionXYZW(SIMD4(0, 0, 0, 1)),
            fingerPositions: [0, 0], jointPositions: [Double](repeating: 0, count: 7))
        var generator = PhiloxGenerator(seed: 0)
        return try actionChunk(
            for: Observation(cameras: cameras, state: state, instruction: ""), using: &generator
        ).horizon
    }
}

/// A WebSocket of a server that speaks plain HTTP only.
private final class UnservedSession: WebSocketSession {
    func begin(_ connection: WebSocketConnection) {
        connection.close(code: 1008, reason: "this server speaks HTTP: POST /v1/act")
    }
    func receive(_ message: [UInt8], isText: Bool) {}
    func end() {}
}

extension PolicyServerContext {
    func makeSession(connectionNumber: UInt64) -> any WebSocketSession {
        switch configuration.servingProtocol {
        case .openPI: OpenPISession(self, connectionNumber: connectionNumber)
        case .vlaEval: VLAEvalSession(self, connectionNumber: connectionNumber)
        case .xPolicyLab: XPolicyLabSession(self, connectionNumber: connectionNumber)
        case .http: UnservedSession()
        }
    }

    /// Health, configuration and metrics.
    func answer(_ head: HTTPRequestHead) -> HTTPAnswer? {
        let parts = head.uri.split(separator: "?", maxSplits: 1)
        switch parts.first {
        case "/healthz": return HTTPAnswer(.ok, "OK\n")
        case "/health": return HTTPAnswer(.ok, "{\"status\": \"ok\"}\n", contentType: "application/json")
        case "/metrics":
            return HTTPAnswer(
                .ok, statistics.text(queueDepth: queue.depth), contentType: "text/plain; version=0.0.4; charset=utf-8")
        case "/config" where configuration.servingProtocol == .vlaEval:
            // a setting by GET without a key would be anybody's
            if parts.count == 2 {
                return HTTPAnswer(.unprocessableEntity, "{\"errors\": [\"the configuration is read-only\"]}\n")
            }
            let wait = configuration.batchWait.seconds
            return HTTPAnswer(
                .ok,
                "{\"applied\": {}, \"config\": {\"max_batch_size\": \(configuration.batchLimit), "
                    + "\"max_wait_time\": \(wait)}}\n")
        case "/v1/policy" where configuration.servingProtocol == .http:
            let requirements = description["requirements"]?.text ?? "{}"
            return HTTPAnswer(.ok, requirements + "\n", contentType: "application/json")
        default: return configuration.servingProtocol == .http ? HTTPAnswer(.notFound) : nil
        }
    }

    func stop() {
        queue.stop()
        decodingThreads.shutdownGracefully { _ in }
    }
}
