// Fuzzes Zenoh's batches and fragments: what is read and written again is read as the same.
// modules: PolicyServing
// fixtures: golden/serving/zenoh-*/client.bin golden/serving/zenoh-env-subset/server.bin
import Foundation
import PolicyServing

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let key = ZenohKey(suffix: "lerobot/env/v1")
        let frame = ZenohBatch.frame(
            isReliable: true, number: 1,
            [
                .declare(interest: nil, .queryable(1, key, isComplete: true)),
                .request(id: 1, key, payload: [1, 2, 3]), .response(id: 1, key, payload: [4]), .responseFinal(id: 1),
            ]
        ).encoded()
        return [("frame", [UInt8(frame.count), 0] + frame)]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBatches(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var fragments = ZenohReassembler()
    for bytes in ZenohBatch.split(Array(UnsafeBufferPointer(start: data, count: count))).batches {
        guard let batch = try? ZenohBatch(decoding: bytes) else { continue }
        if case .fragment(_, let hasMore, _, let slice) = batch { _ = try? fragments.append(slice, hasMore: hasMore) }
        let written = batch.encoded()
        guard let again = try? ZenohBatch(decoding: written[...]) else { continue }
        precondition(again.encoded() == written)
    }
    return 0
}
