import FileSupport

/// Reads Thrift's compact protocol, in which Parquet's metadata is written.
///
/// Every length is bounded by the bytes that remain, and structs may not be nested without end.
struct ThriftReader {
    enum FieldType: UInt8 {
        case stop = 0, booleanTrue, booleanFalse, int8, int16, int32, int64, double, binary, list, set, map, structure
    }

    private let bytes: UnsafeRawBufferPointer
    private let place: ParquetPlace
    private(set) var position: Int
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer, place: ParquetPlace, position: Int = 0) {
        (self.bytes, self.place, self.position) = (bytes, place, position)
    }

    var remaining: Int { bytes.count - position }

    func failure(_ found: String) -> SerializationError { place.error(.damaged, at: position, found) }

    mutating func byte() throws -> UInt8 {
        guard position < bytes.count else {
            throw place.error(.truncated, at: position, "the metadata ends early")
        }
        defer { position += 1 }
        return bytes[position]
    }

    /// 7 bits per byte, the low ones first.
    mutating func varint() throws -> UInt64 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while true {
            let byte = try byte()
            guard shift < 64 else { throw failure("a number of more than 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
    }

    mutating func integer() throws -> Int {
        let value = try varint()
        return Int(bitPattern: UInt(value >> 1)) ^ -Int(value & 1)
    }

    /// A count or size that cannot be more than the bytes that remain.
    mutating func size() throws -> Int {
        let value = try varint()
        guard value <= UInt64(remaining) else { throw failure("a size of \(value), \(remaining) bytes remain") }
        return Int(value)
    }

    mutating func binary() throws -> [UInt8] {
        let count = try size()
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func string() throws -> String { String(decoding: try binary(), as: UTF8.self) }

    /// Passes each field's number and type; the body reads the value, or leaves it to be skipped by returning false.
    mutating func structure(_ body: (inout ThriftReader, Int, FieldType) throws -> Bool) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth < 32 else { throw failure("structures nested deeper than 32") }
        var field = 0
        while true {
            let header = try byte()
            guard let type = FieldType(rawValue: header & 0x0F) else { throw failure("field type \(header & 0x0F)") }
            if type == .stop { return }
            field = header >> 4 == 0 ? try integer() : field + Int(header >> 4)
            guard (0...Int(Int16.max)).contains(field) else { throw failure("field number \(field)") }
            if try !body(&self, field, type) { try skip(type) }
        }
    }

    /// A list's elements, each read by the body.
    mutating func list<Element>(_ body: (inout ThriftReader) throws -> Element) throws -> [Element] {
        let header = try byte()
        var count = Int(header >> 4)
        if count == 15 { count = try size() }
        guard count <= remaining else { throw failure("a list of \(count) elements, \(remaining) bytes remain") }
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try body(&self)) }
        return elements
    }

    /// A boolean field's value is its type.
    func boolean(_ type: FieldType) -> Bool { type == .booleanTrue }

    mutating func skip(_ type: FieldType) throws {
        switch type {
        case .stop, .booleanTrue, .booleanFalse: break
        case .int8: _ = try byte()
        case .int16, .int32, .int64: _ = try varint()
        case .double: try advance(8)
        case .binary: try advance(try size())
        case .list, .set:
            let header = try byte()
            var count = Int(header >> 4)
            if count == 15 { count = try size() }
            try skip(count, of: header & 0x0F)
        case .map:
            let count = try size()
            guard count > 0 else { return }
            let types = try byte()
            for _ in 0..<count {
                try skip(1, of: types >> 4)
                try skip(1, of: types & 0x0F)
            }
        case .structure: try structure { _, _, _ in false }
        }
    }

    private mutating func skip(_ count: Int, of type: UInt8) throws {
        guard let type = FieldType(rawValue: type), type != .stop else { throw failure("element type \(type)") }
        guard count <= remaining else { throw failure("\(count) elements, \(remaining) bytes remain") }
        depth += 1
        defer { depth -= 1 }
        guard depth < 32 else { throw failure("lists nested deeper than 32") }
        for _ in 0..<count {
            // inside lists a boolean takes a byte
            if type == .booleanTrue || type == .booleanFalse { _ = try byte() } else { try skip(type) }
        }
    }

    private mutating func advance(_ count: Int) throws {
        guard count <= remaining else { throw place.error(.truncated, at: position, "the metadata ends early") }
        position += count
    }
}

/// A file and a column: where an error arose.
struct ParquetPlace: Sendable {
    var file: String
    var column: String?

    func error(
        _ kind: SerializationError.Kind, at offset: Int? = nil, _ found: String, advice: String? = nil
    ) -> SerializationError {
        SerializationError(kind, file: file, member: column, offset: offset, found, advice: advice)
    }
}
