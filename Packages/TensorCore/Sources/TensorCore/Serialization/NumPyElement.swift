import FileSupport

/// The element type of a NumPy array, and the tensor type that holds it without loss.
///
/// Tensors have no unsigned types beyond 8 bits: `u2` becomes int32, `u4` int64.
struct NumPyElement: Sendable, Equatable {
    /// What tensors hold.
    let dtype: DType
    /// Bytes of an element in the file.
    let byteCount: Int
    /// Kind and size, `f8`.
    let code: String

    /// The type with that code, nil if tensors do not hold it.
    init?(code: String) {
        let known: [String: (DType, Int)] = [
            "f8": (.float64, 8), "f4": (.float32, 4), "f2": (.float16, 2), "i8": (.int64, 8), "i4": (.int32, 4),
            "i2": (.int16, 2), "i1": (.int8, 1), "u4": (.int64, 4), "u2": (.int32, 2), "u1": (.uint8, 1),
            "b1": (.bool, 1),
        ]
        guard let (dtype, byteCount) = known[code] else { return nil }
        (self.dtype, self.byteCount, self.code) = (dtype, byteCount, code)
    }

    /// The type that stores a tensor; nil for bfloat16, which NumPy does not have.
    init?(storing dtype: DType) {
        switch dtype {
        case .float64: self.init(code: "f8")
        case .float32: self.init(code: "f4")
        case .float16: self.init(code: "f2")
        case .bfloat16: return nil
        case .int64: self.init(code: "i8")
        case .int32: self.init(code: "i4")
        case .int16: self.init(code: "i2")
        case .int8: self.init(code: "i1")
        case .uint8: self.init(code: "u1")
        case .bool: self.init(code: "b1")
        }
    }

    /// Parses a type with its byte order, `<f8` or `|u1`.
    static func parse(_ text: String, place: FilePlace, at offset: Int) throws -> NumPyElement {
        let code = String(text.dropFirst())
        if text.first == ">", NumPyElement(code: code) != nil {
            throw place.error(
                .unsupported, at: offset, "big-endian elements '\(text)'", advice: "Save array.astype('<\(code)').")
        }
        guard let element = NumPyElement(code: code), text.first == "<" || (text.first == "|" && element.byteCount == 1)
        else { throw unsupported("'\(text)'", place: place, at: offset) }
        return element
    }

    static func unsupported(_ type: String, place: FilePlace, at offset: Int) -> SerializationError {
        place.error(
            .unsupported, at: offset, "element type \(type)",
            advice:
                "Supported are f8, f4, f2, i8, i4, i2, i1, u4, u2, u1 and b1, little-endian; objects are never read.")
    }

    /// The description in `.npy` headers.
    var description: String { (byteCount == 1 ? "|" : "<") + code }

    /// The tensor of an array's bytes: on the file's memory where it has an owner, suits and needs no widening.
    ///
    /// Arrays in column-major order become views with the axes turned.
    func tensor(
        _ bytes: UnsafeRawBufferPointer, sizes: [Int], isColumnMajor: Bool, owner: MappedFile?, place: FilePlace,
        at offset: Int
    ) throws -> Tensor {
        let storage: TensorStorage
        switch code {
        case "u2": storage = Self.widened(bytes, from: UInt16.self, to: Int32.self)
        case "u4": storage = Self.widened(bytes, from: UInt32.self, to: Int64.self)
        default:
            if let owner {
                storage = TensorStorage(bytes, of: dtype, owner: owner)
            } else {
                storage = TensorStorage(copying: bytes)
            }
        }
        try storage.checkBooleans(dtype, in: place, at: offset)
        guard isColumnMajor else { return Tensor(storage: storage, dtype: dtype, shape: Shape(sizes)) }
        let strides = Array(Shape(sizes.reversed()).rowMajorStrides.reversed())
        return Tensor(storage: storage, dtype: dtype, shape: Shape(sizes), strides: strides)
    }

    private static func widened<Source: FixedWidthInteger & BitwiseCopyable, Target: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, from _: Source.Type, to _: Target.Type
    ) -> TensorStorage {
        let (size, count) = (MemoryLayout<Source>.size, bytes.count / MemoryLayout<Source>.size)
        let storage = TensorStorage(byteCount: count * MemoryLayout<Target>.size)
        let target = storage.mutableBytes.assumingMemoryBound(to: Target.self)
        for index in 0..<count {
            target[index] = Target(
                Source(littleEndian: bytes.loadUnaligned(fromByteOffset: index * size, as: Source.self)))
        }
        return storage
    }
}
