import Foundation
import TensorCore

/// Random access to the byte arrays of one column, such as embedded pictures.
///
/// The pages' places are found once per row group; expanded pages are kept within a budget of bytes, the least recently
/// used go first. Pages that are not compressed are not kept: they are read where they lie.
///
/// `@unchecked Sendable`: all state is behind the lock.
public final class ParquetPages: @unchecked Sendable {
    private struct Key: Hashable {
        var rowGroup: Int
        /// −1 is the dictionary.
        var page: Int
    }

    private let file: ParquetFile
    private let leaf: Int
    private let budget: Int
    private let lock = NSLock()
    private var readers: [Int: ColumnReader] = [:]
    private var kept: [Key: (values: [ArraySlice<UInt8>?], byteCount: Int, lastUse: Int)] = [:]
    private var dictionaries: [Int: ParquetValues] = [:]
    private var byteCount = 0
    private var clock = 0

    /// - Parameter budget: Bytes of expanded pages kept in memory.
    public init(_ file: ParquetFile, leaf: Int, budget: Int = 16 << 20) {
        (self.file, self.leaf, self.budget) = (file, leaf, budget)
    }

    /// The byte array of a row; nil when it is null.
    ///
    /// - Throws: `SerializationError` for what is damaged.
    public func value(row: Int) throws -> ArraySlice<UInt8>? {
        precondition(0..<file.rowCount ~= row, "row \(row) of \(file.rowCount)")
        let group = file.rowGroups.last { $0.firstRow <= row && $0.rowCount > 0 }!
        let reader = try reader(group.index)
        let inGroup = row - group.firstRow
        // the last page that begins at or before the row
        var (low, high) = (0, reader.pages.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if reader.pages[middle].firstRow <= inGroup { low = middle } else { high = middle }
        }
        let values = try values(reader, group: group.index, page: low)
        return values[inGroup - reader.pages[low].firstRow]
    }

    private func reader(_ group: Int) throws -> ColumnReader {
        if let known = lock.withLock({ readers[group] }) { return known }
        let reader = try ColumnReader(file, leaf: leaf, rowGroup: group)
        guard reader.leaf.maximumRepetitionLevel == 0 else {
            throw ParquetPlace(file: file.name, column: reader.leaf.name).error(.unsupported, "a column of lists")
        }
        lock.withLock { readers[group] = reader }
        return reader
    }

    private func values(_ reader: ColumnReader, group: Int, page: Int) throws -> [ArraySlice<UInt8>?] {
        let key = Key(rowGroup: group, page: page)
        let known = lock.withLock { () -> [ArraySlice<UInt8>?]? in
            clock += 1
            kept[key]?.lastUse = clock
            return kept[key]?.values
        }
        if let known { return known }

        var dictionary = lock.withLock { dictionaries[group] }
        let encoding = reader.pages[page].header.encoding
        if dictionary == nil, encoding == 2 || encoding == 8 {
            dictionary = try reader.dictionary()
            lock.withLock {
                // one dictionary is about a mebibyte; those of a few row groups are enough
                if dictionaries.count >= 4 { dictionaries.removeAll() }
                dictionaries[group] = dictionary
            }
        }
        let data = try reader.page(reader.pages[page], dictionary: dictionary)
        let values = try ParquetFile.byteArrays(data, reader.leaf, file: file.name)
        let size = values.reduce(64) { $0 + ($1?.count ?? 0) }
        lock.withLock {
            guard kept[key] == nil, size <= budget else { return }
            kept[key] = (values, size, clock)
            byteCount += size
            while byteCount > budget, let oldest = kept.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                byteCount -= oldest.value.byteCount
                kept[oldest.key] = nil
            }
        }
        return values
    }
}
