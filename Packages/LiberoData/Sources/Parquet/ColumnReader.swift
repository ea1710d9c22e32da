import FileSupport

/// The pages of one column in one row group.
///
/// Finding the pages reads their headers only; a page is expanded when its rows are asked for.
struct ColumnReader: Sendable {
    /// A page's place and the rows in it; rows are known for columns without lists.
    struct Page: Sendable {
        var header: PageHeader
        /// Of the body, in the file.
        var body: Range<Int>
        var firstRow: Int
    }

    let leaf: ParquetLeaf
    let pages: [Page]
    private let dictionaryPage: Page?
    private let codec: Int
    private let file: MappedFile
    private let limits: FileLimits
    private let place: ParquetPlace
    private let rowCount: Int

    init(_ file: ParquetFile, leaf index: Int, rowGroup: Int) throws {
        let leaf = file.leaves[index]
        let chunk = file.metadata.rowGroups[rowGroup].columns[index]
        let place = ParquetPlace(file: file.name, column: leaf.name)
        guard chunk.filePath == nil else { throw place.error(.refused, "the column lies in another file") }
        guard !chunk.isEncrypted else { throw place.error(.unsupported, "the column is encrypted") }
        guard chunk.type == leaf.type, chunk.path == leaf.path else {
            throw place.error(.damaged, "the row group \(rowGroup) has another column at this place")
        }
        (self.leaf, self.place, codec) = (leaf, place, chunk.codec)
        (self.file, limits, rowCount) = (file.file, file.limits, file.rowGroups[rowGroup].rowCount)
        // a group without rows has no page, whatever stands at its offset
        if chunk.valueCount == 0, rowCount == 0 {
            (pages, dictionaryPage) = ([], nil)
            return
        }

        guard let range = chunk.range, range.upperBound <= file.file.byteCount, chunk.valueCount >= 0 else {
            throw place.error(
                .damaged, at: chunk.dataPageOffset,
                "the pages lie at \(chunk.dataPageOffset) with \(chunk.compressedByteCount) bytes")
        }
        let byteLimit = max(chunk.uncompressedByteCount, 0).addingReportingOverflow(ParquetBudget.slackByteCount).0
        (pages, dictionaryPage) = try file.file.withBytes {
            try Self.pages(
                $0, range, valueCount: chunk.valueCount, byteLimit: byteLimit, leaf: leaf, place: place)
        }
        if leaf.maximumRepetitionLevel == 0, chunk.valueCount != rowCount {
            throw place.error(.damaged, "\(chunk.valueCount) values in \(rowCount) rows")
        }
    }

    private static func pages(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, valueCount: Int, byteLimit: Int, leaf: ParquetLeaf,
        place: ParquetPlace
    ) throws -> (pages: [Page], dictionary: Page?) {
        var pages: [Page] = []
        var dictionary: Page?
        var (position, seen, expanded) = (range.lowerBound, 0, 0)
        let chunk = UnsafeRawBufferPointer(rebasing: bytes[..<range.upperBound])
        while seen < valueCount {
            var reader = ThriftReader(chunk, place: place, position: position)
            let header = try PageHeader(&reader)
            let start = reader.position
            guard header.compressedByteCount <= range.upperBound - start else {
                throw place.error(
                    .truncated, at: start,
                    "a page of \(header.compressedByteCount) bytes, \(range.upperBound - start) remain")
            }
            guard header.kind == .dictionary || header.kind == .index || header.valueCount <= valueCount - seen else {
                throw place.error(
                    .damaged, at: position, "a page of \(header.valueCount) values, \(valueCount - seen) are left")
            }
            // each is an array of its own when it is read; together they are a column
            expanded += min(header.uncompressedByteCount, Int(Int32.max))
            guard expanded <= byteLimit else {
                throw place.error(
                    .limitExceeded, at: start,
                    "pages that expand to \(expanded) bytes and more, the column announces \(byteLimit)")
            }
            let page = Page(header: header, body: start..<start + header.compressedByteCount, firstRow: seen)
            position = page.body.upperBound
            switch header.kind {
            case .dictionary: dictionary = dictionary ?? page
            case .index: break
            case .data, .dataV2:
                // writers end a chunk with an empty page; it is not kept, or there could be as many as the file has bytes
                guard header.valueCount > 0 else { break }
                seen += header.valueCount
                pages.append(page)
            }
        }
        guard seen == valueCount else {
            throw place.error(.damaged, "\(valueCount) values are announced, the pages have \(seen)")
        }
        return (pages, dictionary)
    }

    // MARK: - Decoding

    /// The values of the dictionary page; nil when there is none.
    func dictionary() throws -> ParquetValues? {
        guard let page = dictionaryPage else { return nil }
        return try file.withBytes { bytes in
            try withContent(of: page, bytes) { content, owner in
                // a dictionary is PLAIN whatever it calls itself
                try decoder.decode(
                    content, encoding: 0, count: page.header.valueCount, dictionary: nil, owner: owner)
            }
        }
    }

    /// One page, expanded and decoded.
    func page(_ page: Page, dictionary: ParquetValues?) throws -> ColumnData {
        try file.withBytes { bytes in
            page.header.kind == .data
                ? try dataPage(page, bytes, dictionary) : try dataPageV2(page, bytes, dictionary)
        }
    }

    private var decoder: ValueDecoder {
        ValueDecoder(leaf: leaf, place: place, byteLimit: limits.budget(for: file.byteCount))
    }

    private func body(_ page: Page, _ bytes: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
        let body = UnsafeRawBufferPointer(rebasing: bytes[page.body])
        if let crc = page.header.crc, limits.verifiesChecksums {
            let found = CRC32.checksum(body)
            guard found == crc else {
                throw place.error(
                    .damaged, at: page.body.lowerBound, "the CRC of a page is \(found), \(crc) is written there",
                    advice: "The file is damaged; fetch it again.")
            }
        }
        return body
    }

    /// Passes a page's bytes, and the array they were expanded into, if they were.
    private func withContent<Result>(
        of page: Page, _ bytes: UnsafeRawBufferPointer, _ use: (UnsafeRawBufferPointer, [UInt8]?) throws -> Result
    ) throws -> Result {
        let body = try body(page, bytes)
        if codec == 0 { return try use(body, nil) }
        let expanded = try Compression.decompress(
            body, codec: codec, byteCount: page.header.uncompressedByteCount, place: place, limits: limits)
        return try expanded.withUnsafeBytes { try use($0, expanded) }
    }

    private func dataPage(
        _ page: Page, _ bytes: UnsafeRawBufferPointer, _ dictionary: ParquetValues?
    ) throws -> ColumnData {
        try withContent(of: page, bytes) { content, owner in
            var position = 0
            func levels(_ maximum: Int, _ encoding: Int) throws -> [UInt8] {
                guard maximum > 0 else { return [] }
                guard encoding == 3 else { throw place.error(.unsupported, "levels in the encoding BIT_PACKED") }
                guard content.count - position >= 4 else { throw place.error(.truncated, "a page ends in its levels") }
                let length = Int(UInt32(littleEndian: content.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
                position += 4
                guard length <= content.count - position else {
                    throw place.error(.damaged, "\(length) bytes of levels")
                }
                defer { position += length }
                return try self.levels(
                    UnsafeRawBufferPointer(rebasing: content[position..<position + length]), maximum,
                    page.header.valueCount)
            }
            let repetition = try levels(leaf.maximumRepetitionLevel, page.header.repetitionEncoding)
            let definition = try levels(leaf.maximumDefinitionLevel, page.header.definitionEncoding)
            let values = UnsafeRawBufferPointer(rebasing: content[position...])
            return try data(page, repetition, definition, values, dictionary, owner)
        }
    }

    private func dataPageV2(
        _ page: Page, _ bytes: UnsafeRawBufferPointer, _ dictionary: ParquetValues?
    ) throws -> ColumnData {
        let (body, header) = (try body(page, bytes), page.header)
        let (sum, overflow) = header.repetitionByteCount.addingReportingOverflow(header.definitionByteCount)
        guard !overflow, sum <= body.count, sum <= header.uncompressedByteCount else {
            throw place.error(.damaged, at: page.body.lowerBound, "levels of \(sum) bytes in a page of \(body.count)")
        }
        let repetition = UnsafeRawBufferPointer(rebasing: body[..<header.repetitionByteCount])
        let definition = UnsafeRawBufferPointer(rebasing: body[header.repetitionByteCount..<sum])
        let values = UnsafeRawBufferPointer(rebasing: body[sum...])
        let (r, d) = (
            leaf.maximumRepetitionLevel > 0
                ? try levels(repetition, leaf.maximumRepetitionLevel, header.valueCount) : [],
            leaf.maximumDefinitionLevel > 0
                ? try levels(definition, leaf.maximumDefinitionLevel, header.valueCount) : []
        )
        if codec == 0 || !header.isCompressed { return try data(page, r, d, values, dictionary) }
        let expanded = try Compression.decompress(
            values, codec: codec, byteCount: header.uncompressedByteCount - sum, place: place, limits: limits)
        return try expanded.withUnsafeBytes { try data(page, r, d, $0, dictionary, expanded) }
    }

    private func levels(_ bytes: UnsafeRawBufferPointer, _ maximum: Int, _ count: Int) throws -> [UInt8] {
        var decoder = try HybridDecoder(bytes, bitWidth: HybridDecoder.bitWidth(of: maximum), place: place)
        var levels: [Int32] = []
        try decoder.decode(count, limit: UInt32(maximum), into: &levels)
        return levels.map { UInt8(truncatingIfNeeded: $0) }
    }

    private func data(
        _ page: Page, _ repetition: [UInt8], _ definition: [UInt8], _ values: UnsafeRawBufferPointer,
        _ dictionary: ParquetValues?, _ owner: [UInt8]? = nil
    ) throws -> ColumnData {
        let full = UInt8(leaf.maximumDefinitionLevel)
        let present = definition.isEmpty ? page.header.valueCount : definition.reduce(0) { $0 + ($1 == full ? 1 : 0) }
        if let first = repetition.first, first != 0, page.firstRow == 0 {
            throw place.error(.damaged, at: page.body.lowerBound, "the first value continues a row that is not there")
        }
        let decoded = try decoder.decode(
            values, encoding: page.header.encoding, count: present, dictionary: dictionary, owner: owner)
        return ColumnData(
            levelCount: page.header.valueCount, repetitionLevels: repetition,
            definitionLevels: present == page.header.valueCount ? [] : definition, values: decoded)
    }
}

/// Levels and values of a part of a column.
public struct ColumnData: Sendable {
    /// Values, nulls and empty lists.
    public internal(set) var levelCount: Int
    /// Empty where the column has no lists.
    public internal(set) var repetitionLevels: [UInt8]
    /// Empty where every value is there.
    public internal(set) var definitionLevels: [UInt8]
    public internal(set) var values: ParquetValues

    /// Appends the part behind.
    mutating func append(_ other: ColumnData, maximumDefinitionLevel: Int) {
        if !definitionLevels.isEmpty || !other.definitionLevels.isEmpty {
            let full = UInt8(maximumDefinitionLevel)
            func filled(_ data: ColumnData) -> [UInt8] {
                data.definitionLevels.isEmpty ? Array(repeating: full, count: data.levelCount) : data.definitionLevels
            }
            definitionLevels = filled(self) + filled(other)
        }
        repetitionLevels += other.repetitionLevels
        levelCount += other.levelCount
        values.append(other.values)
    }
}
