public import Evaluation
import Foundation
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Settings of a ``LeRobotEnvironmentServer``.
public struct LeRobotEnvironmentConfiguration: Sendable {
    /// A group of tasks that clients may open.
    public struct TaskGroup: Sendable, Hashable {
        /// The suite's name, which is the group's.
        public var suite: String
        public var taskCount: Int
        /// Steps after which an episode is truncated.
        public var stepLimit: Int

        public init(suite: String, taskCount: Int, stepLimit: Int) {
            (self.suite, self.taskCount, self.stepLimit) = (suite, taskCount, stepLimit)
        }

        /// LeRobot's limits for LIBERO's suites: 280, 280, 300, 520 and 400 steps; `nil` for other suites.
        public static func stepLimit(ofSuite suite: String) -> Int? {
            switch suite {
            case "libero_spatial", "libero_object": 280
            case "libero_goal": 300
            case "libero_10": 520
            case "libero_90": 400
            default: nil
            }
        }
    }

    /// An address of this machine. The protocol has no keys: others than loopback need ``allowsAnonymousClients``.
    public var host = "127.0.0.1"
    /// 0 for a free port.
    public var port = 7448
    public var allowsAnonymousClients = false
    /// The name clients ask for, `--env.deployment`.
    public var deployment = "libero"
    /// The first is opened where a client names none.
    public var groups: [TaskGroup]
    /// Width and height of the images.
    public var imageSize = 360
    public var renderProfile = "faithful"
    /// Steps with an open gripper after each reset.
    public var settlingStepCount = 10
    /// Names and versions of what simulates.
    public var build: [String: String] = [:]
    public var limits = ServingLimits.standard

    public init(groups: [TaskGroup]) { self.groups = groups }
}

/// Worlds of this package for `lerobot-eval`: LeRobot's environment protocol, Zenoh and MessagePack over TCP.
///
/// One session at a time, in lockstep. Worlds begin with the stored initial states in turn, rotated images and single
/// precision as LeRobot's own LIBERO server. Source: huggingface/lerobot a8401e9, c7e5ff8; protocol version 1.
public struct LeRobotEnvironmentServer: Service {
    private let server: ZenohServer
    private let threads = NIOThreadPool(numberOfThreads: 2)
    private let service: LeRobotEnvironmentService

    /// - Parameter makeWorld: Makes a world; called on threads that may wait.
    /// - Throws: ``ServingError`` when other machines could connect, or the deployment's name is no segment of a key.
    public init(
        configuration: LeRobotEnvironmentConfiguration, logger: Logger = Logger(label: "lerobot-environment-server"),
        makeWorld: @escaping @Sendable (ServedWorldSettings) throws -> any Environment
    ) throws {
        guard LeRobotEnvelope.isSegment(configuration.deployment) else {
            throw ServingError(
                "\(quoted(configuration.deployment)) is no deployment: a letter or digit, then letters, digits, _, . or -"
            )
        }
        guard !configuration.groups.isEmpty else { throw ServingError("no suite is served") }
        let service = LeRobotEnvironmentService(configuration, logger, makeWorld)
        self.service = service
        let instance = service.instanceKey
        server = try ZenohServer(
            host: configuration.host, port: configuration.port,
            allowsAnonymousClients: configuration.allowsAnonymousClients, limits: configuration.limits, logger: logger,
            threads: threads, statistics: ServerStatistics(),
            service: ZenohService(
                keys: [service.describeKey, instance, instance + "/alive"], queryables: [(1, ""), (2, "/**")],
                tokens: [3], answer: { service.answer(key: $0, $1) },
                presence: { service.presence(ofKey: $0, isThere: $1) }))
    }

    /// Serves until the task is cancelled or its service shuts down.
    public func run() async throws { try await run { _ in } }

    /// - Parameter onListening: Called with the port once clients can connect.
    public func run(onListening: @Sendable (Int) -> Void) async throws {
        threads.start()
        defer { threads.shutdownGracefully { _ in } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            // sessions whose client never says that it lives end
            group.addTask { [service] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    service.endAbandonedSession()
                }
            }
            defer { group.cancelAll() }
            try await server.run(onListening: onListening)
        }
    }
}
