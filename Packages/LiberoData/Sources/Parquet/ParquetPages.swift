import Foundation

/// Expanded pages of any number of files, within one budget of bytes; the least recently used go first.
///
/// `@unchecked Sendable`: all state is behind the lock.
public final class ParquetPageCache: @unchecked Sendable {
    struct Key: Hashable {
        var file: String
        var leaf: Int
        var rowGroup: Int
        /// −1 is the dictionary.
        var page: Int
    }

    private let budget: Int
    private let lock = NSLock()
    private var pages: [Key: (values: [ArraySlice<UInt8>?], byteCount: Int, lastUse: Int)] = [:]
    private var byteCount = 0
    private var clock = 0

    public init(budget: Int = 64 << 20) { self.budget = budget }

    func values(_ key: Key, read: () throws -> [ArraySlice<UInt8>?]) rethrows -> [ArraySlice<UInt8>?] {
        let known = lock.withLock { () -> [ArraySlice<UInt8>?]? in
            clock += 1
            pages[key]?.lastUse = clock
            return pages[key]?.values
        }
        if let known { return known }
        let values = try read()
        let size = values.reduce(64) { $0 + 32 + ($1?.count ?? 0) }
        lock.withLock {
            guard pages[key] == nil, size <= budget else { return }
            pages[key] = (values, size, clock)
            byteCount += size
            while byteCount > budget, let oldest = pages.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                byteCount -= oldest.value.byteCount
                pages[oldest.key] = nil
            }
        }
        return values
    }
}

/// Random access to the byte arrays of one column, such as embedded images.
///
/// The pages' places are found once per row group; a page is expanded when one of its rows is asked for.
///
/// `@unchecked Sendable`: all state is behind the lock.
public final class ParquetPages: @unchecked Sendable {
    private let file: ParquetFile
    private let leaf: Int
    private let cache: ParquetPageCache
    private let lock = NSLock()
    private var readers: [Int: ColumnReader] = [:]

    public init(_ file: ParquetFile, leaf: Int, cache: ParquetPageCache = ParquetPageCache()) {
        (self.file, self.leaf, self.cache) = (file, leaf, cache)
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
        let place = inGroup - reader.pages[low].firstRow
        // a page of one image is read where it lies
        if reader.pages[low].header.valueCount == 1 { return try expand(reader, group.index, low)[place] }
        return try cache.values(key(group.index, low)) { try expand(reader, group.index, low) }[place]
    }

    private func key(_ group: Int, _ page: Int) -> ParquetPageCache.Key {
        .init(file: file.name, leaf: leaf, rowGroup: group, page: page)
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

    private func expand(_ reader: ColumnReader, _ group: Int, _ page: Int) throws -> [ArraySlice<UInt8>?] {
        var dictionary: ParquetValues?
        let encoding = reader.pages[page].header.encoding
        if encoding == 2 || encoding == 8 {
            let entries = try cache.values(key(group, -1)) {
                guard case .bytes(let entries) = try reader.dictionary() else { return [] }
                return entries
            }
            dictionary = .bytes(entries.map { $0! })
        }
        let data = try reader.page(reader.pages[page], dictionary: dictionary)
        return try ParquetFile.byteArrays(data, reader.leaf, file: file.name)
    }
}
