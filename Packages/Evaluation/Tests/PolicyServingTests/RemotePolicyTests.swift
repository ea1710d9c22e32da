import Evaluation
import Foundation
import ImageProcessing
import NIOCore
import RobotInterface
import Synchronization
import Testing

@testable import PolicyServing

/// A policy behind a server, beside the same policy in this process.
@Suite struct RemotePolicyTests {
    private static func rules(realTime: RealTime? = nil) -> EvaluationRules {
        var rules = EvaluationRules(
            episodesPerTask: 3, settlingStepCount: 2, stepLimit: 8,
            execution: .openLoop(replanInterval: 3), seed: 11)
        rules.realTime = realTime
        return rules
    }

    private struct Times: Decodable {
        var episode: PlannedEpisode
        var inference: InferenceTimes?
    }

    private static func evaluation(
        of policy: some Policy, _ rules: EvaluationRules, workerCount: Int = 1
    ) throws -> (records: [RolloutRecord], outcomes: [EpisodeOutcome]) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("remote-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try evaluate(
            policy, named: "policy", rules: rules, folder: folder, workerCount: workerCount
        ) { TableWorld() }
        let log = try String(contentsOf: folder.appendingPathComponent("log.jsonl"), encoding: .utf8)
        var outcomes = try log.split(separator: "\n").map {
            try JSONDecoder().decode(EpisodeOutcome.self, from: Data($0.utf8))
        }
        let times = try String(contentsOf: folder.appendingPathComponent("times.jsonl"), encoding: .utf8)
        for line in times.split(separator: "\n") {
            let line = try JSONDecoder().decode(Times.self, from: Data(line.utf8))
            for index in outcomes.indices where outcomes[index].episode == line.episode {
                outcomes[index].inference = line.inference
            }
        }
        return (
            try result.episodes.map { try RolloutRecord(at: folder.appendingPathComponent($0.record)) }, outcomes
        )
    }

    /// Chunks, draws, states and outcomes have the same bits; several episodes beside each other do not mix.
    @Test(arguments: [ServingProtocol.openPI, .xPolicyLab], [1, 3])
    func episodesAreThoseOfThePolicyInProcess(_ servingProtocol: ServingProtocol, workerCount: Int) async throws {
        let local = try Self.evaluation(of: TablePolicy(), Self.rules()).records
        #expect(Set(local.map(\.isSuccess)).count == 2, "a policy that always or never succeeds tests nothing")
        let remote = try await withServer(servingProtocol, policy: TablePolicy()) { port in
            let policy = try RemotePolicy(url: "ws://127.0.0.1:\(port)", protocol: servingProtocol)
            #expect(policy.requirements == TablePolicy().requirements)
            return try Self.evaluation(of: policy, Self.rules(), workerCount: workerCount).records
        }
        #expect(remote == local)
    }

    /// The server keeps the chunk and sends single actions.
    @Test func vlaEvalEpisodesHaveTheSameActions() async throws {
        let local = try Self.evaluation(of: TablePolicy(), Self.rules()).records
        let remote = try await withServer(.vlaEval, policy: TablePolicy()) {
            $0.replanInterval = 3
        } body: { port in
            let policy = try RemotePolicy(url: "ws://127.0.0.1:\(port)", protocol: .vlaEval)
            return try Self.evaluation(of: policy, Self.rules(), workerCount: 2).records
        }
        #expect(remote.map { $0.steps.map(\.action) } == local.map { $0.steps.map(\.action) })
        #expect(remote.map { $0.steps.map(\.stateHash) } == local.map { $0.steps.map(\.stateHash) })
        #expect(remote.map(\.end) == local.map(\.end))
    }

    @Test func inferenceIsTimedApart() async throws {
        let outcomes = try await withServer(.openPI, policy: TablePolicy()) { port in
            let policy = try RemotePolicy(url: "ws://127.0.0.1:\(port)", protocol: .openPI)
            return try Self.evaluation(of: policy, Self.rules()).outcomes
        }
        let times = try #require(InferenceTimes(outcomes))
        #expect(times.callCount >= outcomes.count && times.timeOutCount == 0 && times.seconds > 0)
        let computing = try #require(times.computingSeconds)
        #expect(computing > 0 && computing <= times.seconds)
    }

    /// Each late answer ends its episode, and the evaluation goes on.
    @Test func lateAnswersAreCountedApart() async throws {
        let gate = EchoPolicy.Gate()
        let outcomes = try await withServer(.openPI, policy: TablePolicy(gate: gate)) { port in
            var configuration = RemotePolicyConfiguration(try #require(ServerAddress("127.0.0.1:\(port)")), .openPI)
            configuration.timeout = 0.2
            var rules = Self.rules()
            rules.episodesPerTask = 1
            let policy = try RemotePolicy(configuration, logger: quietLogger)
            defer { gate.open(100) }
            return try Self.evaluation(of: policy, rules).outcomes
        }
        #expect(outcomes.map { $0.inference?.timeOutCount } == [1, 1])
        #expect(outcomes.allSatisfy { !$0.isSuccess })
        guard case .fault(let reason)? = outcomes.first?.end else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(reason.contains("time-out"))
    }

    @Test(arguments: ["ws://127.0.0.1:1", "http://127.0.0.1:8000", "ws://", "ws://a b", "wss://host", ""])
    func unreachableServersAreErrors(url: String) {
        #expect(throws: RemotePolicyError.self) { try RemotePolicy(url: url, protocol: .openPI) }
    }

    @Test func keyIsSentAndRefusalIsExplained() async throws {
        try await withServer(.openPI, policy: TablePolicy()) {
            $0.apiKey = "key"
        } body: { port in
            let url = "ws://127.0.0.1:\(port)"
            _ = try RemotePolicy(url: url, protocol: .openPI, apiKey: "key")
            do {
                _ = try RemotePolicy(url: url, protocol: .openPI)
                Issue.record("a client without a key was let in")
            } catch let error as RemotePolicyError {
                #expect(error.kind == .refused && error.reason.contains("401"))
            }
        }
    }

    /// What the policy's server cannot use ends the evaluation, as it does in process.
    @Test func refusedObservationsAreErrors() async throws {
        try await withServer(.vlaEval, policy: TablePolicy()) { port in
            let policy = try RemotePolicy(url: "ws://127.0.0.1:\(port)", protocol: .vlaEval)
            var observation = TableWorld().observation(at: 0)
            observation.cameras[.wrist] = CameraFrame(
                RGBImage(width: 20, height: 20), orientation: .raw, renderProfile: "fast")
            var generator = SystemRandomNumberGenerator()
            do {
                _ = try policy.actionChunk(for: observation, using: &generator)
                Issue.record("an image of another size was accepted")
            } catch let error as RemotePolicyError {
                #expect(error.kind == .failed && error.reason.contains("found 20, expected 16"))
            }
            // the connection goes on
            _ = try policy.actionChunk(for: TableWorld().observation(at: 0), using: &generator)
        }
    }
}

extension TableWorld {
    /// The first observation of task 0 from a stored start.
    func observation(at index: Int) -> Observation {
        var world = self
        return world.reset(to: EpisodeStart(task: 0, placement: .stored(index: index)))
    }
}

/// Servers of other projects: they describe nothing, and get what the protocol's own client sends.
@Suite struct ForeignServerTests {
    /// Answers each message by a function of it.
    final class Session: WebSocketSession {
        private let greeting: [UInt8]?
        private let answer: ([UInt8]) -> [UInt8]?
        private weak var connection: WebSocketConnection?

        private let closesAfterAnswers: Bool

        init(greeting: [UInt8]?, closesAfterAnswers: Bool, answer: @escaping ([UInt8]) -> [UInt8]?) {
            (self.greeting, self.closesAfterAnswers, self.answer) = (greeting, closesAfterAnswers, answer)
        }

        func begin(_ connection: WebSocketConnection) {
            self.connection = connection
            if let greeting { connection.send(greeting) }
        }

        func receive(_ message: [UInt8], isText: Bool) {
            if let answer = answer(message) { connection?.send(answer) }
            connection?.finishMessage()
            if closesAfterAnswers { connection?.close(code: 1000, reason: "") }
        }

        func end() {}
    }

    private func withForeignServer<Result: Sendable>(
        greeting: [UInt8]?, closesAfterAnswers: Bool = false, answer: @escaping @Sendable ([UInt8]) -> [UInt8]?,
        body: @escaping @Sendable (Int) throws -> Result
    ) async throws -> Result {
        let server = try WebSocketServer(
            host: "127.0.0.1", port: 0, apiKey: nil, allowsAnonymousClients: false, limits: .standard,
            statistics: ServerStatistics(), logger: quietLogger, waitingMessageLimit: 1,
            makeSession: { _ in Session(greeting: greeting, closesAfterAnswers: closesAfterAnswers, answer: answer) },
            get: { _ in nil })
        return try await whileRunning({ try await server.run(onListening: $0) }, body)
    }

    private static func observation(size: Int = 256) -> Observation {
        var observation = TableWorld().observation(at: 0)
        for name in [CameraName.agentView, .wrist] {
            observation.cameras[name] = CameraFrame(
                RGBImage(width: size, height: size, color: SIMD3(3, 2, 1)), orientation: .rotated180,
                renderProfile: "faithful")
        }
        return observation
    }

    /// A server that ends each connection after its answer is asked by a new one.
    @Test func lostConnectionIsMadeAgain() async throws {
        let answer = OpenPIAction(ActionChunk([[1, 2, 3, 4, 5, 6, 7]]), inferenceTime: 1, previousTotalTime: nil)
            .encoded()
        try await withForeignServer(greeting: [0x80], closesAfterAnswers: true) { _ in
            answer
        } body: { port in
            let policy = try RemotePolicy(url: "127.0.0.1:\(port)", protocol: .openPI)
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<3 {
                let chunk = try policy.actionChunk(for: Self.observation(), using: &generator)
                #expect(chunk.actions == [[1, 2, 3, 4, 5, 6, 7]])
            }
        }
    }

    @Test func openPIServerGetsResizedImages() async throws {
        let seen = Mutex<OpenPIObservation?>(nil)
        let chunk = try await withForeignServer(greeting: [0x80]) { message in
            let observation = try? OpenPIObservation(decoding: message)
            seen.withLock { $0 = observation }
            let floats = NumericArray(floats: [Float](repeating: 0.5, count: 70), shape: [10, 7])
            return WireValue.map(WireMap([(.text("actions"), .array(floats))])).encoded(.openPI)
        } body: { port in
            let policy = try RemotePolicy(url: "127.0.0.1:\(port)", protocol: .openPI)
            #expect(policy.requirements.cameras[.agentView]?.width == 256)
            #expect(policy.name == "127.0.0.1:\(port)")
            var generator = SystemRandomNumberGenerator()
            return try policy.actionChunk(for: Self.observation(), using: &generator)
        }
        #expect(chunk.horizon == 10 && chunk.values.allSatisfy { $0 == 0.5 })
        let observation = try #require(seen.withLock { $0 })
        #expect(try observation.image(OpenPIObservation.imageKey)?.width == 224)
        #expect(
            Set(observation.fields.textKeys) == [
                OpenPIObservation.imageKey, OpenPIObservation.wristImageKey, OpenPIObservation.stateKey, "prompt",
            ])
        // LIBERO's client does not fold the rotation
        let angles = try #require(try observation.state)[3..<6]
        #expect(angles.map { $0 * $0 }.reduce(0, +).squareRoot() > .pi)
    }

    @Test func vlaEvalServerSaysWhatItWants() async throws {
        let seen = Mutex<VLAEvalMessage?>(nil)
        let chunk = try await withForeignServer(greeting: nil) { bytes in
            guard let message = try? VLAEvalMessage(decoding: bytes) else { return nil }
            let payload: WireMap
            switch message.kind {
            case .hello:
                payload = WireMap([
                    (.text("harness_version"), "1"), (.text("protocol_version"), 1), (.text("model_server"), "pi0"),
                    (.text("capabilities"), [:]), (.text("observation_params"), ["send_state": true]),
                ])
            case .observation:
                seen.withLock { $0 = message }
                payload = WireMap([(.text("actions"), [0, 0, 0, 0, 0, 0, 0.1])])
            default: return nil
            }
            return VLAEvalMessage(
                message.kind == .hello ? .hello : .action, payload, sequenceNumber: message.sequenceNumber, timestamp: 1
            ).encoded()
        } body: { port in
            let policy = try RemotePolicy(url: "127.0.0.1:\(port)", protocol: .vlaEval)
            #expect(policy.name == "pi0" && policy.requirements.cameras[.wrist] == nil)
            var generator = SystemRandomNumberGenerator()
            return try policy.actionChunk(for: Self.observation(), using: &generator)
        }
        #expect(chunk.actions == [[0, 0, 0, 0, 0, 0, 1]])
        let payload = try #require(seen.withLock { $0 }).payload
        #expect(payload["images"]?.map?.textKeys == ["agentview"])
        // folded, and in single precision, as the benchmark computes it
        let state = try #require(payload["states"]?.numbers)
        #expect(state[3..<6].map { $0 * $0 }.reduce(0, +).squareRoot() <= .pi)
        #expect(state[3..<6].allSatisfy { Double(Float($0)) == $0 })
    }

    @Test func anotherGripperIsRefused() async throws {
        try await withForeignServer(greeting: nil) { bytes in
            guard let message = try? VLAEvalMessage(decoding: bytes) else { return nil }
            let gripper: WireValue = ["name": "gripper", "dims": 1, "format": "binary_close_negative"]
            let payload = WireMap([
                (.text("harness_version"), "1"), (.text("protocol_version"), 1), (.text("model_server"), "x"),
                (.text("capabilities"), [:]), (.text("action_spec"), ["gripper": gripper]),
            ])
            return VLAEvalMessage(.hello, payload, sequenceNumber: message.sequenceNumber, timestamp: 1).encoded()
        } body: { port in
            _ = #expect(throws: RemotePolicyError.self) {
                try RemotePolicy(url: "127.0.0.1:\(port)", protocol: .vlaEval)
            }
        }
    }

    @Test(arguments: [[0xC1], [0x93, 1, 2, 3], [0x81, 0xA1, 0x61]] as [[UInt8]])
    func greetingsThatAreNoneAreErrors(greeting: [UInt8]) async throws {
        try await withForeignServer(greeting: greeting) { _ in
            nil
        } body: { port in
            _ = #expect(throws: RemotePolicyError.self) {
                try RemotePolicy(url: "127.0.0.1:\(port)", protocol: .openPI)
            }
        }
    }
}
