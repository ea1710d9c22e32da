import FileSupport
import Foundation
import Testing

@testable import TensorCore

/// Small valid files, and ways to look at results.
enum SampleFiles {
    static let shapes: [Shape] = [[], [0], [1], [5], [2, 3], [3, 0, 2], [2, 1, 3]]

    /// A tensor whose bytes are 0, 1, 2, … ; booleans alternate.
    static func tensor(_ dtype: DType, _ shape: Shape) -> Tensor {
        let tensor = Tensor.uninitialized(shape, dtype: dtype)
        let bytes = tensor.storage.mutableBytes
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: dtype == .bool ? index % 2 : index) }
        return tensor
    }

    /// All types and shapes, by name.
    static func tensors(of types: [DType] = DType.allCases) -> [(name: String, tensor: Tensor)] {
        types.flatMap { type in
            shapes.map { ("\(type).\($0.sizes.map(String.init).joined(separator: "x"))", tensor(type, $0)) }
        }
    }

    /// The types that NumPy has.
    static let numPyTypes = DType.allCases.filter { $0 != .bfloat16 }

    static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("serialization-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    /// A zip archive of members with their content.
    static func zip(_ members: [(name: String, content: [UInt8])], deflated: Bool = false) throws -> [UInt8] {
        try AtomicFile.bytes { sink in
            var writer = ZipWriter(place: FilePlace(file: "sample"))
            for (name, content) in members {
                try content.withUnsafeBytes { try writer.add(name, [$0], deflated: deflated, to: sink) }
            }
            try writer.finish(to: sink)
        }
    }

    /// A safetensors file with any header.
    static func safetensors(header: String, dataByteCount: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt64(header.utf8.count))
        return bytes + Array(header.utf8) + [UInt8](repeating: 0, count: dataByteCount)
    }

    /// A `.npy` file of version 1 with any header.
    static func numPy(header: String, dataByteCount: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        bytes.append(littleEndian: UInt16(header.utf8.count))
        return bytes + Array(header.utf8) + [UInt8](repeating: 0, count: dataByteCount)
    }

    /// A file of `torch.save`: `{'weight': float32 [2, 3] stored transposed, 'flags': bool [2], 'epoch': 7}`.
    static func torch(deflated: Bool = false) throws -> [UInt8] {
        let pickle = Pickle.dictionary([
            (
                Pickle.text("weight"),
                Pickle.torchTensor("FloatStorage", key: "0", count: 6, sizes: [2, 3], strides: [1, 2])
            ),
            (Pickle.text("flags"), Pickle.torchTensor("BoolStorage", key: "1", count: 2, sizes: [2], strides: [1])),
            (Pickle.text("epoch"), Pickle.integer(7)),
        ])
        return try zip(
            [
                ("sample/data.pkl", Pickle.file(pickle)), ("sample/byteorder", Array("little".utf8)),
                ("sample/data/0", tensor(.float32, [6]).withRowMajorBytes { Array($0) }),
                ("sample/data/1", [1, 0]), ("sample/version", Array("3\n".utf8)),
            ], deflated: deflated)
    }

    /// A `.pruned_init` file: a float64 array `[2, 2]` as NumPy pickles it with protocol 2.
    static func prunedInitialStates() throws -> [UInt8] {
        try zip([("archive/data.pkl", Pickle.file(Pickle.array())), ("archive/version", Array("3\n".utf8))])
    }

    /// A valid file of each format that is read here.
    static func oneOfEach() throws -> [(format: String, bytes: [UInt8])] {
        let small = tensors().filter { $0.tensor.elementCount < 4 }
        let arrays = small.filter { numPyTypes.contains($0.tensor.dtype) }
        return [
            ("safetensors", Safetensors.data(small, metadata: ["format": "pt"])),
            ("npy", try NumPyArray.data(tensor(.float32, [2, 3]))),
            ("npz", try NumPyArchive.data(arrays.suffix(6))),
            ("deflated npz", try NumPyArchive.data(arrays.suffix(6), deflated: true)),
            ("torch", try torch()),
            ("deflated torch", try torch(deflated: true)),
            ("pruned_init", try prunedInitialStates()),
            ("pickle", Pickle.file(Pickle.array())),
        ]
    }
}

/// Assembles pickles of protocol 2.
enum Pickle {
    static func file(_ body: [UInt8]) -> [UInt8] { [0x80, 2] + body + Array(".".utf8) }

    static func text(_ text: String) -> [UInt8] {
        var bytes = Array("X".utf8)
        bytes.append(littleEndian: UInt32(text.utf8.count))
        return bytes + Array(text.utf8)
    }

    static func integer(_ value: Int32) -> [UInt8] {
        var bytes = Array("J".utf8)
        bytes.append(littleEndian: value)
        return bytes
    }

    static func tuple(_ items: [[UInt8]]) -> [UInt8] { Array("(".utf8) + items.joined() + Array("t".utf8) }

    static func dictionary(_ entries: [([UInt8], [UInt8])]) -> [UInt8] {
        Array("}(".utf8) + entries.flatMap { $0.0 + $0.1 } + Array("u".utf8)
    }

    static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

    static func call(_ callee: [UInt8], _ arguments: [[UInt8]]) -> [UInt8] {
        callee + tuple(arguments) + Array("R".utf8)
    }

    static let none = Array("N".utf8)
    static let no: [UInt8] = [0x89]

    static func torchTensor(
        _ type: String, key: String, count: Int32, offset: Int32 = 0, sizes: [Int32], strides: [Int32]
    ) -> [UInt8] {
        let id = tuple([text("storage"), global("torch", type), text(key), text("cpu"), integer(count)])
        return call(
            global("torch._utils", "_rebuild_tensor_v2"),
            [
                id + Array("Q".utf8), integer(offset), tuple(sizes.map(integer)), tuple(strides.map(integer)), no,
                call(global("collections", "OrderedDict"), []),
            ])
    }

    /// `[[1, 2], [3, −4]]`, or any other data of 32 bytes.
    static func array(type: String = "f8", order: String = "<", isColumnMajor: Bool = false) -> [UInt8] {
        let values = [1.0, 2, 3, -4].flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
        let latin1 = String(String.UnicodeScalarView(values.map { Unicode.Scalar($0) }))
        let element =
            call(global("numpy", "dtype"), [text(type), no, [0x88]])
            + tuple([integer(3), text(order), none, none, none, integer(-1), integer(-1), integer(0)]) + Array("b".utf8)
        return call(
            global("numpy.core.multiarray", "_reconstruct"),
            [global("numpy", "ndarray"), tuple([integer(0)]), text("b")])
            + tuple([
                integer(1), tuple([integer(2), integer(2)]), element, isColumnMajor ? [0x88] : no,
                call(global("_codecs", "encode"), [text(latin1), text("latin1")]),
            ]) + Array("b".utf8)
    }
}

extension Tensor {
    var rowMajorBytes: [UInt8] { withRowMajorBytes { Array($0) } }

    /// Whether it lies in a mapped file.
    var isBorrowed: Bool { !storage.isWritable }
}

/// Type, shape and every bit agree.
func expectIdentical(
    _ tensor: Tensor, _ expected: Tensor, _ name: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(tensor.dtype == expected.dtype, "\(name)", sourceLocation: sourceLocation)
    #expect(tensor.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
    #expect(tensor.rowMajorBytes == expected.rowMajorBytes, "\(name)", sourceLocation: sourceLocation)
}

/// Fails with an error of a kind that names the file and all the words.
func expectError(
    _ kind: SerializationError.Kind, naming words: [String] = [], file: String = "sample",
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    let error = #expect(throws: SerializationError.self, sourceLocation: sourceLocation) { try body() }
    guard let error else { return }
    #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    for word in [file] + words {
        #expect(error.description.contains(word), "'\(word)' in: \(error)", sourceLocation: sourceLocation)
    }
}
