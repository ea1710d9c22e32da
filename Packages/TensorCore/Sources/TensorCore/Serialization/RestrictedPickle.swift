public import FileSupport
public import Foundation

/// Reads Python pickles of protocols 2 to 5 without running anything.
///
/// Read are None, booleans, integers of 64 bits, floats, texts, bytes, lists, tuples, dictionaries, NumPy arrays and
/// numbers, and inside a ``TorchArchive`` tensors and parameters. A name of a class or function outside a fixed list is
/// refused with its offset; so are opcodes that such values do not need, containers that hold themselves, and more
/// nesting or objects than ``FileLimits`` allows. Attributes of an `OrderedDict` (PyTorch's `_metadata`) are dropped.
///
/// Source: CPython, `Lib/pickletools.py`.
public enum RestrictedPickle {
    /// Reads one pickle.
    ///
    /// - Throws: ``SerializationError`` with the offset of the opcode.
    public static func read(at url: URL, limits: FileLimits = .default) throws -> PickleValue {
        try read(MappedFile(at: url), limits: limits)
    }

    /// Reads bytes in memory; errors call them `name`.
    public static func read(
        bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default
    ) throws -> PickleValue {
        try read(MappedFile(bytes: bytes, name: name), limits: limits)
    }

    private static func read(_ file: MappedFile, limits: FileLimits) throws -> PickleValue {
        try file.withBytes { try read($0, place: FilePlace(file: file.name), limits: limits, tensorStorage: nil) }
    }

    /// Finds the memory of a tensor by element type, key, element count and the pickle's offset.
    typealias StorageSource = (DType, String, Int, Int) throws -> TensorStorage

    /// Without `tensorStorage`, references to tensor storages are refused.
    static func read(
        _ bytes: UnsafeRawBufferPointer, place: FilePlace, limits: FileLimits, tensorStorage: StorageSource?
    ) throws -> PickleValue {
        var machine = PickleMachine(bytes: bytes, place: place, limits: limits, tensorStorage: tensorStorage)
        let root = try machine.run()
        var builder = PickleValueBuilder(machine: machine)
        return try builder.value(of: root)
    }
}
