// Fuzzes .npy and .npz files, and the zip archives and deflate streams below them.
// fixtures: golden/*/*/*.npz data/samples/*/*.npz
import TensorCore

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let tensors = sampleTensors.filter { $0.tensor.dtype != .bfloat16 }
        let arrays = try tensors.map { ("npy-" + $0.name, try NumPyArray.data($0.tensor)) }
        return arrays + [
            ("npz", try NumPyArchive.data(tensors)), ("deflated", try NumPyArchive.data(tensors, deflated: true)),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNumPy(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    readOrThrow { touch(try NumPyArray.read(bytes: bytes, name: "input", limits: fuzzLimits)) }
    readOrThrow {
        let archive = try NumPyArchive(bytes: bytes, name: "input", limits: fuzzLimits)
        for name in archive.names { readOrThrow { touch(try archive.tensor(name)) } }
    }
    return 0
}
