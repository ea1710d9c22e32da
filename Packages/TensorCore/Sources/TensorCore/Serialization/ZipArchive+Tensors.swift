import FileSupport

extension ZipArchive {
    /// The content of a member as memory for elements of `dtype`: the file's own where possible.
    func storage(of member: Member, for dtype: DType) throws -> TensorStorage {
        guard member.isDeflated else {
            return try withStoredBytes(of: member) { TensorStorage($0, of: dtype, owner: file) }
        }
        return try inflated(member)
    }

    /// Passes the content of a member, and the storage it was inflated into unless it lies in the file itself.
    func withContent<Result>(
        of member: Member, _ body: (UnsafeRawBufferPointer, TensorStorage?) throws -> Result
    ) throws -> Result {
        guard member.isDeflated else { return try withStoredBytes(of: member) { try body($0, nil) } }
        let storage = try inflated(member)
        return try withExtendedLifetime(storage) { try body(UnsafeRawBufferPointer(storage.mutableBytes), storage) }
    }

    private func inflated(_ member: Member) throws -> TensorStorage {
        let storage = TensorStorage(byteCount: member.byteCount)
        try read(member, into: storage.mutableBytes)
        return storage
    }
}
