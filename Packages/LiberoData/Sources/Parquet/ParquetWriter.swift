public import Foundation

/// Writes a Parquet file: optional columns, PLAIN values, Snappy for numbers and text, lists of three levels.
///
/// Images are stored as they are, one page each, so that one is read without the others. The file is written beside
/// and gets its name when it is complete.
public final class ParquetWriter {
    /// A column at the top of the schema.
    public struct Column: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            case int64, float, double, boolean, text
            case listOfInt64, listOfFloat, listOfDouble, listOfText
            /// Lists of lists of lists, as statistics of images are shaped.
            case nestedListOfDouble(depth: Int)
            /// A group of `bytes` and `path`, as `datasets` stores images.
            case image
        }

        public var name: String
        public var kind: Kind

        public init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }
    }

    /// The rows of a column; their number is the same in all columns of a row group.
    public enum Values: Sendable {
        case int64([Int64])
        case float([Float])
        case double([Double])
        case boolean([Bool])
        case text([String])
        /// As many numbers per row as `width` says.
        case rowsOfInt64([Int64], width: Int)
        case rowsOfFloat([Float], width: Int)
        case rowsOfDouble([Double], width: Int)
        case listsOfText([[String]])
        /// Encoded images and their file names.
        case images([(bytes: [UInt8], path: String)])
    }

    public let columns: [Column]
    public private(set) var rowCount = 0
    /// Bytes written so far.
    public private(set) var byteCount = 0
    private let keyValues: [(String, String)]
    private let file: ParquetOutput
    private var rowGroups: [ParquetMetadataWriter.RowGroup] = []

    /// Begins a file.
    ///
    /// - Throws: `SerializationError` when the folder cannot be written.
    public init(to url: URL, columns: [Column], keyValues: [(String, String)] = []) throws {
        (self.columns, self.keyValues) = (columns, keyValues)
        file = try ParquetOutput(url)
        try write(Array("PAR1".utf8))
    }

    /// Appends rows, in row groups of at most so many.
    public func append(_ values: [Values], rowGroupSize: Int) throws {
        precondition(rowGroupSize > 0, "Parquet: row groups of \(rowGroupSize) rows")
        let count = values.map(\.rowCount).max() ?? 0
        for start in stride(from: 0, to: count, by: rowGroupSize) {
            try append(values.map { $0.rows(start..<min(start + rowGroupSize, count)) })
        }
    }

    /// Appends rows, as one row group.
    public func append(_ values: [Values]) throws {
        precondition(values.count == columns.count, "Parquet: \(values.count) columns, \(columns.count) in the schema")
        let counts = Set(values.map(\.rowCount))
        precondition(counts.count == 1, "Parquet: columns of \(counts.sorted()) rows")
        let count = counts.first!
        guard count > 0 else { return }
        var chunks: [ParquetMetadataWriter.Chunk] = []
        for (column, values) in zip(columns, values) { chunks += try write(values, of: column) }
        rowGroups.append(.init(rowCount: count, chunks: chunks))
        rowCount += count
    }

    /// Writes the footer and gives the file its name.
    public func close() throws {
        let footer = ParquetMetadataWriter.footer(
            columns: columns, rowGroups: rowGroups, rowCount: rowCount, keyValues: keyValues)
        try write(footer)
        try write(withUnsafeBytes(of: UInt32(footer.count).littleEndian) { Array($0) })
        try write(Array("PAR1".utf8))
        try file.close()
    }

    private func write(_ bytes: [UInt8]) throws {
        try file.write(bytes)
        byteCount += bytes.count
    }

    // MARK: - Columns

    private func write(_ values: Values, of column: Column) throws -> [ParquetMetadataWriter.Chunk] {
        switch values {
        case .int64(let values): return [try chunk([column.name], .int64, flat(values.count), plain(values))]
        case .float(let values): return [try chunk([column.name], .float, flat(values.count), plain(values))]
        case .double(let values): return [try chunk([column.name], .double, flat(values.count), plain(values))]
        case .boolean(let values):
            return [try chunk([column.name], .boolean, flat(values.count), packed(values))]
        case .text(let values):
            return [try chunk([column.name], .byteArray, flat(values.count), plain(values.map { Array($0.utf8) }))]
        case .rowsOfInt64(let values, let width):
            return [try chunk(list(column), .int64, rows(values.count, width, column), plain(values))]
        case .rowsOfFloat(let values, let width):
            return [try chunk(list(column), .float, rows(values.count, width, column), plain(values))]
        case .rowsOfDouble(let values, let width):
            return [try chunk(list(column), .double, rows(values.count, width, column), plain(values))]
        case .listsOfText(let lists):
            return [
                try chunk(list(column), .byteArray, levels(of: lists), plain(lists.joined().map { Array($0.utf8) }))
            ]
        case .images(let images):
            let bytes = try pageChunk([column.name, "bytes"], images.map(\.bytes))
            let paths = plain(images.map { Array($0.path.utf8) })
            return [bytes, try chunk([column.name, "path"], .byteArray, flat(images.count, level: 2), paths)]
        }
    }

    private func list(_ column: Column) -> [String] { ParquetMetadataWriter.listPath(column) }

    /// What stands in front of the values of a page.
    private struct Levels {
        var repetition: [UInt8]
        var definition: [UInt8]
        var count: Int
    }

    private func flat(_ count: Int, level: Int = 1) -> Levels {
        Levels(repetition: [], definition: run(count, level, limit: level), count: count)
    }

    /// Rows of the same number of values; deeper lists hold one each.
    private func rows(_ count: Int, _ width: Int, _ column: Column) -> Levels {
        let depth = column.depth
        var repetition = [UInt8](repeating: UInt8(depth), count: count)
        if case .nestedListOfDouble = column.kind {
            // [[[r]], [[g]], [[b]]]: each number begins a list of the second level
            for index in 0..<count { repetition[index] = index % width == 0 ? 0 : 1 }
        } else {
            for index in stride(from: 0, to: count, by: width) { repetition[index] = 0 }
        }
        return Levels(
            repetition: hybrid(repetition, limit: depth), definition: run(count, 2 * depth + 1, limit: 2 * depth + 1),
            count: count)
    }

    private func levels(of lists: [[String]]) -> Levels {
        var (repetition, definition): ([UInt8], [UInt8]) = ([], [])
        for list in lists {
            // an empty list is one entry without value
            repetition += list.isEmpty ? [0] : list.indices.map { $0 == 0 ? 0 : 1 }
            definition += list.isEmpty ? [1] : Array(repeating: 3, count: list.count)
        }
        return Levels(
            repetition: hybrid(repetition, limit: 1), definition: hybrid(definition, limit: 3), count: definition.count)
    }

    /// One run of equal levels, with its length in front.
    private func run(_ count: Int, _ level: Int, limit: Int) -> [UInt8] {
        prefixed(varint(count << 1) + [UInt8(level)])
    }

    /// Runs of equal levels, with their length in front.
    private func hybrid(_ levels: [UInt8], limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var start = 0
        while start < levels.count {
            var end = start + 1
            while end < levels.count, levels[end] == levels[start] { end += 1 }
            bytes += varint((end - start) << 1) + [levels[start]]
            start = end
        }
        return prefixed(bytes)
    }

    private func prefixed(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) } + bytes
    }

    private func varint(_ value: Int) -> [UInt8] {
        var (value, bytes) = (value, [UInt8]())
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7F) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }

    private func plain<Number: BitwiseCopyable>(_ values: [Number]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

    private func plain(_ values: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.reduce(0) { $0 + $1.count + 4 })
        for value in values { bytes += prefixed(value) }
        return bytes
    }

    private func packed(_ values: [Bool]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (values.count + 7) / 8)
        for (index, value) in values.enumerated() where value { bytes[index / 8] |= 1 << UInt8(index % 8) }
        return bytes
    }

    /// A column of one page.
    private func chunk(
        _ path: [String], _ type: ParquetType, _ levels: Levels, _ values: [UInt8]
    ) throws -> ParquetMetadataWriter.Chunk {
        let start = byteCount
        let page = levels.repetition + levels.definition + values
        let compressed = Compression.snappy(page)
        let header = ParquetMetadataWriter.pageHeader(
            valueCount: levels.count, uncompressed: page.count, compressed: compressed.count)
        try write(header + compressed)
        return .init(
            path: path, type: type, codec: 1, valueCount: levels.count, offset: start,
            uncompressed: header.count + page.count, compressed: byteCount - start)
    }

    /// A column of one page per value, stored as it is.
    private func pageChunk(_ path: [String], _ values: [[UInt8]]) throws -> ParquetMetadataWriter.Chunk {
        let start = byteCount
        for value in values {
            let front = flat(1, level: 2).definition
            let count = front.count + 4 + value.count
            try write(ParquetMetadataWriter.pageHeader(valueCount: 1, uncompressed: count, compressed: count))
            try write(front + prefixed(value))
        }
        return .init(
            path: path, type: .byteArray, codec: 0, valueCount: values.count, offset: start,
            uncompressed: byteCount - start, compressed: byteCount - start)
    }
}

extension ParquetWriter.Column {
    /// Lists inside each other.
    var depth: Int {
        switch kind {
        case .nestedListOfDouble(let depth): depth
        case .listOfInt64, .listOfFloat, .listOfDouble, .listOfText: 1
        default: 0
        }
    }
}

extension ParquetWriter.Values {
    var rowCount: Int {
        switch self {
        case .int64(let values): values.count
        case .float(let values): values.count
        case .double(let values): values.count
        case .boolean(let values): values.count
        case .text(let values): values.count
        case .rowsOfInt64(let values, let width): values.count / width
        case .rowsOfFloat(let values, let width): values.count / width
        case .rowsOfDouble(let values, let width): values.count / width
        case .listsOfText(let values): values.count
        case .images(let values): values.count
        }
    }

    /// Some of the rows.
    func rows(_ rows: Range<Int>) -> Self {
        func part<Value>(_ values: [Value], width: Int = 1) -> [Value] {
            Array(values[rows.lowerBound * width..<rows.upperBound * width])
        }
        switch self {
        case .int64(let values): return .int64(part(values))
        case .float(let values): return .float(part(values))
        case .double(let values): return .double(part(values))
        case .boolean(let values): return .boolean(part(values))
        case .text(let values): return .text(part(values))
        case .rowsOfInt64(let values, let width): return .rowsOfInt64(part(values, width: width), width: width)
        case .rowsOfFloat(let values, let width): return .rowsOfFloat(part(values, width: width), width: width)
        case .rowsOfDouble(let values, let width): return .rowsOfDouble(part(values, width: width), width: width)
        case .listsOfText(let values): return .listsOfText(part(values))
        case .images(let values): return .images(part(values))
        }
    }
}
