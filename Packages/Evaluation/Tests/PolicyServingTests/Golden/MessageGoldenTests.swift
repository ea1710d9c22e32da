import Foundation
import FileSupport
import Testing

@testable import PolicyServing

/// Messages of `golden/serving`, made by the protocols' Python packages.
@Suite struct MessageGoldenTests {
    static let cases = ServingCase.ofKind("message")

    @Test(arguments: cases)
    func valuesAreThoseOfTheFixture(_ serving: ServingCase) throws {
        let plain = try MessagePackReader.value(of: serving.bytes("frame.bin"))
        #expect(difference(plain, from: serving.json["tree"]) == nil)
    }

    @Test(arguments: cases)
    func arraysAreDecoded(_ serving: ServingCase) throws {
        let root = try WireValue(decoding: serving.bytes("frame.bin"), serving.convention)
        let decoded = try #require(serving.json["decoded"] as? [[String: Any]])
        let top: WireValue =
            switch serving.protocolName {
            case "vla-eval", "xpolicylab": root.map?["payload"] ?? .null
            case "lerobot-wire": root.map?["body"] ?? .null
            default: root
            }
        for entry in decoded {
            let path = try #require(entry["path"] as? String)
            let value = try #require(
                PolicyServingTests.value(at: path, of: top) ?? PolicyServingTests.value(at: path, of: root), "\(path)")
            if let code = entry["array"] as? String {
                let array = try #require(value.array, "\(path)")
                #expect(array.type.code == code && array.shape == entry["shape"] as? [Int], "\(path)")
                if case .image(let image) = value, image.format == .jpeg {
                    // decoders may differ by 2
                    let first = try #require(entry["first"] as? [Int])
                    for (found, expected) in zip(array.bytes, first) {
                        #expect(abs(Int(found) - expected) <= 2, "\(path)")
                    }
                } else {
                    #expect(SHA256.hexadecimal(array.bytes) == entry["sha256"] as? String, "\(path)")
                }
            } else if let code = entry["scalar"] as? String {
                guard case .scalar(let scalar) = value else {
                    Issue.record("\(path) is no scalar")
                    continue
                }
                #expect(scalar.type.code == code, "\(path)")
                switch entry["value"] {
                case "nan" as String: #expect(value.number?.isNaN == true, "\(path)")
                case let number as NSNumber:
                    if let bool = value.bool {
                        #expect(bool == number.boolValue, "\(path)")
                    } else if case .unsigned(let large) = scalar.value {
                        #expect(large == number.uint64Value, "\(path)")
                    } else {
                        // JSONSerialization may miss the last bits of a decimal number
                        let expected = number.doubleValue
                        let found = try #require(value.number)
                        #expect(abs(found - expected) <= 4 * expected.magnitude.ulp, "\(path)")
                    }
                default: Issue.record("\(path) has no value")
                }
            }
        }
    }

    @Test(arguments: cases.filter { $0.json["reencode_identical"] as? Bool == true })
    func encodingAgainGivesTheSameBytes(_ serving: ServingCase) throws {
        let bytes = try serving.bytes("frame.bin")
        #expect(try WireValue(decoding: bytes, serving.convention).encoded(serving.convention) == bytes)
    }

    @Test(arguments: ServingCase.ofKind("message", protocols: ["vla-eval"]))
    func vlaEvalMessagesKeepTheirFields(_ serving: ServingCase) throws {
        let bytes = try serving.bytes("frame.bin")
        let message = try VLAEvalMessage(decoding: bytes)
        #expect(message.kind.rawValue == serving.json["type"] as? String)
        #expect(message.sequenceNumber == serving.json["seq"] as? Int)
        #expect(message.timestamp == serving.json["timestamp"] as? Double)
        if serving.json["reencode_identical"] as? Bool == true { #expect(message.encoded() == bytes) }
    }

    @Test(arguments: ServingCase.ofKind("message", protocols: ["lerobot-wire"]))
    func leRobotEnvelopesKeepTheirFields(_ serving: ServingCase) throws {
        let bytes = try serving.bytes("frame.bin")
        let envelope = try LeRobotEnvelope(decoding: bytes)
        #expect(envelope.kind.rawValue == serving.json["message_type"] as? String)
        if serving.json["reencode_identical"] as? Bool == true { #expect(envelope.encoded() == bytes) }
    }

    @Test(arguments: ServingCase.ofKind("message", protocols: ["xpolicylab"]))
    func xPolicyLabMessagesKeepTheirFields(_ serving: ServingCase) throws {
        let bytes = try serving.bytes("frame.bin")
        let message = try XPolicyLabMessage(decoding: bytes)
        #expect(message.fields["message_type"] == .text(message.kind.rawValue))
        if serving.json["reencode_identical"] as? Bool == true { #expect(message.encoded() == bytes) }
    }

    @Test(arguments: ServingCase.ofKind("message", protocols: ["openpi"]))
    func openPIMessagesKeepTheirFields(_ serving: ServingCase) throws {
        let bytes = try serving.bytes("frame.bin")
        let root = try #require(try WireValue(decoding: bytes, .openPI).map)
        if serving.json["direction"] as? String == "server" {
            guard let actions = root["actions"]?.array else {
                #expect(try OpenPIMetadata(decoding: bytes).encoded() == bytes)
                return
            }
            let reply = try OpenPIAction(decoding: bytes)
            #expect([reply.actions.horizon, reply.actions.dimensionCount] == actions.shape)
            #expect(reply.encoded() == bytes)
        } else if root[OpenPIObservation.stateKey] != nil {
            let observation = try OpenPIObservation(decoding: bytes)
            #expect(observation.encoded() == bytes)
            #expect(try observation.state == root[OpenPIObservation.stateKey]?.numbers)
            if let prompt = root["prompt"]?.text {
                #expect(try observation.prompt()?.utf8.elementsEqual(prompt.utf8) == true)
            }
        }
    }

    @Test(arguments: MalformedRow.of(["openpi", "vla-eval"]))
    func malformedMessagesAreRefused(_ row: MalformedRow) throws {
        guard row.name != "openpi/text-frame" else { return }  // the frame's type is wrong, not its bytes
        let bytes = try #require(try row.bytes())
        let category: WireError.Category?
        do {
            if row.protocolName == "openpi" {
                _ = try OpenPIObservation(decoding: bytes)
            } else {
                _ = try VLAEvalMessage(decoding: bytes)
            }
            category = nil
        } catch let error as WireError {
            category = error.category
        } catch let error as VLAEvalDecodingError {
            category = error.error.category
        }
        #expect(row.expected.contains(category?.rawValue ?? "accepted"))
    }

    @Test(arguments: MalformedRow.of(["lerobot-wire"]))
    func malformedEnvelopesAreRefused(_ row: MalformedRow) throws {
        let bytes = try #require(try row.bytes())
        let error = #expect(throws: LeRobotError.self) { try LeRobotEnvelope(decoding: bytes) }
        #expect(row.expected.contains(error?.code.rawValue ?? ""))
    }
}
