import FileSupport

/// The header of a `.npy` file: magic, version, and a Python dictionary
/// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }` padded with spaces to a multiple of 64 bytes.
///
/// Versions 1, 2 and 3 differ in the width of the length and the encoding of names that only structured types have.
/// Source: NumPy, `numpy.lib.format`.
struct NumPyHeader {
    let element: NumPyElement
    let isColumnMajor: Bool
    let sizes: [Int]
    /// Bytes of all elements.
    let byteCount: Int

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    static func isAtStart(of bytes: UnsafeRawBufferPointer) -> Bool { bytes.starts(with: magic) }

    init(_ reader: inout ByteReader, limits: FileLimits) throws {
        let place = reader.place
        guard Self.isAtStart(of: reader.bytes) else {
            throw place.error(.wrongFormat, at: 0, "no .npy file: it does not begin with \\x93NUMPY")
        }
        _ = try reader.take(Self.magic.count, "the magic")
        let major = try reader.read(UInt8.self, "the version")
        let minor = try reader.read(UInt8.self, "the version")
        guard (1...3).contains(major), minor == 0 else {
            throw place.error(
                .unsupported, at: 6, "version \(major).\(minor) of .npy", advice: "Supported are 1, 2 and 3.")
        }
        let count =
            major == 1
            ? Int(try reader.read(UInt16.self, "the header's length"))
            : Int(try reader.read(UInt32.self, "the header's length"))
        guard count <= limits.headerByteCount else {
            throw place.error(
                .limitExceeded, at: 8, "a header of \(count) bytes; at most \(limits.headerByteCount) are allowed")
        }
        let start = reader.position
        let text = try reader.take(count, "the header")
        var parser = LiteralParser(bytes: text, place: place, start: start, rankLimit: limits.rank)
        try parser.parse()

        guard let description = parser.description, let isColumnMajor = parser.isColumnMajor, let sizes = parser.sizes
        else {
            throw place.error(.damaged, at: start, "the header lacks one of 'descr', 'fortran_order' and 'shape'")
        }
        element = try NumPyElement.parse(description, place: place, at: start)
        guard element.dtype.checkedByteCount(sizes) != nil else {
            throw place.error(.damaged, at: start, "shape \(sizes) is larger than memory can be")
        }
        self.isColumnMajor = isColumnMajor
        self.sizes = sizes
        byteCount = sizes.reduce(element.byteCount, *)
    }

    /// The bytes of a header, as NumPy writes them.
    static func bytes(_ element: NumPyElement, _ shape: Shape) -> [UInt8] {
        let sizes = shape.map(String.init).joined(separator: ", ") + (shape.rank == 1 ? "," : "")
        var text = "{'descr': '\(element.description)', 'fortran_order': False, 'shape': (\(sizes)), }"
        // room for the first axis to grow to 21 digits in place
        if let first = shape.first { text += String(repeating: " ", count: 21 - String(first).count) }

        let isLong = text.utf8.count + 75 > 0xFFFF
        let prefix = magic.count + 2 + (isLong ? 4 : 2)
        text += String(repeating: " ", count: (64 - (prefix + text.utf8.count + 1) % 64) % 64) + "\n"
        var bytes = magic + [isLong ? 2 : 1, 0]
        if isLong {
            bytes.append(littleEndian: UInt32(text.utf8.count))
        } else {
            bytes.append(littleEndian: UInt16(text.utf8.count))
        }
        return bytes + Array(text.utf8)
    }
}

/// Parses the one Python literal that headers hold.
private struct LiteralParser {
    let bytes: UnsafeRawBufferPointer
    let place: FilePlace
    let start: Int
    let rankLimit: Int
    var position = 0
    var description: String?
    var isColumnMajor: Bool?
    var sizes: [Int]?

    mutating func parse() throws {
        try expect("{")
        while !accept("}") {
            let key = try parseString()
            try expect(":")
            switch key {
            case "descr" where description == nil: description = try parseDescription()
            case "fortran_order" where isColumnMajor == nil: isColumnMajor = try parseBoolean()
            case "shape" where sizes == nil: sizes = try parseTuple()
            default: throw failure("the key '\(key)' is unknown or occurs twice")
            }
            if !accept(",") {
                try expect("}")
                break
            }
        }
        skipSpaces()
        guard position == bytes.count else { throw failure("something follows the header's dictionary") }
    }

    func failure(_ found: String, _ kind: SerializationError.Kind = .damaged) -> SerializationError {
        place.error(kind, at: start + position, found)
    }

    mutating func skipSpaces() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x0A { position += 1 }
    }

    mutating func accept(_ text: StaticString) -> Bool {
        skipSpaces()
        let expected = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes[position...].starts(with: expected) else { return false }
        position += expected.count
        return true
    }

    mutating func expect(_ text: StaticString) throws {
        guard accept(text) else { throw failure("'\(text)' expected in the header") }
    }

    mutating func parseString() throws -> String {
        skipSpaces()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "'") || bytes[position] == UInt8(ascii: "\"")
        else {
            throw failure("a text in quotes expected in the header")
        }
        guard let end = bytes[(position + 1)...].firstIndex(of: bytes[position]) else {
            throw failure("a text in the header does not end")
        }
        let text = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        guard !text.contains("\\") else { throw failure("an escape in a text of the header") }
        position = end + 1
        return text
    }

    mutating func parseDescription() throws -> String {
        guard !accept("[") else {
            throw failure("structured element types are not supported", .unsupported)
        }
        return try parseString()
    }

    mutating func parseBoolean() throws -> Bool {
        if accept("True") { return true }
        try expect("False")
        return false
    }

    mutating func parseTuple() throws -> [Int] {
        var sizes: [Int] = []
        try expect("(")
        while !accept(")") {
            guard sizes.count < rankLimit else { throw failure("more than \(rankLimit) axes", .limitExceeded) }
            sizes.append(try parseSize())
            if !accept(",") {
                guard sizes.count > 1 else { throw failure("a shape of one axis is written (n,)") }
                try expect(")")
                break
            }
        }
        return sizes
    }

    mutating func parseSize() throws -> Int {
        skipSpaces()
        let begin = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard let size = Int(String(decoding: bytes[begin..<position], as: UTF8.self)) else {
            throw failure("a size expected in the header's shape")
        }
        return size
    }
}
