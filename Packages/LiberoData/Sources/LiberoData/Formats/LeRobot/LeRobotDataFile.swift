import FileSupport
import Foundation
import Parquet
import TensorCore

/// One data file of a LeRobot set: numbers in memory after their first use, images by their pages.
///
/// `@unchecked Sendable`: all state is behind the lock.
final class LeRobotDataFile: @unchecked Sendable {
    let parquet: ParquetFile
    private let pages: ParquetPageCache
    private let lock = NSLock()
    private var images: [String: (bytes: ParquetPages, paths: ParquetPages?)] = [:]
    private var columns: [String: NumberColumn] = [:]
    /// Rows that are null, by column.
    private var nulls: [String: [Int]] = [:]

    init(at url: URL, pages: ParquetPageCache) throws {
        parquet = try ParquetFile(at: url)
        self.pages = pages
    }

    /// Numbers of all rows.
    func column(_ name: String) throws -> NumberColumn {
        if let known = lock.withLock({ columns[name] }) { return known }
        guard let leaf = parquet.leaf(name) else {
            throw SerializationError(.notFound, file: parquet.name, member: name, "there is no such column")
        }
        let table = try parquet.table(leaf)
        let type: NumberColumn.ElementType =
            switch parquet.leaves[leaf].type {
            case .float, .fixedLengthByteArray: .float32
            case .double: .float64
            case .boolean: .bool
            case .int32: .int32
            default: .int64
            }
        let column = NumberColumn(width: table.width, values: table.values, elementType: type)
        lock.withLock {
            columns[name] = column
            nulls[name] = table.nullRows
        }
        return column
    }

    /// The first null row of a column that was read, among some rows.
    func nullRow(of name: String, in rows: Range<Int>) -> Int? {
        lock.withLock { nulls[name]?.first { rows.contains($0) } }
    }

    /// The texts of all rows; `nil` where a column holds none.
    func texts(_ name: String) throws -> [String]? {
        guard let field = parquet.field(name), field.isLeaf, parquet.leaves[field.leaves.lowerBound].isText else {
            return nil
        }
        return try parquet.rows(of: field).map { $0.text ?? "" }
    }

    /// The stored bytes of an image, and the path beside them.
    func image(_ name: String, row: Int) throws -> (bytes: ArraySlice<UInt8>?, path: String?) {
        let (bytes, paths) = try pages(name)
        let content = try bytes.value(row: row)
        guard content == nil, let paths else { return (content, nil) }
        return (nil, try paths.value(row: row).map { String(decoding: $0, as: UTF8.self) })
    }

    private func pages(_ name: String) throws -> (bytes: ParquetPages, paths: ParquetPages?) {
        if let known = lock.withLock({ images[name] }) { return known }
        guard let leaf = parquet.leaf("\(name).bytes") else {
            throw SerializationError(.notFound, file: parquet.name, member: name, "there is no such column of images")
        }
        let found = (
            ParquetPages(parquet, leaf: leaf, cache: pages),
            parquet.leaf("\(name).path").map { ParquetPages(parquet, leaf: $0, cache: pages) }
        )
        lock.withLock { images[name] = found }
        return found
    }
}

/// Data files that are open; the least recently used are closed.
///
/// `@unchecked Sendable`: all state is behind the lock.
final class LeRobotFileCache: @unchecked Sendable {
    private let root: URL
    private let capacity: Int
    private let pages: ParquetPageCache
    private let lock = NSLock()
    private var files: [String: (file: LeRobotDataFile, lastUse: Int)] = [:]
    private var clock = 0

    init(root: URL, capacity: Int = 2048, pageBudget: Int = 64 << 20) {
        (self.root, self.capacity, pages) = (root, capacity, ParquetPageCache(budget: pageBudget))
    }

    func file(_ path: String) throws -> LeRobotDataFile {
        let known = lock.withLock { () -> LeRobotDataFile? in
            clock += 1
            files[path]?.lastUse = clock
            return files[path]?.file
        }
        if let known { return known }
        let url = root.appendingPathComponent(path)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw SerializationError(.notFound, file: path, "the file does not exist", advice: "Fetch it again.")
        }
        let file = try LeRobotDataFile(at: url, pages: pages)
        lock.withLock {
            files[path] = (file, clock)
            guard files.count > capacity, let oldest = files.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
                return
            }
            files[oldest.key] = nil
        }
        return file
    }
}
