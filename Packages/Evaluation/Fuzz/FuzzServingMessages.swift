// Fuzzes the messages of each serving protocol; the first byte chooses the type.
// modules: PolicyServing
// fixtures: golden/serving/*/frame.bin
import Foundation
import PolicyServing

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let state = WireValue.array(NumericArray(doubles: [Double](repeating: 0.5, count: 8), shape: [8]))
        let image = WireValue.array(NumericArray(NumPyType(.uint8), shape: [3, 2, 2], bytes: [UInt8](0..<12)))
        let openPI = OpenPIObservation(
            WireMap([
                (.text("observation/state"), state), (.text("observation/image"), image), (.text("prompt"), "pick"),
            ])
        ).encoded()
        let payload: WireMap = WireMap([
            (.text("images"), ["agentview": image]), (.text("states"), state), (.text("task_description"), "pick"),
        ])
        let eval = VLAEvalMessage(.observation, payload, sequenceNumber: 1, timestamp: 2).encoded()
        let envelope = LeRobotEnvelope(
            .control, instanceID: "i", sessionID: "s", generation: 0, requestID: "r",
            body: WireMap([(.text("actions"), state)]))
        return [
            ("openpi", [0] + openPI), ("eval", [1] + eval), ("lerobot", [3] + envelope.encoded()),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMessages(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let all = Array(UnsafeBufferPointer(start: data, count: count))
    guard let kind = all.first else { return 0 }
    let bytes = Array(all.dropFirst())
    switch kind % 5 {
    case 0:
        guard let observation = try? OpenPIObservation(decoding: bytes, requiring: []) else { return 0 }
        _ = (try? observation.image(OpenPIObservation.imageKey), try? observation.state, try? observation.prompt())
        precondition((try? OpenPIObservation(decoding: observation.encoded(), requiring: [])) != nil)
    case 1:
        guard let message = try? VLAEvalMessage(decoding: bytes) else { return 0 }
        _ = try? VLAEvalObservation(message.payload)
        _ = message.encoded()
    case 2:
        guard let message = try? XPolicyLabMessage(decoding: bytes) else { return 0 }
        _ = message.encoded()
    case 3:
        guard let envelope = try? LeRobotEnvelope(decoding: bytes) else { return 0 }
        precondition((try? LeRobotEnvelope(decoding: envelope.encoded())) != nil)
    default:
        guard let action = try? OpenPIAction(decoding: bytes) else { return 0 }
        precondition(action.actions.values.allSatisfy(\.isFinite))
    }
    return 0
}
