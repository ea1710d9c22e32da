import Evaluation
import Foundation
import Logging
import RobotInterface

/// Answers the queries of LeRobot's environment protocol; one session at a time.
///
/// `@unchecked Sendable`: the session is used under the lock.
final class LeRobotEnvironmentService: @unchecked Sendable {
    /// Requests of one session.
    private static let requestLimit = 32_768
    /// How long a session waits for its client to say that it lives.
    private static let presenceTimeout: Duration = .seconds(10)

    private let configuration: LeRobotEnvironmentConfiguration
    private let logger: Logger
    private let makeWorld: @Sendable (ServedWorldSettings) throws -> any Environment
    private let instance = UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
    private let lock = NSLock()
    private var session: LeRobotEnvironmentSession?
    /// Keys by which clients say that they live; kept apart, as a token may come before its session's answer is read.
    private var presentKeys: Set<String> = []

    init(
        _ configuration: LeRobotEnvironmentConfiguration, _ logger: Logger,
        _ makeWorld: @escaping @Sendable (ServedWorldSettings) throws -> any Environment
    ) {
        (self.configuration, self.logger, self.makeWorld) = (configuration, logger, makeWorld)
    }

    private var base: String { "lerobot/env/v1/deployments/\(configuration.deployment)" }
    var describeKey: String { base + "/describe" }
    var instanceKey: String { "\(base)/instances/\(instance)" }

    // MARK: Presence

    func presence(ofKey key: String, isThere: Bool) {
        // whoever steps holds the lock, and the network must not wait for it
        DispatchQueue.global().async { [self] in
            lock.withLock {
                if isThere, presentKeys.count < 1024 { presentKeys.insert(key) }
                if !isThere {
                    presentKeys.remove(key)
                    if let session, key == aliveKey(session) { self.session = nil }
                }
            }
        }
    }

    func endAbandonedSession() {
        guard lock.try() else { return }
        defer { lock.unlock() }
        guard let session, !presentKeys.contains(aliveKey(session)),
            ContinuousClock.now - session.openedAt > Self.presenceTimeout
        else { return }
        logger.info("session ended: its client does not say that it lives")
        self.session = nil
    }

    private func aliveKey(_ session: LeRobotEnvironmentSession) -> String {
        "\(instanceKey)/sessions/\(session.identifier)/client_alive"
    }

    // MARK: Queries

    /// The answer's envelope, an error included.
    func answer(key: String, _ payload: [UInt8]) -> [UInt8] {
        let request: LeRobotEnvelope
        do throws(LeRobotError) {
            request = try LeRobotEnvelope(decoding: payload, limits: configuration.limits)
        } catch {
            return LeRobotEnvelope(
                .error, instanceID: "", sessionID: "", generation: 0, requestID: "", body: error.body
            ).encoded()
        }
        do {
            let body = try lock.withLock { try answer(key: key, request) }
            return request.answer(request.sessionID.isEmpty ? .accepted : .ack, body).encoded()
        } catch let error as LeRobotError {
            return request.answer(.error, error.body).encoded()
        } catch {
            logger.error("a world failed", metadata: ["error": "\(error)"])
            let error = LeRobotError(.execution, "the world failed; the server's log says why")
            return request.answer(.error, error.body).encoded()
        }
    }

    private func answer(key: String, _ request: LeRobotEnvelope) throws -> WireMap {
        if key == describeKey {
            try require(.describe, request)
            return WireMap([
                (.text("instance"), .text(instance)),
                (.text("descriptor"), .map(LeRobotDescriptor(configuration, group: configuration.groups[0]).record)),
            ])
        }
        guard key.hasPrefix(instanceKey + "/") else { throw LeRobotError(.stale, "another instance") }
        guard request.instanceID == instance else { throw LeRobotError(.stale, "another instance") }
        let parts = key.dropFirst(instanceKey.count + 1).split(separator: "/", omittingEmptySubsequences: false)
        if parts == ["open"] {
            try require(.open, request)
            return try open(request)
        }
        guard parts.count == 3, parts[0] == "sessions" else { throw LeRobotError(.unsupported, "an unknown key") }
        try require(.control, request)
        guard let session, parts[1] == session.identifier, request.sessionID == session.identifier else {
            throw LeRobotError(.stale, "an unknown session")
        }
        guard request.generation == session.generation else {
            throw LeRobotError(
                .stale, "generation \(request.generation), now it is \(session.generation)")
        }
        guard session.seenRequests.insert(request.requestID).inserted else {
            throw LeRobotError(.stale, "a request that was made before")
        }
        session.requestCount += 1
        guard session.requestCount <= Self.requestLimit else {
            throw LeRobotError(.unsupported, "more than \(Self.requestLimit) requests in a session")
        }
        let operation = parts[2] == "control" ? request.body["operation"]?.text : String(parts[2])
        if parts[2] == "control", operation == "close" {
            self.session = nil
            return WireMap()
        }
        guard !session.isFaulted else { throw LeRobotError(.execution, "a world has failed; close the session") }
        switch (parts[2], operation) {
        case ("step", _): return try session.step(request)
        case ("reset", _): return try session.reset(request)
        case ("control", "snapshot"): return try session.snapshot()
        case ("control", "render"): return try session.render()
        default:
            throw LeRobotError(.unsupported, "\(quoted(operation ?? "")) is no operation of a session in lockstep")
        }
    }

    private func require(_ kind: LeRobotEnvelope.Kind, _ request: LeRobotEnvelope) throws(LeRobotError) {
        guard request.kind == kind else {
            throw LeRobotError(
                .malformed, "a message of type \(request.kind.rawValue) where \(kind.rawValue) is expected")
        }
    }

    private func open(_ request: LeRobotEnvelope) throws -> WireMap {
        let body = request.body
        guard case .integer(let count)? = body["num_envs"], 1...32 ~= count else {
            throw LeRobotError(.incompatible, "num_envs is no integer in 1...32")
        }
        guard body["clock"] == "lockstep" else {
            throw LeRobotError(.incompatible, "the clock is not lockstep")
        }
        guard
            let group = body["task_group"]?.text.map({ name in configuration.groups.first { $0.suite == name } })
                ?? configuration.groups[0]
        else { throw LeRobotError(.incompatible, "an unknown task group") }
        guard let task = body["task_id"]?.int, 0..<group.taskCount ~= task else {
            throw LeRobotError(.incompatible, "task_id is none of the group's \(group.taskCount)")
        }
        let seeds = try Self.seeds(body["seeds"], count: Int(count))
        let imageBytes = Int(count) * 2 * configuration.imageSize * configuration.imageSize * 3
        guard imageBytes + (64 << 10) <= configuration.limits.messageSize else {
            throw LeRobotError(.incompatible, "\(count) worlds' images of \(imageBytes) bytes fit no message")
        }
        guard session == nil else { throw LeRobotError(.busy, "another session is open") }
        var settings = ServedWorldSettings(suite: group.suite)
        (settings.imageSize, settings.renderProfile) = (configuration.imageSize, configuration.renderProfile)
        let new = try LeRobotEnvironmentSession(
            try (0..<count).map { _ in try makeWorld(settings) }, task: task, group: group, configuration)
        try new.begin(seeds: seeds)
        session = new
        return WireMap([
            (.text("session"), .text(new.identifier)), (.text("result"), .map(try new.result())),
            (.text("generation"), .integer(new.generation)),
            (.text("descriptor"), .map(LeRobotDescriptor(configuration, group: group).record)),
        ])
    }

    /// One for each world, or none; those that are absent are chosen here.
    static func seeds(_ value: WireValue?, count: Int) throws(LeRobotError) -> [Int?] {
        guard let value, value != .null else { return [Int?](repeating: nil, count: count) }
        guard let list = value.list, list.count == count, list.allSatisfy({ $0 == .null || $0.int != nil }) else {
            throw LeRobotError(.incompatible, "seeds are no list of \(count) integers or nil")
        }
        return list.map(\.int)
    }
}
