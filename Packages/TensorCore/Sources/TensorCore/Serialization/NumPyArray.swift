public import FileSupport
public import Foundation

/// Reads and writes `.npy` files, versions 1 to 3: one array each.
///
/// `f8`, `f4`, `f2`, `i8`, `i4`, `i2`, `i1`, `u1` and `b1` become the tensor type of that name; `u2` is read as int32
/// and `u4` as int64. Column-major arrays are read as views with the axes turned. Written is version 1, row-major, byte
/// for byte as `numpy.save` does.
///
/// **Not supported:** big-endian, structured, text, complex and object arrays; writing bfloat16. Errors name the type.
public enum NumPyArray {
    /// Reads a file; the tensor refers to the mapped file where the element type allows it.
    ///
    /// - Throws: ``SerializationError`` with the offset.
    public static func read(at url: URL, limits: FileLimits = .default) throws -> Tensor {
        try read(MappedFile(at: url), limits: limits)
    }

    /// Reads bytes in memory; errors call them `name`.
    public static func read(
        bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default
    ) throws -> Tensor {
        try read(MappedFile(bytes: bytes, name: name), limits: limits)
    }

    /// Writes a file that appears complete or not at all.
    ///
    /// - Throws: ``SerializationError`` for bfloat16, or when the folder does not accept the file.
    public static func write(_ tensor: Tensor, to url: URL) throws {
        let header = try header(of: tensor, place: FilePlace(file: url.path))
        try AtomicFile.write(to: url) { sink in
            try header.withUnsafeBytes(sink)
            try tensor.withRowMajorBytes(sink)
        }
    }

    /// The bytes of a file.
    ///
    /// - Throws: ``SerializationError`` for bfloat16.
    public static func data(_ tensor: Tensor) throws -> [UInt8] {
        try header(of: tensor, place: FilePlace(file: "array")) + tensor.withRowMajorBytes { Array($0) }
    }

    static func header(of tensor: Tensor, place: FilePlace) throws -> [UInt8] {
        guard let element = NumPyElement(storing: tensor.dtype) else {
            throw place.error(
                .unsupported, "NumPy has no \(tensor.dtype)", advice: "Convert to float32, or write a safetensors file."
            )
        }
        return NumPyHeader.bytes(element, tensor.shape)
    }

    static func read(_ file: MappedFile, limits: FileLimits) throws -> Tensor {
        try file.withBytes { try read($0, owner: file, place: FilePlace(file: file.name), limits: limits) }
    }

    /// The bytes lie in the owner, or are copied if there is none.
    static func read(
        _ bytes: UnsafeRawBufferPointer, owner: MappedFile?, place: FilePlace, limits: FileLimits
    ) throws -> Tensor {
        var reader = ByteReader(bytes, place: place)
        let header = try NumPyHeader(&reader, limits: limits)
        let start = reader.position
        guard reader.remaining == header.byteCount else {
            throw place.error(
                reader.remaining < header.byteCount ? .truncated : .damaged, at: start,
                "shape \(header.sizes) of \(header.element.code) needs \(header.byteCount) bytes, \(reader.remaining) follow",
                advice: "The file is cut off, or holds more than one array.")
        }
        let elements = try reader.take(header.byteCount, "the elements")
        return try header.element.tensor(
            elements, sizes: header.sizes, isColumnMajor: header.isColumnMajor, owner: owner, place: place, at: start)
    }
}
