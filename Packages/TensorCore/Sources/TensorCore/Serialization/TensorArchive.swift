public import FileSupport
public import Foundation

/// Named tensors in a file of any format that is read here, told apart by content.
public struct TensorArchive: Sendable {
    public enum Format: String, Sendable { case safetensors, shardedSafetensors, torch, npz, npy }

    public let format: Format
    /// The tensors in the file's order. The one array of a `.npy` file has the file's name without extension.
    public let names: [String]
    private let read: @Sendable (String) throws -> Tensor

    /// Opens a file, or a folder of safetensors.
    ///
    /// A PyTorch file must hold a flat dictionary of tensors; open others with ``TorchArchive``.
    /// - Throws: ``SerializationError``, also when the content is of none of the formats.
    public static func open(_ url: URL, limits: FileLimits = .default) throws -> TensorArchive {
        if url.isFolder || url.pathExtension == "json" {
            let sharded = try ShardedSafetensors(at: url, limits: limits)
            return TensorArchive(format: .shardedSafetensors, names: sharded.names, read: sharded.tensor)
        }
        return try open(MappedFile(at: url), name: url.deletingPathExtension().lastPathComponent, limits: limits)
    }

    /// Reads bytes in memory; errors call them `name`.
    public static func open(
        bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default
    ) throws -> TensorArchive {
        try open(MappedFile(bytes: bytes, name: name), name: name, limits: limits)
    }

    /// The tensor of that name.
    public func tensor(_ name: String) throws -> Tensor { try read(name) }

    private static func open(_ file: MappedFile, name: String, limits: FileLimits) throws -> TensorArchive {
        let (isZip, isArray, isSafetensors) = file.withBytes { bytes in
            (bytes.starts(with: [0x50, 0x4B]), NumPyHeader.isAtStart(of: bytes), bytes.dropFirst(8).first == 0x7B)
        }
        if isSafetensors {
            let file = try SafetensorsFile(file, limits: limits)
            return TensorArchive(format: .safetensors, names: file.names, read: file.tensor)
        }
        if isArray {
            let tensor = try NumPyArray.read(file, limits: limits)
            let place = FilePlace(file: file.name)
            return TensorArchive(format: .npy, names: [name]) { wanted in
                guard wanted == name else { throw place.missing(wanted, among: [name]) }
                return tensor
            }
        }
        if isZip {
            let zip = try ZipArchive(file, limits: limits)
            if !zip.members.contains(where: { $0.name.hasSuffix("/data.pkl") }) {
                let arrays = try NumPyArchive(zip, limits: limits)
                return TensorArchive(format: .npz, names: arrays.names, read: arrays.tensor)
            }
        }
        // PyTorch, whose reader also declines older files by name
        let tensors = try TorchArchive(file, limits: limits).stateDict()
        let place = FilePlace(file: file.name)
        let names = tensors.map(\.name)
        let tensorOfName = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
        return TensorArchive(format: .torch, names: names) { name in
            guard let tensor = tensorOfName[name] else { throw place.missing(name, among: names) }
            return tensor
        }
    }
}
