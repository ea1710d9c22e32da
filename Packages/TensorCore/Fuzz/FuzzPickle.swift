// Fuzzes the pickle reader: by itself, and as the pickle of a PyTorch archive with one storage of six floats.
import TensorCore

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds { [("torch", sampleTorchPickle), ("array", sampleArrayPickle)] }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPickle(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    readOrThrow { touch(try RestrictedPickle.read(bytes: bytes, name: "input", limits: fuzzLimits)) }
    let archive = storedZip([("m/data.pkl", Array(bytes)), ("m/data/0", [UInt8](repeating: 1, count: 24))])
    readOrThrow { touch(try TorchArchive(bytes: archive, name: "input", limits: fuzzLimits).root) }
    return 0
}
