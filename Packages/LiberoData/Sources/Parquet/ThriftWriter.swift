/// Writes Thrift's compact protocol.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    /// The number of the last field, for each structure that is open.
    private var fields = [0]

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    private mutating func zigzag(_ value: Int) { varint(UInt64(bitPattern: Int64((value << 1) ^ (value >> 63)))) }

    private mutating func header(_ field: Int, _ type: ThriftReader.FieldType) {
        let step = field - fields[fields.count - 1]
        precondition(1...15 ~= step, "Thrift: field \(field) behind \(fields[fields.count - 1])")
        bytes.append(UInt8(step) << 4 | type.rawValue)
        fields[fields.count - 1] = field
    }

    mutating func int32(_ field: Int, _ value: Int) {
        header(field, .int32)
        zigzag(value)
    }

    mutating func int64(_ field: Int, _ value: Int) {
        header(field, .int64)
        zigzag(value)
    }

    mutating func string(_ field: Int, _ value: String) {
        header(field, .binary)
        varint(UInt64(value.utf8.count))
        bytes += Array(value.utf8)
    }

    mutating func structure(_ field: Int, _ body: (inout ThriftWriter) -> Void) {
        header(field, .structure)
        structure(body)
    }

    /// Without a field's header: the outermost one, and elements of lists.
    mutating func structure(_ body: (inout ThriftWriter) -> Void) {
        fields.append(0)
        body(&self)
        fields.removeLast()
        bytes.append(0)
    }

    mutating func structures<Element>(
        _ field: Int, _ elements: [Element], _ body: (inout ThriftWriter, Element) -> Void
    ) {
        listHeader(field, elements.count, .structure)
        for element in elements { structure { body(&$0, element) } }
    }

    mutating func integers(_ field: Int, _ values: [Int]) {
        listHeader(field, values.count, .int32)
        for value in values { zigzag(value) }
    }

    mutating func strings(_ field: Int, _ values: [String]) {
        listHeader(field, values.count, .binary)
        for value in values {
            varint(UInt64(value.utf8.count))
            bytes += Array(value.utf8)
        }
    }

    private mutating func listHeader(_ field: Int, _ count: Int, _ type: ThriftReader.FieldType) {
        header(field, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            varint(UInt64(count))
        }
    }
}
