import FileSupport

/// What a file announces, held against its size before anything is expanded.
///
/// Runs, dictionaries and compression let few bytes stand for many values. Rows need values, values need bytes, and no
/// bytes are counted twice: columns may not share pages.
enum ParquetBudget {
    /// Values that a file may have however small it is, and how many to a byte beyond.
    static let freeValueCount = 1 << 22
    static let valuesPerByte = 64

    /// Bytes that the pages of a file may expand to however small it is; beyond, as in ``FileLimits``.
    static let freeByteCount = 4 * FileLimits.freeByteCount
    /// Bytes that one page may expand to beyond what its column announces: headers are counted differently by writers.
    static let slackByteCount = 1 << 16

    /// - Throws: `SerializationError` for a file that announces more than its size can stand for.
    static func check(
        _ metadata: ParquetMetadata, leafCount: Int, fileByteCount: Int, limits: FileLimits, place: ParquetPlace
    ) throws {
        let chunks = metadata.rowGroups.flatMap { group in group.columns.map { (rows: group.rowCount, chunk: $0) } }
            .filter { $0.chunk.filePath == nil && !$0.chunk.isEncrypted }
        guard leafCount > 0 || metadata.rowCount == 0 else {
            throw place.error(.damaged, "\(metadata.rowCount) rows without a column")
        }

        var (values, expanded) = (0, 0)
        let byteLimit = min(limits.expandedByteCount, max(freeByteCount, limits.budget(for: fileByteCount)))
        let valueLimit = max(freeValueCount, fileByteCount.multipliedReportingOverflow(by: valuesPerByte).0)
        var ranges: [Range<Int>] = []
        for (rows, chunk) in chunks {
            let place = ParquetPlace(file: place.file, column: chunk.path.joined(separator: "."))
            guard chunk.valueCount >= rows else {
                throw place.error(.damaged, "\(rows) rows of \(chunk.valueCount) values")
            }
            let (sum, overflow) = values.addingReportingOverflow(chunk.valueCount)
            guard !overflow, sum <= valueLimit else {
                throw place.error(
                    .limitExceeded, "\(overflow ? chunk.valueCount : sum) values out of \(fileByteCount) bytes")
            }
            values = sum
            expanded += min(max(chunk.uncompressedByteCount, 0), Int(UInt32.max))
            guard expanded <= byteLimit else {
                throw place.error(
                    .limitExceeded, "pages of \(fileByteCount) bytes that expand to \(expanded) and more")
            }
            if let range = chunk.range, !range.isEmpty, rows > 0 { ranges.append(range) }
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        for (range, next) in zip(ranges, ranges.dropFirst()) where next.lowerBound < range.upperBound {
            throw place.error(.damaged, at: next.lowerBound, "two columns share their pages")
        }
    }
}

extension ParquetMetadata.ColumnChunk {
    /// The pages' place; nil for one that no file can have.
    var range: Range<Int>? {
        var start = dataPageOffset
        if let dictionary = dictionaryPageOffset, dictionary > 0 { start = min(start, dictionary) }
        let (end, overflow) = start.addingReportingOverflow(compressedByteCount)
        return start >= 4 && compressedByteCount >= 0 && !overflow ? start..<end : nil
    }
}
