import Evaluation
import Foundation
import RobotInterface
import Testing

@testable import PolicyServing

/// LeRobot's environment protocol: a client over Zenoh's bytes, beside the same worlds in this process.
@Suite struct LeRobotEnvironmentTests {
    /// A peer that knows as much of Zenoh as the tests need.
    private final class Client {
        let connection: RawConnection
        private var number: UInt64 = 7
        private var batches: [ZenohBatch] = []
        private var reassembler = ZenohReassembler()
        private var requestCount: UInt64 = 0
        /// Keys that the server declared.
        private(set) var keys: [UInt64: String] = [:]

        init(port: Int, batchSize: UInt16 = 0xFFFF) throws {
            connection = try RawConnection(port: port)
            send(
                .initialize(
                    isAnswer: false, identifier: [1, 2, 3], role: 1, resolution: 0x0A, batchSize: batchSize,
                    cookie: nil))
            guard case .initialize(true, _, _, _, let size?, let cookie?)? = try next() else {
                throw ZenohError(reason: "no InitAck")
            }
            #expect(size <= batchSize)
            send(.open(isAnswer: false, leaseSeconds: 10, firstNumber: number, cookie: cookie))
            guard case .open(true, _, _, _)? = try next(), case .frame(_, _, let messages)? = try next() else {
                throw ZenohError(reason: "no declarations")
            }
            for case .declare(_, .key(let id, let key)) in messages { keys[id] = key.suffix }
            #expect(messages.last == .declare(interest: 0, .final))
        }

        func send(_ batch: ZenohBatch) {
            let bytes = batch.encoded()
            connection.send([UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8)] + bytes)
        }

        /// The next batch that is no keep-alive; `nil` at the end.
        func next() throws -> ZenohBatch? {
            while true {
                guard connection.fill(2) else { return nil }
                let length = Int(connection.received[0]) | Int(connection.received[1]) << 8
                guard let bytes = connection.take(2 + length) else { return nil }
                let batch = try ZenohBatch(decoding: bytes[2...])
                if batch != .keepAlive { return batch }
            }
        }

        func declare(_ declaration: ZenohDeclaration) {
            send(.frame(isReliable: true, number: number, [.declare(interest: nil, declaration)]))
            number += 1
        }

        /// Asks under key 1 or 2 of the server's, and waits for the answer and the end.
        func ask(_ scope: UInt64, _ suffix: String, _ envelope: LeRobotEnvelope) throws -> LeRobotEnvelope {
            try ask(scope, suffix, payload: envelope.encoded())
        }

        func ask(_ scope: UInt64, _ suffix: String, payload: [UInt8]) throws -> LeRobotEnvelope {
            requestCount += 1
            let key = ZenohKey(scope: scope, suffix: suffix, isSenders: false)
            send(
                .frame(
                    isReliable: true, number: number, [.request(id: requestCount, key, payload: payload)]))
            number += 1
            var answer: LeRobotEnvelope?
            while let batch = try next() {
                var messages: [ZenohMessage] = []
                switch batch {
                case .frame(_, _, let found): messages = found
                case .fragment(_, let hasMore, _, let slice):
                    messages = try reassembler.append(slice, hasMore: hasMore).map { [$0] } ?? []
                default: throw ZenohError(reason: "\(batch)")
                }
                for message in messages {
                    switch message {
                    case .response(let id, let key, let payload):
                        #expect(id == requestCount && key.suffix == (keys[scope] ?? "") + suffix)
                        answer = try LeRobotEnvelope(decoding: payload)
                    case .responseFinal(let id):
                        #expect(id == requestCount)
                        return try #require(answer)
                    default: Issue.record("\(message)")
                    }
                }
            }
            throw ZenohError(reason: "the connection ended")
        }
    }

    private func withLeRobotServer<Result: Sendable>(
        adjust: (inout LeRobotEnvironmentConfiguration) -> Void = { _ in },
        body: @escaping @Sendable (Int) throws -> Result
    ) async throws -> Result {
        var configuration = LeRobotEnvironmentConfiguration(
            groups: [LeRobotEnvironmentConfiguration.TaskGroup(suite: "table", taskCount: 2, stepLimit: 12)])
        (configuration.port, configuration.imageSize, configuration.settlingStepCount) = (0, TableWorld.size, 2)
        adjust(&configuration)
        let server = try LeRobotEnvironmentServer(configuration: configuration, logger: quietLogger) { settings in
            #expect(settings.suite == "table")
            return TableWorld()
        }
        return try await whileRunning({ try await server.run(onListening: $0) }, body)
    }

    private static func describe(_ client: Client) throws -> LeRobotEnvelope {
        try client.ask(
            1, "",
            LeRobotEnvelope(
                .describe, instanceID: "", sessionID: "", generation: 0, requestID: "d", body: WireMap()))
    }

    private static func open(
        _ client: Client, instance: String, id: String = "o", _ changes: [(String, WireValue)] = []
    ) throws -> LeRobotEnvelope {
        var body = WireMap([
            (.text("num_envs"), 2), (.text("clock"), "lockstep"), (.text("task_group"), "table"), (.text("task_id"), 0),
            (.text("seeds"), .null),
        ])
        for (key, value) in changes { body[key] = value }
        return try client.ask(
            2, "/open",
            LeRobotEnvelope(.open, instanceID: instance, sessionID: "", generation: 0, requestID: id, body: body))
    }

    /// Two worlds' actions, in single precision.
    private static func movements(step: Int) -> [Double] {
        (0..<14).map { index in
            let number = (index * 5 + step * 3) % 17
            return Double(0.1 * Float(number) - 0.8)
        }
    }

    private static func actions(_ values: [Double]) -> WireValue {
        .array(NumericArray(floats: values.map { Float($0) }, shape: [values.count / 7, 7]))
    }

    /// Small batches, so that the images come in fragments.
    @Test(arguments: [0xFFFF, 200] as [UInt16])
    func sessionIsThatOfTheWorlds(batchSize: UInt16) async throws {
        try await withLeRobotServer { port in
            let client = try Client(port: port, batchSize: batchSize)
            let described = try Self.describe(client)
            #expect(described.kind == .accepted && described.requestID == "d")
            let instance = try #require(described.body["instance"]?.text)
            #expect(client.keys[2] == "lerobot/env/v1/deployments/libero/instances/\(instance)")
            let opened = try Self.open(client, instance: instance)
            #expect(opened.kind == .accepted && opened.body["generation"] == 0)
            let session = try #require(opened.body["session"]?.text)

            var local = [TableWorld(), TableWorld()]
            var seen: [Observation] = []
            for world in local.indices {
                var observation = local[world].reset(to: EpisodeStart(task: 0, placement: .stored(index: world)))
                for _ in 0..<2 { observation = local[world].step([0, 0, 0, 0, 0, 0, -1]).observation }
                seen.append(observation)
            }
            func check(_ body: WireMap) throws {
                let result = try #require(body["result"]?.map)
                let states = try seen.flatMap { try LeRobotEnvironmentSession.state(of: $0) }
                let observations = try #require(result["obs"]?.map)
                #expect(observations["observation.state"]?.array?.doubles() == states.map { Double($0) })
                let images = try #require(observations["observation.images.camera1"]?.array)
                #expect(images.shape == [2, 16, 16, 3])
                #expect(try images.bytes == seen.flatMap { try #require($0.cameras[.agentView]).image().pixels })
            }
            try check(opened.body)

            var hasEnded = [false, false]
            for step in 1...13 {
                let actions = Self.movements(step: step)
                let answer = try client.ask(
                    2, "/sessions/\(session)/step",
                    LeRobotEnvelope(
                        .control, instanceID: instance, sessionID: session, generation: 0, requestID: "s\(step)",
                        body: WireMap([(.text("actions"), Self.actions(actions)), (.text("n_ticks"), 1)])))
                #expect(answer.kind == .ack, "\(answer.body)")
                for world in 0..<2 where !hasEnded[world] {
                    let result = local[world].step(Array(actions[world * 7..<world * 7 + 7]))
                    seen[world] = result.observation
                    hasEnded[world] = result.isSuccess || step == 12
                }
                try check(answer.body)
                let execution = try #require(answer.body["execution"]?.map)
                #expect(execution["sequence"]?.int == step && execution["request_id"] == .text("s\(step)"))
                #expect(answer.body["result"]?.map?["sim_time"]?.number == Double(step) / 20)
                // after the limit all worlds stand still
                if step == 13 {
                    #expect(execution["advanced"]?.array?.doubles() == [0, 0])
                    #expect(execution["applied"]?.array?.doubles() == [Double](repeating: 0, count: 14))
                }
            }
            let reset = try client.ask(
                2, "/sessions/\(session)/reset",
                LeRobotEnvelope(
                    .control, instanceID: instance, sessionID: session, generation: 0, requestID: "r",
                    body: WireMap([(.text("seeds"), [5, .null])])))
            #expect(reset.body["generation"] == 1 && reset.generation == 0)
            for world in local.indices {
                var observation = local[world].reset(to: EpisodeStart(task: 0, placement: .stored(index: world + 2)))
                for _ in 0..<2 { observation = local[world].step([0, 0, 0, 0, 0, 0, -1]).observation }
                seen[world] = observation
            }
            try check(reset.body)
            #expect(reset.body["result"]?.map?["sim_time"]?.number == 0)
            func control(_ operation: String, generation: Int64, id: String) throws -> LeRobotEnvelope {
                try client.ask(
                    2, "/sessions/\(session)/control",
                    LeRobotEnvelope(
                        .control, instanceID: instance, sessionID: session, generation: generation, requestID: id,
                        body: WireMap([(.text("operation"), .text(operation))])))
            }
            #expect(try control("snapshot", generation: 0, id: "x").body["code"] == "stale")
            let snapshot = try control("snapshot", generation: 1, id: "x")
            try check(snapshot.body)
            #expect(snapshot.body["execution"] == nil)
            #expect(try control("snapshot", generation: 1, id: "x").body["code"] == "stale", "a repeated request")
            #expect(try control("render", generation: 1, id: "y").body["frames"]?.list?.count == 2)
            #expect(try control("fly", generation: 1, id: "z").body["code"] == "unsupported")
            #expect(try control("close", generation: 1, id: "c").kind == .ack)
            #expect(try control("snapshot", generation: 1, id: "e").body["code"] == "stale")
        }
    }

    @Test func wrongRequestsHaveTheirCodes() async throws {
        try await withLeRobotServer { port in
            let client = try Client(port: port)
            let instance = try #require(try Self.describe(client).body["instance"]?.text)
            func code(_ changes: [(String, WireValue)]) throws -> WireValue? {
                try Self.open(client, instance: instance, changes).body["code"]
            }
            #expect(try code([("num_envs", 0)]) == "incompatible")
            #expect(try code([("num_envs", 33)]) == "incompatible")
            #expect(try code([("clock", "realtime")]) == "incompatible")
            #expect(try code([("task_group", "nobody")]) == "incompatible")
            #expect(try code([("task_id", 2)]) == "incompatible")
            #expect(try code([("seeds", [1])]) == "incompatible")
            #expect(try Self.open(client, instance: "other").body["code"] == "stale")
            let malformed = try client.ask(2, "/open", payload: [0xC1])
            #expect(malformed.kind == .error && malformed.body["code"] == "malformed")
            let session = try #require(try Self.open(client, instance: instance).body["session"]?.text)
            #expect(try code([]) == "busy")
            for (id, actions, ticks, code) in [
                ("a", Self.actions([Double](repeating: 0, count: 7)), 1, "incompatible"),
                ("b", Self.actions([Double](repeating: 0, count: 14)), 2, "unsupported"),
                (
                    "c", .array(NumericArray(doubles: [Double](repeating: 0, count: 14), shape: [2, 7])), 1,
                    "incompatible"
                ),
            ] as [(String, WireValue, WireValue, WireValue)] {
                let answer = try client.ask(
                    2, "/sessions/\(session)/step",
                    LeRobotEnvelope(
                        .control, instanceID: instance, sessionID: session, generation: 0, requestID: id,
                        body: WireMap([(.text("actions"), actions), (.text("n_ticks"), ticks)])))
                #expect(answer.body["code"] == code)
            }
        }
    }

    /// A client whose token goes has left; so has one whose connection ends.
    @Test func sessionEndsWithItsClient() async throws {
        try await withLeRobotServer { port in
            let client = try Client(port: port)
            let instance = try #require(try Self.describe(client).body["instance"]?.text)
            func open(_ id: String) throws -> LeRobotEnvelope { try Self.open(client, instance: instance, id: id) }
            func waitForOpening(_ name: String) throws -> String {
                for attempt in 0..<200 {
                    if let session = try open("\(name)\(attempt)").body["session"]?.text { return session }
                    Thread.sleep(forTimeInterval: 0.02)
                }
                throw ZenohError(reason: "the session did not end")
            }
            let first = try waitForOpening("a")
            let key = "lerobot/env/v1/deployments/libero/instances/\(instance)/sessions/\(first)/client_alive"
            client.declare(.key(4, ZenohKey(suffix: key)))
            client.declare(.token(8, ZenohKey(scope: 4, suffix: "")))
            #expect(try open("b").body["code"] == "busy")
            client.declare(.endToken(8))
            let second = try waitForOpening("c")
            #expect(first != second)

            let other = try Client(port: port)
            let otherKey = key.replacingOccurrences(of: first, with: second)
            other.declare(.token(1, ZenohKey(suffix: otherKey)))
            _ = try Self.describe(other)
            other.send(.close(isSession: false, reason: 0))
            _ = other.connection.rest()
            _ = try waitForOpening("d")
        }
    }

    /// Bytes that are no messages end their connection with a reason, and nobody else's.
    @Test(
        arguments: [
            [0, 0], [1, 0, 0x1F], [5, 0, 0xC1, 8, 0xF1, 1, 2], [4, 0, 0x25, 1, 0x1A, 1], [2, 0, 0x42, 0x0A],
        ] as [[UInt8]])
    func otherBytesAreRefused(bytes: [UInt8]) async throws {
        try await withLeRobotServer { port in
            let good = try Client(port: port)
            let bad = try RawConnection(port: port)
            bad.send(bytes)
            #expect(bad.rest() == [2, 0, 0x03, 0x02])
            #expect(try Self.describe(good).kind == .accepted)
        }
    }

    @Test func stepBackInNumbersIsRefused() async throws {
        try await withLeRobotServer { port in
            let client = try Client(port: port)
            client.send(.frame(isReliable: true, number: 6, []))
            guard case .close(_, 2)? = try client.next() else {
                Issue.record("the connection goes on")
                return
            }
        }
    }

    @Test func otherMachinesAreNotServed() {
        var configuration = LeRobotEnvironmentConfiguration(groups: [.init(suite: "t", taskCount: 1, stepLimit: 1)])
        configuration.host = "0.0.0.0"
        #expect(throws: ServingError.self) {
            try LeRobotEnvironmentServer(configuration: configuration) { _ in TableWorld() }
        }
    }
}
