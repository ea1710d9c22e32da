import Foundation
import FileSupport
import Testing

@testable import PolicyServing

/// Recorded Zenoh connections of `golden/serving`.
@Suite struct ZenohGoldenTests {
    static let cases = ServingCase.ofKind("session", protocols: ["zenoh"])

    /// Every batch lies where the fixture says and is what it says; fragments become messages, payloads envelopes.
    @Test(arguments: cases, ["client", "server"])
    func batchesAreRead(_ serving: ServingCase, _ side: String) throws {
        let (found, rest) = ZenohBatch.split(try serving.bytes("\(side).bin"))
        let expected = try #require(serving.json["batches"] as? [[String: Any]]).filter {
            $0["from"] as? String == side
        }
        #expect(found.count == expected.count && rest.isEmpty)
        var fragments = ZenohReassembler()
        var lastNumber: UInt64?
        for (bytes, batch) in zip(found, expected) {
            #expect(bytes.startIndex - 2 == batch["offset"] as? Int && bytes.count == batch["length"] as? Int)
            #expect(SHA256.hexadecimal(Array(bytes)) == batch["sha256"] as? String)
            var messages: [ZenohMessage] = []
            let (name, number): (String, UInt64?)
            switch try ZenohBatch(decoding: bytes) {
            case .initialize: (name, number) = ("init", nil)
            case .open: (name, number) = ("open", nil)
            case .close: (name, number) = ("close", nil)
            case .keepAlive: (name, number) = ("keepalive", nil)
            case .frame(_, let found, let all):
                (name, number, messages) = ("frame", found, all)
                if let first = batch["first_message"] as? String { #expect(all.first?.name == first) }
            case .fragment(_, let hasMore, let found, let slice):
                (name, number) = ("fragment", found)
                if let message = try fragments.append(slice, hasMore: hasMore) { messages = [message] }
            }
            #expect(name == batch["transport"] as? String)
            #expect(number == (batch["sn"] as? Int).map { UInt64($0) })
            if let number, let last = lastNumber, !bytes.starts(with: [0xA5]) { #expect(number >= last) }
            if !bytes.starts(with: [0xA5]), number != nil { lastNumber = number }
            for case .request(_, _, let payload) in messages { _ = try LeRobotEnvelope(decoding: payload) }
            for case .response(_, _, let payload) in messages { _ = try LeRobotEnvelope(decoding: payload) }
        }
    }

    /// What a server of the subset sends has no other form.
    @Test(arguments: cases)
    func subsetIsWrittenAsRead(_ serving: ServingCase) throws {
        let (batches, _) = ZenohBatch.split(try serving.bytes("server.bin"))
        // the genuine server acknowledges extensions
        guard let first = batches.first?.first, first & 0x80 == 0 else { return }
        for batch in batches { #expect(try ZenohBatch(decoding: batch).encoded() == Array(batch)) }
    }
}

extension ZenohMessage {
    var name: String {
        switch self {
        case .declare: "declare"
        case .request: "request"
        case .response, .errorResponse: "response"
        case .responseFinal: "response-final"
        case .push: "push"
        }
    }
}
