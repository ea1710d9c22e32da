// Shared by the fuzz targets of this folder: limits, touching of results. Built by Scripts/fuzz.
import FileSupport
import TensorCore

/// Limits under which any input is handled in little time and memory. Checksums would keep inputs from the readers.
let fuzzLimits: FileLimits = {
    var limits = FileLimits()
    limits.expandedByteCount = 16 << 20
    limits.objectCount = 100_000
    limits.verifiesChecksums = false
    return limits
}()

/// Reads every element of a tensor, so that a wrong bound is seen.
func touch(_ tensor: Tensor) {
    switch tensor.dtype {
    case .float64: blackHole(tensor.elements(of: Double.self).last)
    case .float32: blackHole(tensor.elements(of: Float.self).last)
    case .float16: blackHole(tensor.elements(of: Float16Bits.self).last)
    case .bfloat16: blackHole(tensor.elements(of: BFloat16Bits.self).last)
    case .int64: blackHole(tensor.elements(of: Int64.self).last)
    case .int32: blackHole(tensor.elements(of: Int32.self).last)
    case .int16: blackHole(tensor.elements(of: Int16.self).last)
    case .int8: blackHole(tensor.elements(of: Int8.self).last)
    case .uint8: blackHole(tensor.elements(of: UInt8.self).last)
    case .bool: blackHole(tensor.elements(of: Bool.self).last)
    }
}

func touch(_ value: PickleValue) {
    if let tensor = value.tensor { touch(tensor) }
    for item in value.items ?? [] { touch(item) }
    for entry in value.dictionary ?? [] {
        touch(entry.key)
        touch(entry.value)
    }
}

/// Keeps the optimizer from leaving a read out.
@inline(never) func blackHole(_ value: Any?) {}

/// Runs a reader; what it throws must be a described ``SerializationError``.
func readOrThrow(_ body: () throws -> Void) {
    do {
        try body()
    } catch let error as SerializationError {
        precondition(!error.description.isEmpty)
    } catch {
        fatalError("not a SerializationError: \(error)")
    }
}

/// A zip archive of stored members, without checksums.
func storedZip(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var (bytes, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, content) in members {
        let shared =
            [UInt8](repeating: 0, count: 14) + little(content.count, 4) + little(content.count, 4)
            + little(name.utf8.count, 2) + [0, 0]
        directory += [0x50, 0x4B, 1, 2, 0, 0] + shared + [UInt8](repeating: 0, count: 10) + little(bytes.count, 4)
        directory += Array(name.utf8)
        bytes += [0x50, 0x4B, 3, 4] + shared + Array(name.utf8) + content
    }
    let end = [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + little(members.count, 2) + little(members.count, 2)
    return bytes + directory + end + little(directory.count, 4) + little(bytes.count, 4) + [0, 0]
}

/// Tensors of every type.
let sampleTensors: [(name: String, tensor: Tensor)] = DType.allCases.map { type in
    let storage = TensorStorage(borrowing: sampleBytes.bytes, owner: sampleBytes)
    return ("\(type)", Tensor(storage: storage, dtype: type, shape: [2, 3]))
}

private let sampleBytes = SampleBytes()

private final class SampleBytes: Sendable {
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer = {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 64)
        for index in memory.indices { memory[index] = UInt8(index % 2) }
        return UnsafeRawBufferPointer(memory)
    }()
}

/// A pickle of protocol 2: `{'w': <float32 tensor [2, 3] in storage '0'>, 'a': [1.5, None, (True,)]}`.
let sampleTorchPickle: [UInt8] = {
    func text(_ text: String) -> [UInt8] { [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8) }
    func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }
    let id: [UInt8] =
        ascii("((") + text("storage") + ascii("ctorch\nFloatStorage\n") + text("0") + text("cpu") + [0x4B, 6]
        + ascii("tQ")
    let tensor: [UInt8] =
        ascii("ctorch._utils\n_rebuild_tensor_v2\n") + id + [
            0x4B, 0, 0x4B, 2, 0x4B, 3, 0x86, 0x4B, 3, 0x4B, 1, 0x86, 0x89,
        ]
        + ascii("ccollections\nOrderedDict\n)RtR")
    let list: [UInt8] = ascii("](") + [0x47, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0] + ascii("N") + [0x88, 0x85] + ascii("e")
    return [0x80, 2] + ascii("}(") + text("w") + tensor + text("a") + list + ascii("u.")
}()

/// The pickle of a NumPy array, float64 `[1]`.
let sampleArrayPickle: [UInt8] = {
    let text = """
        cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\u{0}tX\u{1}\u{0}\u{0}\u{0}btR(K\u{1}(K\u{1}t\
        cnumpy\ndtype\n(X\u{2}\u{0}\u{0}\u{0}f8\u{1}\u{2}tR(K\u{3}X\u{1}\u{0}\u{0}\u{0}<NNNK\u{0}K\u{0}K\u{0}tb\
        \u{1}c_codecs\nencode\n(X\u{8}\u{0}\u{0}\u{0}abcdefghX\u{6}\u{0}\u{0}\u{0}latin1tRtb.
        """
    // 1 and 2 stand for False and True, where they are not counts
    var bytes = Array(text.utf8)
    for index in bytes.indices where index > 0 && bytes[index - 1] != 0x58 && bytes[index - 1] != 0x4B {
        if bytes[index] == 1 { bytes[index] = 0x89 }
        if bytes[index] == 2 { bytes[index] = 0x88 }
    }
    return [0x80, 2] + bytes
}()
