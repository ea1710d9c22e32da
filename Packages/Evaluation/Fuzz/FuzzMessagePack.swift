// Fuzzes MessagePack and the records of arrays and images in all four conventions: what is read has the same bytes when it is
// written and read again, and nothing in it can stop the program.
// modules: PolicyServing
// fixtures: golden/serving/*/frame.bin golden/serving/malformed/*.bin
import Foundation
import PolicyServing

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let array = NumericArray(floats: [1, 2, 3, .nan], shape: [2, 2])
        let value: WireValue = ["a": [1, -1, 2.5, "text", true], "b": .array(array), "c": .bytes([1, 2]), "d": .null]
        return ArrayConvention.allCases.prefix(3).map { ($0.rawValue, value.encoded($0)) }
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMessagePack(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    for convention in ArrayConvention.allCases {
        guard let value = try? WireValue(decoding: bytes, convention) else { continue }
        let written = value.encoded(convention)
        // depth and counts may pass their limits when records become arrays of other forms; then reading fails cleanly
        guard let again = try? WireValue(decoding: written, convention) else { continue }
        precondition(again.encoded(convention) == written)
        _ = (value.number, value.numbers, value.int, value.text, value.array?.firstNonFinite)
    }
    return 0
}
