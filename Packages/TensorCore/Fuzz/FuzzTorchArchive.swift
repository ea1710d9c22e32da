// Fuzzes PyTorch archives and the archives that hold pickled arrays.
// fixtures: golden/models/loader/*.pth golden/models/loader/*.bin data/samples/init_states/*.pruned_init
import TensorCore

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        [
            ("torch", storedZip([("m/data.pkl", sampleTorchPickle), ("m/data/0", [UInt8](repeating: 1, count: 24))])),
            ("array", storedZip([("m/data.pkl", sampleArrayPickle)])),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTorchArchive(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    readOrThrow { touch(try TorchArchive(bytes: bytes, name: "input", limits: fuzzLimits).root) }
    return 0
}
