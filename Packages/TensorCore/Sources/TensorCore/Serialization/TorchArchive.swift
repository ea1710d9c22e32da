public import FileSupport
public import Foundation

/// A file that `torch.save` of PyTorch 1.6 or later wrote (`.pth`, `.pt`, `.bin`): a zip archive with one folder that
/// holds `data.pkl`, the pickled objects, and `data/<key>`, the elements of each storage, little-endian.
///
/// The pickle is read by ``RestrictedPickle``; nothing in the file is run. Tensors are views of the mapped file where a
/// storage lies in it uncompressed and aligned (`torch.save` aligns to 64 bytes), also with strides and shared storages.
///
/// **Not supported:** older files (a bare pickle, or a tar archive), TorchScript, quantized, sparse and complex tensors,
/// big-endian files. All are refused by name.
public struct TorchArchive: Sendable {
    public let archive: ZipArchive
    /// The object that was saved.
    public let root: PickleValue

    /// Maps a file, reads its pickle and finds the storages.
    ///
    /// - Throws: ``SerializationError`` with the member and the offset in it.
    public init(at url: URL, limits: FileLimits = .default) throws {
        try self.init(MappedFile(at: url), limits: limits)
    }

    /// Reads bytes in memory; errors call them `name`.
    public init(bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default) throws {
        try self.init(MappedFile(bytes: bytes, name: name), limits: limits)
    }

    init(_ file: MappedFile, limits: FileLimits) throws {
        try Self.declineOldFormats(file)
        try self.init(ZipArchive(file, limits: limits), limits: limits)
    }

    init(_ archive: ZipArchive, limits: FileLimits) throws {
        self.archive = archive
        let place = FilePlace(file: archive.file.name)

        // the one folder
        let pickles = archive.members.filter { member in
            member.name.hasSuffix("/data.pkl") && member.name.split(separator: "/").count == 2
        }
        guard pickles.count == 1, let pickle = pickles.first else {
            throw place.error(
                .wrongFormat, "\(pickles.count) members '<folder>/data.pkl' instead of one",
                advice: "This is not a file of torch.save.")
        }
        let folder = String(pickle.name.dropLast("data.pkl".count))
        if let other = archive.members.first(where: { !$0.name.hasPrefix(folder) }) {
            throw place.with(member: other.name).error(.wrongFormat, "lies outside the folder '\(folder)'")
        }
        if let order = archive.member(folder + "byteorder") {
            let text = String(decoding: try archive.bytes(of: order), as: UTF8.self)
            guard text == "little" else {
                throw place.with(member: order.name).error(
                    .unsupported, "byte order '\(text.prefix(20))'", advice: "Save the file on a little-endian machine."
                )
            }
        }

        // the pickle, with each storage read once
        let picklePlace = place.with(member: pickle.name)
        var storages: [String: (dtype: DType, storage: TensorStorage)] = [:]
        root = try archive.withContent(of: pickle) { bytes, _ in
            try RestrictedPickle.read(bytes, place: picklePlace, limits: limits) { dtype, key, count, offset in
                if let known = storages[key] {
                    guard known.dtype == dtype, known.storage.byteCount / dtype.byteSize == count else {
                        throw picklePlace.error(
                            .damaged, at: offset, "storage '\(key)' is used with two types or sizes")
                    }
                    return known.storage
                }
                guard let member = archive.member(folder + "data/" + key) else {
                    throw picklePlace.error(.damaged, at: offset, "the storage '\(folder)data/\(key)' is missing")
                }
                let (byteCount, overflow) = count.multipliedReportingOverflow(by: dtype.byteSize)
                guard !overflow, member.byteCount == byteCount else {
                    throw picklePlace.error(
                        .damaged, at: offset,
                        "\(count) elements of \(dtype) in storage '\(member.name)' of \(member.byteCount) bytes")
                }
                let storage = try archive.storage(of: member, for: dtype)
                try storage.checkBooleans(dtype, in: place.with(member: member.name), at: 0)
                storages[key] = (dtype, storage)
                return storage
            }
        }
    }

    /// The tensors of a flat dictionary, in its order: of the root, or of the dictionary that the keys lead to, as in
    /// `stateDict("model")` for a training state.
    ///
    /// - Throws: ``SerializationError`` that names the first entry that is not a tensor.
    public func stateDict(_ keys: String...) throws -> [(name: String, tensor: Tensor)] {
        try stateDict(at: keys)
    }

    func stateDict(at keys: [String]) throws -> [(name: String, tensor: Tensor)] {
        let place = FilePlace(file: archive.file.name)
        var value = root
        for key in keys {
            guard let next = value[key] else {
                throw place.with(member: key).error(.notFound, "no such entry; it is looked for in \(value.kind)")
            }
            value = next
        }
        guard let entries = value.dictionary else {
            throw place.error(.unsupported, "\(value.kind) where a dictionary of tensors is expected")
        }
        return try entries.map { key, value in
            guard let name = key.string else { throw place.error(.unsupported, "\(key.kind) as a tensor's name") }
            guard let tensor = value.tensor else {
                throw place.with(member: name).error(
                    .unsupported, "\(value.kind) among the tensors",
                    advice: "If this is a training state, ask for the dictionary that holds the weights.")
            }
            return (name, tensor)
        }
    }

    private static func declineOldFormats(_ file: MappedFile) throws {
        let isOld = file.withBytes { bytes in
            // a pickled magic number (LONG1 of 10 bytes), or a tar archive
            bytes.starts(with: [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19])
                || bytes.dropFirst(257).starts(with: Array("ustar".utf8))
        }
        guard !isOld else {
            throw FilePlace(file: file.name).error(
                .unsupported, at: 0, "old PyTorch format", advice: "Re-save with torch.save of version 1.6 or later.")
        }
    }
}
