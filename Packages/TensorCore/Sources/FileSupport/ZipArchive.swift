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
        package let crc32: UInt32
        /// Bytes of the archive: the member's local header, and its content as stored.
        package let headerOffset: Int
        package let content: Range<Int>
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

    package init(_ file: MappedFile, limits: FileLimits) throws {
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
        try [UInt8](unsafeUninitializedCapacity: member.byteCount) { buffer, count in
            try read(member, into: UnsafeMutableRawBufferPointer(buffer))
            count = member.byteCount
        }
    }

    /// Writes the content of a member into memory of `member.byteCount` bytes.
    ///
    /// - Throws: ``SerializationError`` when it cannot be inflated or its checksum does not fit.
    package func read(_ member: Member, into output: UnsafeMutableRawBufferPointer) throws {
        precondition(output.count >= member.byteCount, "\(output.count) bytes for a member of \(member.byteCount)")
        let output = UnsafeMutableRawBufferPointer(rebasing: output[..<member.byteCount])
        guard member.isDeflated else { return try withStoredBytes(of: member) { output.copyMemory(from: $0) } }
        try file.withBytes { bytes in
            guard Deflate.inflate(UnsafeRawBufferPointer(rebasing: bytes[member.content]), into: output) else {
                throw FilePlace(file: file.name, member: member.name).error(
                    .damaged, at: member.content.lowerBound,
                    "the compressed data do not inflate to \(member.byteCount) bytes",
                    advice: "The file is damaged; fetch it again.")
            }
        }
        try check(UnsafeRawBufferPointer(output), of: member)
    }

    /// Passes the content of a member that lies uncompressed in the file. Traps for a deflated member.
    package func withStoredBytes<Result>(
        of member: Member, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        precondition(!member.isDeflated, "'\(member.name)' is compressed")
        return try file.withBytes { bytes in
            let content = UnsafeRawBufferPointer(rebasing: bytes[member.content])
            try check(content, of: member)
            return try body(content)
        }
    }

    private func check(_ content: UnsafeRawBufferPointer, of member: Member) throws {
        guard limits.verifiesChecksums else { return }
        let crc = CRC32.checksum(content)
        guard crc == member.crc32 else {
            throw FilePlace(file: file.name, member: member.name).error(
                .damaged, at: member.content.lowerBound,
                "the checksum is \(hexadecimal(crc)), the directory says \(hexadecimal(member.crc32))",
                advice: "The file is damaged; or it was saved without checksums: then read it with "
                    + "verifiesChecksums off.")
        }
    }
}

package func hexadecimal(_ value: some FixedWidthInteger) -> String { "0x" + String(value, radix: 16) }
