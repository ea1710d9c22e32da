import Foundation

/// Memory that tensors share: 64-byte aligned when allocated here, or borrowed from an owner such as a mapped file.
///
/// `@unchecked Sendable`: the bytes are written only while a single tensor refers to the storage (tensors copy before
/// they write, see ``Tensor/withMutableSpan(of:_:)``) or by an operation that has just allocated it.
public final class TensorStorage: @unchecked Sendable {
    public let byteCount: Int
    let base: UnsafeMutableRawPointer
    /// False for memory owned by others, which is never written.
    let isWritable: Bool
    private let release: (() -> Void)?

    /// Allocates `byteCount` bytes, aligned to 64 bytes, not initialized.
    public init(byteCount: Int) {
        require(byteCount >= 0, "storage of \(byteCount) bytes")
        self.byteCount = byteCount
        base = BlockCache.allocate(byteCount)
        isWritable = true
        release = nil
        MemoryMeter.allocated(byteCount)
    }

    /// Borrows read-only memory; `owner` lives as long as the storage.
    public init(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        byteCount = bytes.count
        base = UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64)!)
        isWritable = false
        release = { withExtendedLifetime(owner) {} }
    }

    deinit {
        guard isWritable else { return }
        BlockCache.release(base, byteCount: byteCount)
        MemoryMeter.freed(byteCount)
    }
}
