import RobotInterface
import Foundation
import ImageProcessing
import Testing

@testable import PolicyServing

/// A server and its clients on loopback.
@Suite struct PolicyServerTests {
    static let state: [Double] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.04, -0.04]

    private static func openPIObservation(size: Int = EchoPolicy.size, state: [Double]? = state) -> [UInt8] {
        let image = NumericArray(RGBImage(width: size, height: size, color: SIMD3(1, 2, 3)))
        var fields = WireMap([
            (.text(OpenPIObservation.imageKey), .array(image)),
            (.text(OpenPIObservation.wristImageKey), .array(image)), (.text("prompt"), "pick up the soup"),
        ])
        if let state { fields[OpenPIObservation.stateKey] = .array(NumericArray(doubles: state, shape: [state.count])) }
        return OpenPIObservation(fields).encoded()
    }

    private static func evalObservation(_ number: Int) -> [UInt8] {
        let image = EncodedImage(png: RGBImage(width: EchoPolicy.size, height: EchoPolicy.size))
        let payload = WireMap([
            (.text("images"), ["agentview": .image(image), "wrist": .image(image)]),
            (.text("task_description"), "pick up the soup"),
            (.text("states"), .array(NumericArray(doubles: state.map { $0 + Double(number) }, shape: [8]))),
        ])
        return VLAEvalMessage(.observation, payload, sequenceNumber: number, timestamp: 1).encoded()
    }

    @Test func openPIClientGetsChunks() async throws {
        try await withServer(.openPI) { port in
            let connection = try RawConnection(port: port)
            #expect(connection.upgrade()?.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == true)
            let metadata = try OpenPIMetadata(decoding: #require(connection.message()).payload)
            #expect(metadata.fields["action_dim"]?.int == 7)
            for round in 0..<3 {
                connection.sendFrame(2, Self.openPIObservation())
                let reply = try OpenPIAction(decoding: #require(connection.message()).payload)
                #expect(reply.actions[0] == Array(Self.state.prefix(7)) && reply.actions.horizon == 4)
                let timing = try #require(reply.fields["server_timing"]?.map)
                #expect(timing["infer_ms"] != nil && (timing["prev_total_ms"] != nil) == (round > 0))
            }
            connection.sendFrame(8, [0x03, 0xE8])
            #expect(connection.message()?.closeCode == 1000)
            #expect(connection.frame() == nil)
        }
    }

    @Test func imageOfAnotherSizeIsAnsweredWithTheDifference() async throws {
        try await withServer(.openPI) { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            _ = connection.message()
            connection.sendFrame(2, Self.openPIObservation(size: 20))
            let text = try #require(connection.message()).text
            #expect(text.hasPrefix("image.size: ") && text.contains("cameras.agentview.width: found 20, expected 16"))
            #expect(connection.message()?.closeCode == 1011)
        }
    }

    @Test func imageOfAnotherSizeIsResizedOnRequest() async throws {
        try await withServer(.openPI) {
            $0.resizesImages = true
        } body: { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            let metadata = try OpenPIMetadata(decoding: #require(connection.message()).payload)
            #expect(metadata.fields["vla"]?.map?["resizes_images"]?.bool == true)
            connection.sendFrame(2, Self.openPIObservation(size: 20))
            _ = try OpenPIAction(decoding: #require(connection.message()).payload)
        }
    }

    @Test func missingStateIsNamed() async throws {
        try await withServer(.openPI) { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            _ = connection.message()
            connection.sendFrame(2, Self.openPIObservation(state: nil))
            #expect(connection.message()?.text.hasPrefix("schema.missing: ") == true)
        }
    }

    @Test func pickleIsRefusedWithAPointer() async throws {
        // pickle.dumps([1]), protocol 2
        let pickle: [UInt8] = [0x80, 0x02, 0x5D, 0x71, 0x00, 0x4B, 0x01, 0x61, 0x2E]
        try await withServer(.openPI) { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            _ = connection.message()
            connection.sendFrame(2, pickle)
            let text = try #require(connection.message()).text
            #expect(text.hasPrefix("malformed.") && text.contains("pickle"))
        }
    }

    /// gRPC's preface, a call, and the headers that end it.
    @Test func gRPCClientIsToldWhatIsServed() async throws {
        try await withServer(.openPI) { port in
            let connection = try RawConnection(port: port)
            connection.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0])
            connection.send([0, 0, 1, 1, 5, 0, 0, 0, 1, 0x82])
            let answer = connection.rest()
            #expect(answer.starts(with: [0, 0, 0, 4, 0, 0, 0, 0, 0]))
            let text = String(decoding: answer, as: UTF8.self)
            #expect(text.contains("grpc-status") && text.contains("pickles") && text.contains("openpi"))
        }
    }

    @Test func keyIsAskedFor() async throws {
        try await withServer(.openPI) {
            $0.apiKey = "s3cr3t-key"
        } body: { port in
            for (headers, status) in [
                ([], "401"), (["Authorization: Api-Key s3cr3t-kez"], "401"), (["Authorization: Api-Key s3cr3t"], "401"),
                (["Authorization: Api-Key s3cr3t-key"], "101"), (["Authorization: Bearer s3cr3t-key"], "101"),
            ] {
                let connection = try RawConnection(port: port)
                #expect(connection.upgrade(headers: headers)?.contains(" \(status) ") == true, "\(headers)")
            }
            let health = try RawConnection(port: port)
            health.send(Array("GET /healthz HTTP/1.1\r\n\r\n".utf8))
            #expect(health.head()?.contains(" 200 ") == true)
        }
    }

    @Test func otherMachinesNeedAKey() {
        var configuration = PolicyServerConfiguration(.openPI)
        configuration.host = "0.0.0.0"
        #expect(throws: ServingError.self) { try PolicyServer(policy: EchoPolicy(), configuration: configuration) }
    }

    @Test func tooManyConnectionsAreRefused() async throws {
        try await withServer(.openPI) {
            $0.limits.connectionCount = 2
        } body: { port in
            let first = try RawConnection(port: port)
            let second = try RawConnection(port: port)
            #expect(first.upgrade()?.contains(" 101 ") == true && second.upgrade()?.contains(" 101 ") == true)
            let third = try RawConnection(port: port)
            #expect(third.upgrade()?.contains(" 503 ") == true)
        }
    }

    @Test func pingIsAnsweredWhileThePolicyThinks() async throws {
        let gate = EchoPolicy.Gate()
        try await withServer(.openPI, policy: EchoPolicy(gate: gate)) { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            _ = connection.message()
            connection.sendFrame(2, Self.openPIObservation())
            connection.sendFrame(9, [1, 2, 3, 4])
            #expect(connection.frame() == RawConnection.Frame(opcode: 10, payload: [1, 2, 3, 4]))
            gate.open()
            #expect(connection.message()?.opcode == 2)
        }
    }

    @Test func waitingTooLongIsAnsweredBusy() async throws {
        let gate = EchoPolicy.Gate()
        try await withServer(.vlaEval, policy: EchoPolicy(gate: gate)) {
            $0.limits.queueWait = .milliseconds(100)
        } body: { port in
            let first = try RawConnection(port: port)
            let second = try RawConnection(port: port)
            _ = first.upgrade()
            _ = second.upgrade()
            first.sendFrame(2, Self.evalObservation(1))
            while !Self.metrics(port).contains("vla_serving_queue_depth 1") {}
            second.sendFrame(2, Self.evalObservation(1))
            let busy = try VLAEvalMessage(decoding: #require(second.message()).payload)
            #expect(busy.kind == .error && busy.payload["error"]?.text?.hasPrefix("busy: ") == true)
            gate.open()
            #expect(try VLAEvalMessage(decoding: #require(first.message()).payload).kind == .action)
        }
    }

    private static func metrics(_ port: Int) -> String {
        guard let connection = try? RawConnection(port: port) else { return "" }
        connection.send(Array("GET /metrics HTTP/1.1\r\n\r\n".utf8))
        return String(decoding: connection.rest(), as: UTF8.self)
    }

    @Test func chunksAreSentRowByRow() async throws {
        try await withServer(.vlaEval) {
            $0.replanInterval = 3
        } body: { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            func ask(_ number: Int) throws -> Double? {
                connection.sendFrame(2, Self.evalObservation(number))
                let answer = try VLAEvalMessage(decoding: #require(connection.message()).payload)
                #expect(answer.kind == .action && answer.sequenceNumber == number)
                return answer.payload["actions"]?.numbers?.first
            }
            // rows 0, 1 and 2 of the first observation's chunk, then a new one
            #expect(try (10...13).map(ask) == [10.1, 11.1, 12.1, 13.1])
            // an episode's start drops what is left
            let start = VLAEvalMessage(
                .episodeStart, WireMap([(.text("task"), ["name": "soup"])]), sequenceNumber: 1, timestamp: 1)
            connection.sendFrame(2, start.encoded())
            #expect(try ask(20) == 20.1)
        }
    }

    @Test func pipelinedObservationsAreAnsweredInOrder() async throws {
        try await withServer(.vlaEval) {
            $0.replanInterval = 1
        } body: { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            for number in 1...12 { connection.sendFrame(2, Self.evalObservation(number)) }
            for number in 1...12 {
                let answer = try VLAEvalMessage(decoding: #require(connection.message()).payload)
                #expect(answer.sequenceNumber == number)
            }
        }
    }

    @Test func runningRequestIsAnsweredBeforeTheEnd() async throws {
        let gate = EchoPolicy.Gate()
        var configuration = PolicyServerConfiguration(.openPI)
        configuration.port = 0
        let server = try PolicyServer(
            policy: EchoPolicy(gate: gate), configuration: configuration, logger: quietLogger)
        let connection = try await whileRunning({ try await server.run(onListening: $0) }) { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            _ = connection.message()
            connection.sendFrame(2, Self.openPIObservation())
            // the policy has the request when its answer to a ping is here
            while !Self.metrics(port).contains("vla_serving_queue_depth 1") {}
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: 0.2)
                gate.open()
            }
            return Sending(connection)
        }.value
        #expect(connection.message()?.opcode == 2)
        #expect(connection.message()?.closeCode == 1001)
    }

    /// A client that takes no answers does not keep others from theirs, and is closed.
    @Test func clientThatDoesNotReadIsClosed() async throws {
        try await withServer(.openPI, policy: EchoPolicy(hasImages: false, horizon: 4_000)) {
            $0.limits.writeTimeout = .milliseconds(400)
            $0.limits.writeBufferSize = 65_536
        } body: { port in
            let deaf = try RawConnection(port: port)
            _ = deaf.upgrade()
            let thread = Sending(deaf)
            Thread.detachNewThread {
                // each answer has 224 kB
                for _ in 0..<400 where thread.value.sendFrame(2, Self.openPIObservation()) {}
            }
            let other = try RawConnection(port: port)
            _ = other.upgrade()
            _ = other.message()
            for _ in 0..<5 {
                other.sendFrame(2, Self.openPIObservation())
                #expect(other.message()?.opcode == 2)
            }
            while !Self.metrics(port).contains("vla_serving_connections 2\n") { Thread.sleep(forTimeInterval: 0.05) }
        }
    }

    @Test func halfAMessageIsNotWaitedForForever() async throws {
        try await withServer(.openPI) {
            $0.limits.messageTimeout = .milliseconds(200)
        } body: { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            _ = connection.message()
            connection.send(Array(RawConnection.frameBytes(2, Self.openPIObservation()).prefix(100)))
            #expect(connection.message()?.closeCode == 1008)
        }
    }

    @Test func silentHandshakeIsClosed() async throws {
        try await withServer(.openPI) {
            $0.limits.handshakeTimeout = .milliseconds(200)
        } body: { port in
            let connection = try RawConnection(port: port)
            connection.send(Array("GET / HT".utf8))
            #expect(connection.rest().isEmpty)
        }
    }

    @Test func peerThatAnswersNoPingIsClosed() async throws {
        try await withServer(.openPI) {
            $0.limits.pingInterval = .milliseconds(100)
            $0.limits.silenceTimeout = .milliseconds(400)
        } body: { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            var last: RawConnection.Frame?
            while let frame = connection.frame() { last = frame }
            #expect(last?.closeCode == 1011)
        }
    }

    @Test func jsonOverHTTPIsServed() async throws {
        try await withServer(.http) { port in
            func post(_ json: String) throws -> String {
                let connection = try RawConnection(port: port)
                connection.send(
                    Array(
                        "POST /v1/act HTTP/1.1\r\nHost: x\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)".utf8))
                return String(decoding: connection.rest(), as: UTF8.self)
            }
            let png = Data(PNG.encode(RGBImage(width: EchoPolicy.size, height: EchoPolicy.size))).base64EncodedString()
            let images = "\"images\": {\"agentview\": \"\(png)\", \"eye_in_hand\": \"\(png)\"}"
            let answer = try post("{\(images), \"state\": \(Self.state), \"instruction\": \"pick\"}")
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("\"actions\":[[0.1,"), "\(answer)")
            #expect(try post("{\(images), \"instruction\": \"pick\"}").contains("schema.missing: "))
            #expect(try post("{").contains("schema.type: "))
        }
    }

    @Test func xPolicyLabClientGetsActions() async throws {
        try await withServer(.xPolicyLab, policy: EchoPolicy(hasImages: false)) { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            let pose: [Float] = [0.1, 0.2, 0.3, 1, 0, 0, 0]
            let request = WireMap([
                (.text("message_type"), "infer"), (.text("message_id"), "m"), (.text("evaluation_id"), "e"),
                (
                    .text("payload"),
                    [
                        "observation": [
                            "state": [
                                "ee_pose": .array(NumericArray(floats: pose, shape: [7])),
                                "ee_joint_state": .array(NumericArray(floats: [0.04], shape: [1])),
                            ], "instruction": "pick",
                        ]
                    ]
                ),
            ])
            connection.sendFrame(2, WireValue.map(request).encoded(.msgpackNumPy))
            let answer = try XPolicyLabMessage(decoding: #require(connection.message()).payload)
            #expect(answer.kind == .inferResult && answer.fields["message_id"] == "m")
            #expect(answer.payload["actions"]?.list?.count == 4)
            connection.sendFrame(2, WireValue.map(WireMap([(.text("message_type"), "infer")])).encoded(.msgpackNumPy))
            let error = try XPolicyLabMessage(decoding: #require(connection.message()).payload)
            #expect(error.payload["code"] == "invalid_frame")
        }
    }
}

/// Hands a connection to another thread, which then is the only one that uses it.
struct Sending<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
