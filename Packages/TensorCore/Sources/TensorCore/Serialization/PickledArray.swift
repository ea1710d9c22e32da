public import FileSupport
public import Foundation

/// Reads a single pickled NumPy array: a bare pickle, or `*/data.pkl` in a zip archive as LIBERO's `.pruned_init` files
/// have it (50 simulator states, float64).
public enum PickledArray {
    /// Reads a file.
    ///
    /// - Throws: ``SerializationError``, also when the file holds something else.
    public static func read(at url: URL, limits: FileLimits = .default) throws -> Tensor {
        try read(MappedFile(at: url), limits: limits)
    }

    /// Reads bytes in memory; errors call them `name`.
    public static func read(bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default) throws -> Tensor {
        try read(MappedFile(bytes: bytes, name: name), limits: limits)
    }

    private static func read(_ file: MappedFile, limits: FileLimits) throws -> Tensor {
        let place = FilePlace(file: file.name)
        let isPickle = file.withBytes { $0.first == 0x80 }
        let root =
            isPickle
            ? try file.withBytes { try RestrictedPickle.read($0, place: place, limits: limits, tensorStorage: nil) }
            : try TorchArchive(file, limits: limits).root
        guard let tensor = root.tensor else { throw place.error(.wrongFormat, "\(root.kind) instead of an array") }
        return tensor
    }
}
