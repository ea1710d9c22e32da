public import FileSupport
public import Foundation

/// A `.npz` file: a zip archive of `.npy` members, stored or deflated, as `numpy.savez` and `savez_compressed` write.
///
/// Opening reads the directory; an array is read, and its checksum compared, when it is asked for. See ``NumPyArray``
/// for the element types.
public struct NumPyArchive: Sendable {
    public let archive: ZipArchive
    /// The arrays in the archive's order, without `.npy`.
    public let names: [String]
    private let limits: FileLimits

    /// Maps a file.
    ///
    /// - Throws: ``SerializationError``, also when a member is not an array.
    public init(at url: URL, limits: FileLimits = .default) throws {
        try self.init(ZipArchive(at: url, limits: limits), limits: limits)
    }

    /// Reads bytes in memory; errors call them `name`.
    public init(bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default) throws {
        try self.init(ZipArchive(bytes: bytes, name: name, limits: limits), limits: limits)
    }

    init(_ archive: ZipArchive, limits: FileLimits) throws {
        self.archive = archive
        self.limits = limits
        names = try archive.members.map { member in
            guard member.name.hasSuffix(Self.suffix) else {
                throw FilePlace(file: archive.file.name, member: member.name).error(
                    .wrongFormat, "not an array: a .npz file holds .npy members only")
            }
            return String(member.name.dropLast(Self.suffix.count))
        }
    }

    /// An array; on the file's memory if it is stored and aligned.
    ///
    /// - Throws: ``SerializationError`` with the member and the offset in it.
    public func tensor(_ name: String) throws -> Tensor {
        guard let member = archive.member(name + Self.suffix) else {
            throw FilePlace(file: archive.file.name).missing(name, among: names)
        }
        return try archive.withContent(of: member) { bytes, inflated in
            try NumPyArray.read(
                bytes, owner: inflated == nil ? archive.file : nil,
                place: FilePlace(file: archive.file.name, member: member.name), limits: limits)
        }
    }

    /// Writes a file that appears complete or not at all.
    ///
    /// Two arrays of one name are a programming error and trap.
    /// - Throws: ``SerializationError`` for bfloat16, archives of 4 GiB, or when the folder does not accept the file.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], deflated: Bool = false, to url: URL
    ) throws {
        try AtomicFile.write(to: url) { sink in
            try emit(tensors, deflated: deflated, place: FilePlace(file: url.path), to: sink)
        }
    }

    /// The bytes of a file.
    public static func data(_ tensors: [(name: String, tensor: Tensor)], deflated: Bool = false) throws -> [UInt8] {
        try AtomicFile.bytes { sink in
            try emit(tensors, deflated: deflated, place: FilePlace(file: "archive"), to: sink)
        }
    }

    private static func emit(
        _ tensors: [(name: String, tensor: Tensor)], deflated: Bool, place: FilePlace, to sink: ByteSink
    ) throws {
        preconditionDistinct(tensors.map(\.name))
        var writer = ZipWriter(place: place)
        for (name, tensor) in tensors {
            let header = try NumPyArray.header(of: tensor, place: place.with(member: name))
            try header.withUnsafeBytes { header in
                try tensor.withRowMajorBytes { elements in
                    try writer.add(name + suffix, [header, elements], deflated: deflated, to: sink)
                }
            }
        }
        try writer.finish(to: sink)
    }

    private static let suffix = ".npy"
}
