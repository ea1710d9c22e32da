public import Evaluation
import Foundation
public import Logging
public import RobotInterface
import Synchronization
import TensorCore

/// A policy behind a network: any server of openpi's, vla-eval's or XPolicyLab's protocol.
///
///     let policy = try RemotePolicy(url: "ws://127.0.0.1:8000", protocol: .openPI)
///     let result = try evaluate(policy, named: "pi0", rules: rules, folder: folder) { try makeEnvironment() }
///
/// Calls wait for the server, so they belong on threads that may wait, as evaluations use them. Each thread has a
/// connection of its own, so that episodes beside each other do not mix. A server of this package tells what its policy
/// requires, which the world then has to give; episodes are bit for bit those of the policy in this process. Of other
/// servers the protocol's own LIBERO client is taken as the requirement: see ``RemotePolicyConfiguration``.
///
/// An answer that does not come in time throws ``Evaluation/EpisodeFault``: the episode counts as failed, and apart as a
/// time-out. A lost connection is made again once per call, where the protocol keeps nothing of the episode on the server.
public final class RemotePolicy: EpisodicPolicy {
    public let configuration: RemotePolicyConfiguration
    public let requirements: PolicyRequirements
    /// What the server calls its policy; host and port if it does not say.
    public let name: String
    /// What the server says of its policy's origin, such as a checkpoint's hash, and the protocol.
    public let provenance: [String: String]

    private let limits: ServingLimits
    private let logger: Logger
    /// One conversation a thread.
    private let conversations: Mutex<[ObjectIdentifier: any RemoteConversation]>

    /// Connects, and learns what the policy requires.
    ///
    /// - Throws: ``RemotePolicyError``.
    public convenience init(url: String, protocol servingProtocol: ServingProtocol, apiKey: String? = nil) throws {
        guard let address = ServerAddress(url) else {
            throw RemotePolicyError(.unreachable, "\(quoted(url)) is no address of the form ws://HOST:PORT")
        }
        var configuration = RemotePolicyConfiguration(address, servingProtocol)
        configuration.apiKey = apiKey
        try self.init(configuration)
    }

    /// Connects, and learns what the policy requires.
    ///
    /// - Throws: ``RemotePolicyError``.
    public init(
        _ configuration: RemotePolicyConfiguration, limits: ServingLimits = .standard,
        logger: Logger = Logger(label: "remote-policy")
    ) throws {
        (self.configuration, self.limits, self.logger) = (configuration, limits, logger)
        let first = try Self.connect(configuration, limits: limits, logger: logger)
        let description = first.description
        requirements = description.requirements
        name = description.name ?? configuration.address.authority
        provenance = description.provenance.merging(["protocol": configuration.servingProtocol.rawValue]) { $1 }
        conversations = Mutex([ObjectIdentifier(Thread.current): first])
    }

    deinit { close() }

    /// Ends all connections; a later call makes new ones.
    public func close() {
        let open = conversations.withLock { conversations in
            defer { conversations = [:] }
            return Array(conversations.values)
        }
        for conversation in open { conversation.close() }
    }

    // MARK: Episodes

    public func beginEpisode(_ episode: PlannedEpisode, in world: EnvironmentDescription) throws {
        try converse(isBeginning: true) { try $0.beginEpisode(episode, in: world) }
    }

    public var computingSeconds: Double? {
        conversations.withLock { $0[ObjectIdentifier(Thread.current)]?.computingSeconds }
    }

    public func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        var chunks: [ActionChunk] = []
        for (index, observation) in observations.enumerated() {
            // a server of this package draws what the policy would draw here
            var draws = generators[index] as? PhiloxGenerator
            chunks.append(try converse { try $0.actionChunk(for: observation, drawing: &draws) })
            if let draws = draws as? Generator { generators[index] = draws }
        }
        return chunks
    }

    // MARK: Connections

    /// Does something with the thread's conversation; once more with a new one if the connection is lost and the server
    /// keeps nothing of the episode. Waits and asks again while the server is busy.
    private func converse<Result>(
        isBeginning: Bool = false, _ body: (any RemoteConversation) throws -> Result
    ) throws -> Result {
        let deadline = ContinuousClock.now + configuration.timeoutDuration
        var mayConnectAgain = true
        while true {
            let conversation = try current()
            do {
                return try body(conversation)
            } catch let error as RemotePolicyError {
                // a late answer must not be taken for that of the next question
                if !conversation.isUsable(after: error) { drop(conversation) }
                switch error.kind {
                case .timedOut: throw EpisodeFault("time-out: \(error.reason)", isTimeOut: true)
                case .disconnected where (conversation.isStateless || isBeginning) && mayConnectAgain:
                    mayConnectAgain = false
                    logger.notice("connection lost; connecting again", metadata: ["reason": "\(error.reason)"])
                case .disconnected where !conversation.isStateless && !isBeginning:
                    throw EpisodeFault("connection lost: \(error.reason)", isTimeOut: false)
                case .failed where WireError(text: error.reason)?.category == .busy:
                    guard ContinuousClock.now < deadline else {
                        throw EpisodeFault("time-out: the server is busy", isTimeOut: true)
                    }
                    Thread.sleep(forTimeInterval: 0.05)
                default: throw error
                }
            }
        }
    }

    private func current() throws -> any RemoteConversation {
        let thread = ObjectIdentifier(Thread.current)
        if let found = conversations.withLock({ $0[thread] }) { return found }
        // a server that starts anew is waited for
        var pause = 0.5
        while true {
            do {
                let new = try Self.connect(configuration, limits: limits, logger: logger)
                guard new.description.requirements == requirements else {
                    throw RemotePolicyError(.incompatible, "another policy is served than at the beginning")
                }
                conversations.withLock { $0[thread] = new }
                return new
            } catch let error as RemotePolicyError where error.kind == .unreachable && pause < 10 {
                Thread.sleep(forTimeInterval: pause)
                pause *= 2
            }
        }
    }

    private static func connect(
        _ configuration: RemotePolicyConfiguration, limits: ServingLimits, logger: Logger
    ) throws(RemotePolicyError) -> any RemoteConversation {
        let client = try WebSocketClient(
            configuration.address, key: configuration.apiKey, limits: limits, logger: logger)
        do throws(RemotePolicyError) {
            switch configuration.servingProtocol {
            case .openPI: return try OpenPIConversation(client, configuration, limits)
            case .vlaEval: return try VLAEvalConversation(client, configuration, limits)
            case .xPolicyLab: return try XPolicyLabConversation(client, configuration, limits)
            case .http:
                throw RemotePolicyError(.refused, "http is served, but not asked; use openpi, vla-eval or xpolicylab")
            }
        } catch {
            client.close()
            throw error
        }
    }

    private func drop(_ conversation: any RemoteConversation) {
        conversation.close()
        conversations.withLock { conversations in
            conversations = conversations.filter { $0.value !== conversation }
        }
    }
}
