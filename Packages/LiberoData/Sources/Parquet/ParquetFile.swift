public import FileSupport
public import Foundation

/// A Parquet file, read only: the footer in memory, the pages mapped.
///
/// Read: data pages v1 and v2; UNCOMPRESSED, SNAPPY, GZIP, ZSTD, LZ4_RAW; every encoding but the deprecated BIT_PACKED
/// for values; nested lists, structs, maps, nulls at every level. Refused by name: BROTLI, LZO, the old LZ4, INT96,
/// encryption. Checksums of pages are verified where they are present. Source: parquet-format 2.10.
public struct ParquetFile: Sendable {
    /// Rows of a part of the file, and the columns' places in it.
    public struct RowGroup: Sendable {
        public let index: Int
        public let rowCount: Int
        /// The number of its first row in the file.
        public let firstRow: Int
    }

    public let name: String
    public let rowCount: Int
    public let rowGroups: [RowGroup]
    /// The columns and groups of columns at the top.
    public let fields: [ParquetField]
    /// The columns as they are stored.
    public let leaves: [ParquetLeaf]
    /// Texts such as `huggingface` and `pandas`.
    public let keyValues: [String: String]
    public let createdBy: String?
    let file: MappedFile
    let metadata: ParquetMetadata
    let limits: FileLimits

    /// Reads the footer.
    ///
    /// - Throws: `SerializationError` when it is no whole Parquet file.
    public init(at url: URL, limits: FileLimits = .default) throws {
        try self.init(MappedFile(at: url), limits: limits)
    }

    /// Reads a file's bytes; errors call it `name`.
    public init(bytes: [UInt8], name: String, limits: FileLimits = .default) throws {
        try self.init(MappedFile(bytes: bytes, name: name), limits: limits)
    }

    private init(_ file: MappedFile, limits: FileLimits) throws {
        let place = ParquetPlace(file: file.name)
        let metadata = try file.withBytes { try Self.footer($0, place: place) }
        let schema = try ParquetSchema(metadata.schema, place: place)

        // the row groups agree with the schema and with the number of rows
        var groups: [RowGroup] = []
        var firstRow = 0
        for (index, group) in metadata.rowGroups.enumerated() {
            guard group.columns.count == schema.leaves.count else {
                throw place.error(
                    .damaged, "row group \(index) has \(group.columns.count) columns, the schema \(schema.leaves.count)"
                )
            }
            groups.append(RowGroup(index: index, rowCount: group.rowCount, firstRow: firstRow))
            let (sum, overflow) = firstRow.addingReportingOverflow(group.rowCount)
            guard !overflow else { throw place.error(.damaged, "the number of rows is too large") }
            firstRow = sum
        }
        guard firstRow == metadata.rowCount else {
            throw place.error(.damaged, "\(metadata.rowCount) rows are announced, the row groups have \(firstRow)")
        }
        try ParquetBudget.check(
            metadata, leafCount: schema.leaves.count, fileByteCount: file.byteCount, limits: limits, place: place)
        (name, rowCount, rowGroups) = (file.name, metadata.rowCount, groups)
        (fields, leaves, createdBy) = (schema.fields, schema.leaves, metadata.createdBy)
        keyValues = Dictionary(metadata.keyValues.map { ($0.key, $0.value) }) { first, _ in first }
        (self.file, self.metadata, self.limits) = (file, metadata, limits)
    }

    private static func footer(_ bytes: UnsafeRawBufferPointer, place: ParquetPlace) throws -> ParquetMetadata {
        if bytes.starts(with: "version https://git-lfs".utf8) {
            throw place.error(
                .wrongFormat, "this is a Git LFS pointer, not the data", advice: "Run `git lfs pull` in its folder.")
        }
        guard bytes.count >= 12 else {
            throw place.error(.truncated, "\(bytes.count) bytes are no Parquet file", advice: "Fetch it again.")
        }
        let end = bytes.count - 8
        let magic = String(decoding: bytes[(end + 4)...], as: UTF8.self)
        if magic == "PARE" { throw place.error(.unsupported, "the footer is encrypted") }
        guard magic == "PAR1" else {
            throw place.error(
                .truncated, at: end + 4, "the file does not end in PAR1",
                advice: "It is cut off, or its writer never closed it; fetch or record it again.")
        }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt32.self)))
        guard length + 12 <= bytes.count else {
            throw place.error(.damaged, at: end, "a footer of \(length) bytes in a file of \(bytes.count)")
        }
        let footer = UnsafeRawBufferPointer(rebasing: bytes[(end - length)..<end])
        var reader = ThriftReader(footer, place: place)
        return try ParquetMetadata(&reader)
    }

    /// The number of the leaf with this path, such as `state.list.element`, or of the field's only leaf.
    public func leaf(_ name: String) -> Int? {
        leaves.firstIndex { $0.name == name }
            ?? fields.first { $0.name == name && $0.leaves.count == 1 }?.leaves.lowerBound
    }

    /// The field of this name.
    public func field(_ name: String) -> ParquetField? { fields.first { $0.name == name } }
}
