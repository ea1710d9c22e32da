/// A table of comma-separated values with a header line.
///
/// Fields may be quoted, with `""` for a quote inside; lines end in LF or CR LF. Source: RFC 4180.
public struct CSVTable: Sendable {
    public let columns: [String]
    /// One field per column each.
    public private(set) var rows: [[String]] = []
    /// The line on which each row begins, counted from 1.
    public private(set) var lines: [Int] = []

    /// Reads a text; errors call it `file`.
    ///
    /// - Throws: ``VariantListError`` for rows with another number of fields than the header, columns that occur twice, and
    ///   quotes that do not end.
    public init(_ text: String, file: String) throws(VariantListError) {
        var records = Records(text)
        guard let header = try records.next(file) else {
            throw VariantListError(file: file, line: nil, reason: "it holds no header line")
        }
        columns = header.fields
        guard Set(columns).count == columns.count else {
            throw VariantListError(file: file, line: header.line, reason: "a column occurs twice")
        }
        while let record = try records.next(file) {
            guard record.fields.count == columns.count else {
                if record.fields == [""] { continue }
                throw VariantListError(
                    file: file, line: record.line,
                    reason: "\(record.fields.count) fields where the header has \(columns.count)")
            }
            rows.append(record.fields)
            lines.append(record.line)
        }
    }

    /// The place of a column; nil when there is none of this name.
    public func index(of column: String) -> Int? { columns.firstIndex(of: column) }

    private struct Records {
        private var bytes: String.UTF8View.Iterator
        private var peeked: UInt8?
        private var line = 1

        init(_ text: String) {
            bytes = text.utf8.makeIterator()
            peeked = bytes.next()
        }

        private mutating func take() -> UInt8? {
            defer { peeked = bytes.next() }
            if peeked == UInt8(ascii: "\n") { line += 1 }
            return peeked
        }

        mutating func next(_ file: String) throws(VariantListError) -> (fields: [String], line: Int)? {
            guard peeked != nil else { return nil }
            let start = line
            var (fields, field) = ([String](), [UInt8]())
            while true {
                // a quoted part
                if field.isEmpty, peeked == UInt8(ascii: "\"") {
                    _ = take()
                    while true {
                        guard let byte = take() else {
                            throw VariantListError(file: file, line: start, reason: "a quoted field does not end")
                        }
                        if byte != UInt8(ascii: "\"") {
                            field.append(byte)
                        } else if peeked == UInt8(ascii: "\"") {
                            field.append(take() ?? byte)
                        } else {
                            break
                        }
                    }
                }
                let byte = take()
                switch byte {
                case UInt8(ascii: ","):
                    fields.append(String(decoding: field, as: UTF8.self))
                    field = []
                case UInt8(ascii: "\n"), nil:
                    if field.last == UInt8(ascii: "\r") { field.removeLast() }
                    fields.append(String(decoding: field, as: UTF8.self))
                    return (fields, start)
                case let byte?: field.append(byte)
                }
            }
        }
    }
}
