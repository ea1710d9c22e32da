import Foundation
import NIOCore
import NIOWebSocket
import FileSupport
import Testing

@testable import PolicyServing

/// Connections of `golden/serving`: recorded frames, refused ones, and plain HTTP.
@Suite struct ConnectionGoldenTests {
    static let sessions = ServingCase.ofKind("session", protocols: ["openpi", "vla-eval", "xpolicylab"])

    /// Frames of both sides are read as recorded, whatever the pieces in which they arrive.
    @Test(arguments: sessions, ["client", "server"])
    func recordedFramesAreRead(_ serving: ServingCase, _ side: String) throws {
        let bytes = try serving.bytes("\(side).bin")
        let expected = try #require(serving.json["frames"] as? [[String: Any]]).filter { $0["from"] as? String == side }
        guard let start = expected.first?["offset"] as? Int else { return }
        for pieceSize in [1 << 20, 1_000, 7] where pieceSize > 100 || bytes.count < 40_000 {
            var assembler = WebSocketMessageAssembler(
                expectsMask: side == "client", limit: ServingLimits.standard.messageSize)
            let events = try FrameReader.frames(of: Array(bytes[start...]), pieceSize: pieceSize).compactMap {
                try assembler.receive($0)
            }
            #expect(events.count == expected.count)
            for (event, frame) in zip(events, expected) {
                let (opcode, payload): (Int, [UInt8])
                switch event {
                case .message(let bytes, let isText):
                    (opcode, payload) = (isText ? 1 : 2, bytes)
                    if let text = frame["text"] as? String { #expect(text == String(decoding: bytes, as: UTF8.self)) }
                    if let keys = frame["tree_keys"] as? [String] {
                        #expect(try MessagePackReader.value(of: bytes).map?.textKeys == keys)
                    }
                case .ping(let bytes): (opcode, payload) = (9, bytes)
                case .pong(let bytes): (opcode, payload) = (10, bytes)
                case .close(let code, let reason):
                    #expect(code.map(Int.init) == frame["close_code"] as? Int && reason == frame["reason"] as? String)
                    continue
                }
                #expect(opcode == frame["opcode"] as? Int && payload.count == frame["length"] as? Int)
                #expect(SHA256.hexadecimal(payload) == frame["sha256"] as? String)
            }
        }
    }

    /// The recorded client's bytes, head included, sent to our server, get an answer of the recorded kind each.
    @Test(arguments: sessions)
    func recordedClientsAreServed(_ serving: ServingCase) async throws {
        let isEval = serving.protocolName == "vla-eval"
        let bytes = try serving.bytes("client.bin")
        let frames = try #require(serving.json["frames"] as? [[String: Any]])
        let answerCount = frames.filter { $0["from"] as? String == "server" && $0["opcode"] as? Int != 8 }.count
        try await withServer(isEval ? .vlaEval : .openPI, policy: AnyStatePolicy()) {
            $0.apiKey = nil
            $0.defaultInstruction = ""
        } body: { port in
            let connection = try RawConnection(port: port)
            // as a client does: the next request after the answer to the last, here in one go up to the limits
            connection.send(bytes)
            #expect(connection.head()?.hasPrefix("HTTP/1.1 101") == true)
            for _ in 0..<answerCount {
                let frame = connection.message()
                // a policy of ours takes what the recorded one failed at, or fails at it in its own words
                #expect(frame != nil && [1, 2, 10].contains(frame?.opcode ?? 0))
            }
        }
    }

    @Test(arguments: MalformedRow.of(["websocket"]))
    func violationsCloseTheConnection(_ row: MalformedRow) async throws {
        let bytes = try row.bytes()
        try await withServer(.openPI) { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            #expect(connection.message()?.opcode == 2)
            if let bytes {
                connection.send(bytes)
            } else {
                // fragments of 1 MiB until the limit is passed
                let piece = [UInt8](repeating: 0, count: 1 << 20)
                let first = RawConnection.frameBytes(2, piece, isFinal: false)
                let next = RawConnection.frameBytes(0, piece, isFinal: false)
                var isSent = connection.send(first)
                for _ in 0..<40 where isSent { isSent = connection.send(next) }
            }
            let close = connection.message()
            #expect(row.expected.contains("\(close?.closeCode ?? 0)"), "\(close.map { "\($0)" } ?? "closed")")
            #expect(connection.frame() == nil)
        }
    }

    @Test(arguments: MalformedRow.of(["http"]))
    func wrongRequestsAreRefused(_ row: MalformedRow) async throws {
        let bytes = try #require(try row.bytes())
        try await withServer(.openPI) { port in
            let connection = try RawConnection(port: port)
            connection.send(bytes)
            let head = connection.head()
            let status = head?.split(separator: " ").dropFirst().first.map(String.init) ?? "close"
            #expect(row.expected.contains(status), "\(head ?? "closed")")
        }
    }

    @Test(arguments: MalformedRow.of(["openpi"]))
    func openPIErrorsAreTextsBeforeTheEnd(_ row: MalformedRow) async throws {
        let bytes = try #require(try row.bytes())
        try await withServer(.openPI, policy: EchoPolicy(hasImages: false)) {
            $0.defaultInstruction = ""
        } body: { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            _ = connection.message()
            connection.sendFrame(row.name == "openpi/text-frame" ? 1 : 2, bytes)
            let answer = connection.message()
            #expect(answer?.opcode == 1)
            #expect(
                row.expected.contains(WireError(text: answer?.text ?? "")?.category.rawValue ?? ""),
                "\(answer?.text ?? "")")
            #expect(connection.message()?.closeCode == 1011)
        }
    }

    @Test(arguments: MalformedRow.of(["vla-eval"]))
    func vlaEvalErrorsLeaveTheConnectionOpen(_ row: MalformedRow) async throws {
        let bytes = try #require(try row.bytes())
        try await withServer(.vlaEval, policy: EchoPolicy(hasImages: false)) { port in
            let connection = try RawConnection(port: port)
            _ = connection.upgrade()
            connection.sendFrame(2, bytes)
            let answer = try VLAEvalMessage(decoding: #require(connection.message()).payload)
            #expect(answer.kind == .error)
            let text = answer.payload["error"]?.text ?? ""
            #expect(row.expected.contains(WireError(text: text)?.category.rawValue ?? ""), "\(text)")
            let hello = VLAEvalMessage(.hello, WireMap(), sequenceNumber: 9, timestamp: 0)
            connection.sendFrame(2, hello.encoded())
            #expect(try VLAEvalMessage(decoding: #require(connection.message()).payload).sequenceNumber == 9)
        }
    }

    @Test(arguments: ServingCase.ofKind("http"))
    func plainRequestsAreAnswered(_ serving: ServingCase) async throws {
        var requests: [(bytes: [UInt8], status: String, body: String, type: String)] = []
        if let rows = serving.json["requests"] as? [[String: Any]] {
            for row in rows {
                let path = try #require(row["path"] as? String)
                requests.append(
                    (
                        Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8), row["status"] as? String ?? "",
                        row["body"] as? String ?? "", (row["content_type"] as? [String])?.first ?? ""
                    ))
            }
        } else {
            let head = try #require(serving.json["head"] as? [String])
            let response = String(decoding: try serving.bytes("response.bin"), as: UTF8.self)
            requests.append(
                (
                    try serving.bytes("request.bin"), head[0],
                    String(response.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")),
                    head.first { $0.hasPrefix("Content-Type") } ?? ""
                ))
        }
        let all = requests
        try await withServer(serving.protocolName == "vla-eval" ? .vlaEval : .openPI) { port in
            for request in all {
                let connection = try RawConnection(port: port)
                connection.send(request.bytes)
                let head = try #require(connection.head())
                let body = String(decoding: connection.rest(), as: UTF8.self)
                let line = String(decoding: request.bytes, as: UTF8.self).prefix { $0 != "\r\n" }
                if line.contains("/config?") {
                    // settings are read-only here
                    #expect(head.hasPrefix("HTTP/1.1 422") && body.contains("errors"), "\(line)")
                } else {
                    #expect(head.hasPrefix(request.status) && body == request.body, "\(line)")
                    #expect(head.lowercased().contains(request.type.lowercased()), "\(line)")
                }
            }
        }
    }
}
