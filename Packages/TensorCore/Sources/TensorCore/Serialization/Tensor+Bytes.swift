import FileSupport

extension DType {
    /// Bytes of a tensor of this type, nil when that number, or the product of some of the sizes, is out of range.
    ///
    /// Empty axes count as 1, so that no partial product of the sizes or strides can overflow either.
    ///
    /// Nor do the other sizes of an empty array lead to loops that no data stand behind.
    func checkedByteCount(_ sizes: [Int]) -> Int? {
        var bound = byteSize
        for size in sizes {
            let (product, overflow) = bound.multipliedReportingOverflow(by: max(size, 1))
            guard size >= 0, !overflow else { return nil }
            bound = product
        }
        guard sizes.contains(0) else { return bound }
        return bound / byteSize <= Self.emptyElementLimit ? 0 : nil
    }

    private static let emptyElementLimit = 1 << 24
}

extension TensorStorage {
    /// Part of a file: borrowed when its address suits the element type, else copied.
    convenience init(_ bytes: UnsafeRawBufferPointer, of dtype: DType, owner: MappedFile) {
        if let base = bytes.baseAddress, Int(bitPattern: base) % dtype.byteSize == 0 {
            self.init(borrowing: bytes, owner: owner)
        } else {
            self.init(copying: bytes)
        }
    }

    convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(byteCount: bytes.count)
        mutableBytes.copyMemory(from: bytes)
    }

    /// For the reader that has just allocated the storage.
    var mutableBytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: byteCount) }

    /// Swift's `Bool` has two bit patterns; others in a file would be undefined behaviour.
    func checkBooleans(_ dtype: DType, in place: FilePlace, at offset: Int? = nil) throws {
        guard dtype == .bool else { return }
        let bytes = UnsafeRawBufferPointer(mutableBytes)
        if let index = bytes.firstIndex(where: { $0 > 1 }) {
            throw place.error(
                .damaged, at: offset.map { $0 + index }, "a boolean is \(bytes[index]), not 0 or 1",
                advice: "Save the tensor as uint8 if other values are meant.")
        }
    }
}

extension Tensor {
    /// Passes the elements' bytes in row-major order, for writers.
    ///
    /// Traps for quantized tensors: their row scales would be lost.
    func withRowMajorBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        precondition(rowScales == nil, "tensor \(shape) \(dtype) has row scales; write them as a tensor of their own")
        let source = contiguous
        let bytes = UnsafeRawBufferPointer(
            start: source.storage.base + source.offset * dtype.byteSize, count: elementCount * dtype.byteSize)
        return try withExtendedLifetime(source.storage) { try body(bytes) }
    }
}

/// Traps when two tensors that are to be written have the same name.
func preconditionDistinct(_ names: [String]) {
    let sorted = names.sorted()
    for (name, next) in zip(sorted, sorted.dropFirst()) {
        precondition(name != next, "two tensors are named '\(name)'")
    }
}
