/// Writes page headers and footers.
enum ParquetMetadataWriter {
    struct Chunk {
        var path: [String]
        var type: ParquetType
        var codec: Int
        var valueCount: Int
        var offset: Int
        var uncompressed: Int
        var compressed: Int
    }

    struct RowGroup {
        var rowCount: Int
        var chunks: [Chunk]
    }

    /// A data page v1, PLAIN, levels in runs.
    static func pageHeader(valueCount: Int, uncompressed: Int, compressed: Int) -> [UInt8] {
        var writer = ThriftWriter()
        writer.structure { header in
            header.int32(1, 0)
            header.int32(2, uncompressed)
            header.int32(3, compressed)
            header.structure(5) { data in
                data.int32(1, valueCount)
                data.int32(2, 0)
                data.int32(3, 3)
                data.int32(4, 3)
            }
        }
        return writer.bytes
    }

    static func footer(
        columns: [ParquetWriter.Column], rowGroups: [RowGroup], rowCount: Int, keyValues: [(String, String)]
    ) -> [UInt8] {
        var writer = ThriftWriter()
        let elements =
            [Element(name: "schema", repetition: nil, childCount: columns.count)] + columns.flatMap(elements(of:))
        writer.structure { footer in
            footer.int32(1, 2)
            footer.structures(2, elements) { $1.write(to: &$0) }
            footer.int64(3, rowCount)
            footer.structures(4, rowGroups) { group, content in
                group.structures(1, content.chunks) { write($1, to: &$0) }
                group.int64(2, content.chunks.reduce(0) { $0 + $1.uncompressed })
                group.int64(3, content.rowCount)
            }
            if !keyValues.isEmpty {
                footer.structures(5, keyValues) { pair, content in
                    pair.string(1, content.0)
                    pair.string(2, content.1)
                }
            }
            footer.string(6, "vla version 0.1.0")
        }
        return writer.bytes
    }

    private static func write(_ chunk: Chunk, to writer: inout ThriftWriter) {
        writer.int64(2, chunk.offset)
        writer.structure(3) { data in
            data.int32(1, chunk.type.rawValue)
            data.integers(2, [0, 3])
            data.strings(3, chunk.path)
            data.int32(4, chunk.codec)
            data.int64(5, chunk.valueCount)
            data.int64(6, chunk.uncompressed)
            data.int64(7, chunk.compressed)
            data.int64(9, chunk.offset)
        }
    }

    // MARK: - Schema

    private struct Element {
        var name: String
        /// nil for the root.
        var repetition: ParquetRepetition?
        var type: ParquetType?
        var childCount: Int?
        var convertedType: Int?

        func write(to writer: inout ThriftWriter) {
            if let type { writer.int32(1, type.rawValue) }
            if let repetition { writer.int32(3, repetition.rawValue) }
            writer.string(4, name)
            if let childCount { writer.int32(5, childCount) }
            if let convertedType { writer.int32(6, convertedType) }
            // the logical types of text and lists
            if let convertedType { writer.structure(10) { $0.structure(convertedType == 0 ? 1 : 3) { _ in } } }
        }
    }

    private static func elements(of column: ParquetWriter.Column) -> [Element] {
        func leaf(_ name: String, _ type: ParquetType, text: Bool = false) -> Element {
            Element(name: name, repetition: .optional, type: type, convertedType: text ? 0 : nil)
        }
        func lists(_ depth: Int, _ type: ParquetType, text: Bool = false) -> [Element] {
            var result: [Element] = []
            for level in 0..<depth {
                let name = level == 0 ? column.name : "element"
                result.append(Element(name: name, repetition: .optional, childCount: 1, convertedType: 3))
                result.append(Element(name: "list", repetition: .repeated, childCount: 1))
            }
            return result + [leaf("element", type, text: text)]
        }
        switch column.kind {
        case .int64: return [leaf(column.name, .int64)]
        case .float: return [leaf(column.name, .float)]
        case .double: return [leaf(column.name, .double)]
        case .boolean: return [leaf(column.name, .boolean)]
        case .text: return [leaf(column.name, .byteArray, text: true)]
        case .listOfInt64: return lists(1, .int64)
        case .listOfFloat: return lists(1, .float)
        case .listOfDouble: return lists(1, .double)
        case .listOfText: return lists(1, .byteArray, text: true)
        case .nestedListOfDouble(let depth): return lists(depth, .double)
        case .image:
            return [
                Element(name: column.name, repetition: .optional, childCount: 2), leaf("bytes", .byteArray),
                leaf("path", .byteArray, text: true),
            ]
        }
    }

    /// The path of the leaf of a list column.
    static func listPath(_ column: ParquetWriter.Column) -> [String] {
        [column.name] + (0..<column.depth).flatMap { _ in ["list", "element"] }
    }
}
