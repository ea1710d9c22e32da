public import FileSupport
public import Foundation

/// A TFRecord file, mapped into memory, with the places of its records.
///
///     u64 length, u32 masked CRC of those 8 bytes, the bytes, u32 masked CRC of the bytes
public struct TFRecordFile: Sendable {
    public let name: String
    /// The records' bytes in the file.
    public let records: [Range<Int>]
    private let file: MappedFile

    /// Finds the records; their own checksums are verified when they are read.
    ///
    /// - Throws: `SerializationError` where the file ends inside a record or a length's checksum is wrong.
    public init(at url: URL) throws { try self.init(MappedFile(at: url)) }

    /// Reads a file's bytes; errors call it `name`.
    public init(bytes: [UInt8], name: String) throws { try self.init(MappedFile(bytes: bytes, name: name)) }

    private init(_ file: MappedFile) throws {
        let (records, failure) = file.withBytes { Self.records(in: $0, name: file.name) }
        if let failure { throw failure }
        self.init(file, records)
    }

    private init(_ file: MappedFile, _ records: [Range<Int>]) {
        (self.file, name, self.records) = (file, file.name, records)
    }

    /// The records in front of the first frame that is damaged or cut off, and what is wrong there; nil when the file is
    /// whole.
    ///
    /// - Throws: `SerializationError` when the file cannot be read, or is a Git LFS pointer.
    public static func opening(_ url: URL) throws -> (file: TFRecordFile, damage: SerializationError?) {
        let file = try MappedFile(at: url)
        let (records, failure) = file.withBytes { Self.records(in: $0, name: file.name) }
        if let failure, failure.kind == .wrongFormat { throw failure }
        return (TFRecordFile(file, records), failure)
    }

    /// The whole records at the beginning of a file, and what is wrong behind them: what a writer that was killed left.
    public static func wholeRecords(at url: URL) throws -> (records: [Range<Int>], failure: SerializationError?) {
        let file = try MappedFile(at: url)
        let (records, failure) = file.withBytes { bytes -> ([Range<Int>], SerializationError?) in
            let (found, failure) = Self.records(in: bytes, name: file.name)
            // the last one may be there in length and not in content
            for (index, record) in found.enumerated() {
                if let damage = Self.damage(bytes, record, index: index, name: file.name) {
                    return (Array(found[..<index]), damage)
                }
            }
            return (found, failure)
        }
        return (records, failure)
    }

    private static func records(
        in bytes: UnsafeRawBufferPointer, name: String
    ) -> (records: [Range<Int>], failure: SerializationError?) {
        if bytes.starts(with: "version https://git-lfs".utf8) {
            return (
                [],
                SerializationError(
                    .wrongFormat, file: name, "this is a Git LFS pointer, not the data",
                    advice: "Run `git lfs pull` in its folder.")
            )
        }
        var records: [Range<Int>] = []
        var position = 0
        func failure(_ kind: SerializationError.Kind, _ found: String) -> SerializationError {
            SerializationError(
                kind, file: name, offset: position, "record \(records.count): \(found)", advice: "Fetch the file again."
            )
        }
        while position < bytes.count {
            guard bytes.count - position >= 16 else {
                return (records, failure(.truncated, "the file ends in its header"))
            }
            let head = UnsafeRawBufferPointer(rebasing: bytes[position..<position + 8])
            guard CRC32C.masked(head) == load(bytes, position + 8) else {
                return (records, failure(.damaged, "the CRC of its length is wrong"))
            }
            let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            guard length <= UInt64(bytes.count - position - 16) else {
                return (
                    records, failure(.truncated, "it takes \(length) bytes, \(bytes.count - position - 16) are left")
                )
            }
            records.append(position + 12..<position + 12 + Int(length))
            position += Int(length) + 16
        }
        return (records, nil)
    }

    private static func load(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private static func damage(
        _ bytes: UnsafeRawBufferPointer, _ record: Range<Int>, index: Int, name: String
    ) -> SerializationError? {
        let found = CRC32C.masked(UnsafeRawBufferPointer(rebasing: bytes[record]))
        let expected = load(bytes, record.upperBound)
        guard found != expected else { return nil }
        return SerializationError(
            .damaged, file: name, offset: record.lowerBound,
            "record \(index): the CRC of its data is \(found), \(expected) is written there",
            advice: "Fetch the file again.")
    }

    /// Passes a record's bytes, which live as long as the call.
    ///
    /// - Parameters:
    ///   - index: The record's place in the file.
    ///   - verifies: Whether the checksum is compared first.
    ///   - body: Gets the bytes.
    /// - Throws: `SerializationError` when it differs.
    public func withRecord<Result>(
        _ index: Int, verifies: Bool = true, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        precondition(records.indices ~= index, "record \(index) of \(records.count)")
        return try file.withBytes { bytes in
            if verifies, let damage = Self.damage(bytes, records[index], index: index, name: name) { throw damage }
            return try body(UnsafeRawBufferPointer(rebasing: bytes[records[index]]))
        }
    }

    /// The frame of a record: its bytes between length and checksums.
    public static func framed(_ record: [UInt8]) -> [UInt8] {
        let length = withUnsafeBytes(of: UInt64(record.count).littleEndian) { Array($0) }
        func crc(_ bytes: [UInt8]) -> [UInt8] {
            let value = bytes.withUnsafeBytes { CRC32C.masked($0) }
            return withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        return length + crc(length) + record + crc(record)
    }
}
