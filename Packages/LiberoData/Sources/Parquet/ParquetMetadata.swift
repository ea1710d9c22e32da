/// The footer of a Parquet file, as it is written.
struct ParquetMetadata: Sendable {
    struct SchemaElement: Sendable {
        var name = ""
        /// nil for groups.
        var type: ParquetType?
        var typeLength: Int?
        var repetition = ParquetRepetition.required
        var childCount = 0
        var convertedType: Int?
        /// The number of the field of the union.
        var logicalType: Int?
        /// Of an INTEGER logical type.
        var isSigned = true
    }

    struct ColumnChunk: Sendable {
        var filePath: String?
        var type: ParquetType?
        var path: [String] = []
        var codec = 0
        var encodings: [Int] = []
        var valueCount = 0
        var uncompressedByteCount = 0
        var compressedByteCount = 0
        var dataPageOffset = 0
        var dictionaryPageOffset: Int?
        var isEncrypted = false
    }

    struct RowGroup: Sendable {
        var columns: [ColumnChunk] = []
        var rowCount = 0
    }

    var version = 0
    var schema: [SchemaElement] = []
    var rowCount = 0
    var rowGroups: [RowGroup] = []
    var keyValues: [(key: String, value: String)] = []
    var createdBy: String?
}

/// How an element is stored.
public enum ParquetType: Int, Sendable {
    case boolean = 0, int32, int64, int96, float, double, byteArray, fixedLengthByteArray

    /// As the format's documents write it.
    public var name: String {
        ["BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"][rawValue]
    }

    /// In words, for messages.
    var words: String {
        switch self {
        case .boolean: "truth values"
        case .int32, .int64: "whole numbers"
        case .int96: "time stamps of 12 bytes"
        case .float, .double: "numbers"
        case .byteArray: "texts or bytes"
        case .fixedLengthByteArray: "bytes of fixed length"
        }
    }
}

public enum ParquetRepetition: Int, Sendable { case required = 0, optional, repeated }

extension ParquetMetadata {
    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .int32): version = try reader.integer()
            case (2, .list): schema = try reader.list { try SchemaElement(&$0) }
            case (3, .int64): rowCount = try reader.integer()
            case (4, .list): rowGroups = try reader.list { try RowGroup(&$0) }
            case (5, .list): keyValues = try reader.list { try Self.keyValue(&$0) }
            case (6, .binary): createdBy = try reader.string()
            default: return false
            }
            return true
        }
        guard rowCount >= 0, rowGroups.allSatisfy({ $0.rowCount >= 0 }) else {
            throw reader.failure("a negative number of rows")
        }
    }

    private static func keyValue(_ reader: inout ThriftReader) throws -> (key: String, value: String) {
        var pair = (key: "", value: "")
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .binary): pair.key = try reader.string()
            case (2, .binary): pair.value = try reader.string()
            default: return false
            }
            return true
        }
        return pair
    }
}

extension ParquetMetadata.SchemaElement {
    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .int32):
                let value = try reader.integer()
                guard let known = ParquetType(rawValue: value) else { throw reader.failure("physical type \(value)") }
                self.type = known
            case (2, .int32): typeLength = try reader.integer()
            case (3, .int32):
                let value = try reader.integer()
                guard let known = ParquetRepetition(rawValue: value) else {
                    throw reader.failure("repetition \(value)")
                }
                repetition = known
            case (4, .binary): name = try reader.string()
            case (5, .int32): childCount = try reader.integer()
            case (6, .int32): convertedType = try reader.integer()
            case (10, .structure):
                try reader.structure { reader, field, type in
                    logicalType = field
                    guard field == 10, type == .structure else { return false }
                    try reader.structure { reader, field, type in
                        if field == 2 { isSigned = reader.boolean(type) }
                        return false
                    }
                    return true
                }
            default: return false
            }
            return true
        }
        guard childCount >= 0 else { throw reader.failure("\(childCount) children") }
        if let convertedType, (11...14).contains(convertedType) { isSigned = false }
    }
}

extension ParquetMetadata.RowGroup {
    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .list): columns = try reader.list { try ParquetMetadata.ColumnChunk(&$0) }
            case (3, .int64): rowCount = try reader.integer()
            default: return false
            }
            return true
        }
    }
}

extension ParquetMetadata.ColumnChunk {
    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .binary): filePath = try reader.string()
            case (3, .structure): try readMetadata(&reader)
            case (8, .structure):
                isEncrypted = true
                return false
            default: return false
            }
            return true
        }
    }

    private mutating func readMetadata(_ reader: inout ThriftReader) throws {
        var chunk = self
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .int32): chunk.type = ParquetType(rawValue: try reader.integer())
            case (2, .list): chunk.encodings = try reader.list { try $0.integer() }
            case (3, .list): chunk.path = try reader.list { try $0.string() }
            case (4, .int32): chunk.codec = try reader.integer()
            case (5, .int64): chunk.valueCount = try reader.integer()
            case (6, .int64): chunk.uncompressedByteCount = try reader.integer()
            case (7, .int64): chunk.compressedByteCount = try reader.integer()
            case (9, .int64): chunk.dataPageOffset = try reader.integer()
            case (11, .int64): chunk.dictionaryPageOffset = try reader.integer()
            default: return false
            }
            return true
        }
        self = chunk
    }
}
