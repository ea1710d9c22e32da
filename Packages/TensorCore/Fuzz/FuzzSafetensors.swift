// Fuzzes safetensors headers and tensors.
// fixtures: golden/models/*/*.safetensors
import TensorCore

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        [("all", Safetensors.data(sampleTensors, metadata: ["format": "pt"])), ("empty", Safetensors.data([]))]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafetensors(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    readOrThrow {
        let bytes = UnsafeBufferPointer(start: data, count: count)
        let file = try SafetensorsFile(bytes: bytes, name: "input", limits: fuzzLimits)
        for name in file.names { readOrThrow { touch(try file.tensor(name)) } }
    }
    return 0
}
