public import Foundation

/// A zip archive: members stored or deflated, with zip64 where it is used.
///
/// Opening reads the central directory and compares every local header with it. Members may not overlap, announce more
/// than ``FileLimits`` allows, or share a name; encrypted and multi-part archives are refused. Names are never used as
/// paths. Source: PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3.
public struct ZipArchive: Sendable {
    /// A file in the archive.
    public struct Member: Sendable, Hashable {
        public let name: String
        /// Bytes after decompression.
        public let byteCount: Int
        public let isDeflated: Bool
        let crc32: UInt32
        /// Bytes of the archive: the member's local header, and its content as stored.
        let headerOffset: Int
        let content: Range<Int>
    }

    public let file: MappedFile
    /// In the order of the directory.
    public let members: [Member]
    private let limits: FileLimits
    private let indexOfName: [String: Int]

    /// Maps an archive.
    ///
    /// - Throws: ``SerializationError`` with the member and the offset.
    public init(at url: URL, limits: FileLimits = .default) throws {
        try self.init(MappedFile(at: url), limits: limits)
    }

    /// Reads bytes in memory; errors call them `name`.
    public init(bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default) throws {
        try self.init(MappedFile(bytes: bytes, name: name), limits: limits)
    }

    init(_ file: MappedFile, limits: FileLimits) throws {
        self.file = file
        self.limits = limits
        let directory = ZipDirectory(place: FilePlace(file: file.name), limits: limits)
        members = try file.withBytes { try directory.members(of: $0) }
        indexOfName = Dictionary(members.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The member of that name.
    public func member(_ name: String) -> Member? { indexOfName[name].map { members[$0] } }

    /// The content of a member.
    ///
    /// - Throws: ``SerializationError`` when it cannot be inflated or its checksum does not fit.
    public func bytes(of member: Member) throws -> [UInt8] {
        try withContent(of: member) { bytes, _ in Array(bytes) }
    }

    /// Passes the content of a member, and the storage it was inflated into unless it lies in the file itself.
    func withContent<Result>(
        of member: Member, _ body: (UnsafeRawBufferPointer, TensorStorage?) throws -> Result
    ) throws -> Result {
        let place = FilePlace(file: file.name, member: member.name)
        return try file.withBytes { bytes in
            var content = UnsafeRawBufferPointer(rebasing: bytes[member.content])
            var inflated: TensorStorage?
            if member.isDeflated {
                let storage = TensorStorage(byteCount: member.byteCount)
                guard Deflate.inflate(content, into: storage.mutableBytes) else {
                    throw place.error(
                        .damaged, at: member.content.lowerBound,
                        "the compressed data do not inflate to \(member.byteCount) bytes",
                        advice: "The file is damaged; fetch it again.")
                }
                content = UnsafeRawBufferPointer(storage.mutableBytes)
                inflated = storage
            }
            return try withExtendedLifetime(inflated) {
                if limits.verifiesChecksums {
                    let crc = Deflate.crc32(content)
                    guard crc == member.crc32 else {
                        throw place.error(
                            .damaged, at: member.content.lowerBound,
                            "the checksum is \(hexadecimal(crc)), the directory says \(hexadecimal(member.crc32))",
                            advice: "The file is damaged; or it was saved without checksums: then read it with "
                                + "verifiesChecksums off.")
                    }
                }
                return try body(content, inflated)
            }
        }
    }

    /// The content of a member as memory for elements of `dtype`: the file's own where possible.
    func storage(of member: Member, for dtype: DType) throws -> TensorStorage {
        try withContent(of: member) { bytes, inflated in
            inflated ?? TensorStorage(bytes, of: dtype, owner: file)
        }
    }
}

func hexadecimal(_ value: some FixedWidthInteger) -> String { "0x" + String(value, radix: 16) }
