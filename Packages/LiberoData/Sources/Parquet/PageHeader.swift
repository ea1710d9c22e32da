/// What stands in front of a page.
struct PageHeader: Sendable {
    enum Kind: Int, Sendable { case data = 0, index, dictionary, dataV2 }

    var kind = Kind.index
    var uncompressedByteCount = 0
    var compressedByteCount = 0
    var crc: UInt32?
    var valueCount = 0
    var encoding = 0
    var definitionEncoding = 3
    var repetitionEncoding = 3
    // version 2 only
    var rowCount = 0
    var definitionByteCount = 0
    var repetitionByteCount = 0
    var isCompressed = true

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .int32):
                let value = try reader.integer()
                guard let known = Kind(rawValue: value) else { throw reader.failure("page type \(value)") }
                kind = known
            case (2, .int32): uncompressedByteCount = try reader.integer()
            case (3, .int32): compressedByteCount = try reader.integer()
            case (4, .int32): crc = UInt32(truncatingIfNeeded: try reader.integer())
            case (5, .structure), (7, .structure): try readData(&reader)
            case (8, .structure): try readDataV2(&reader)
            default: return false
            }
            return true
        }
        let counts = [
            uncompressedByteCount, compressedByteCount, valueCount, rowCount, definitionByteCount, repetitionByteCount,
        ]
        guard counts.allSatisfy({ $0 >= 0 }) else { throw reader.failure("a negative size in a page header") }
    }

    private mutating func readData(_ reader: inout ThriftReader) throws {
        var header = self
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .int32): header.valueCount = try reader.integer()
            case (2, .int32): header.encoding = try reader.integer()
            case (3, .int32): header.definitionEncoding = try reader.integer()
            case (4, .int32): header.repetitionEncoding = try reader.integer()
            default: return false
            }
            return true
        }
        self = header
    }

    private mutating func readDataV2(_ reader: inout ThriftReader) throws {
        var header = self
        try reader.structure { reader, field, type in
            switch (field, type) {
            case (1, .int32): header.valueCount = try reader.integer()
            case (3, .int32): header.rowCount = try reader.integer()
            case (4, .int32): header.encoding = try reader.integer()
            case (5, .int32): header.definitionByteCount = try reader.integer()
            case (6, .int32): header.repetitionByteCount = try reader.integer()
            case (7, _): header.isCompressed = reader.boolean(type)
            default: return false
            }
            return true
        }
        self = header
    }
}
