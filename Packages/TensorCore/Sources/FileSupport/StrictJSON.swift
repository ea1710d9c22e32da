/// A JSON value that keeps what Foundation's parser loses: the order of keys, and numbers to the last digit.
///
/// `JSONSerialization` on Linux returns doubles that are off in the last place; statistics and goldens need all of them.
public enum StrictJSON: Sendable {
    case null
    case bool(Bool)
    /// A number, as written.
    case number(String)
    case string(String)
    case array([StrictJSON])
    case object([(key: String, value: StrictJSON)])

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [StrictJSON]? { if case .array(let value) = self { value } else { nil } }
    public var object: [(key: String, value: StrictJSON)]? { if case .object(let value) = self { value } else { nil } }
    /// A number without fraction and exponent that fits an `Int`.
    public var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }
    /// The nearest `Double` to a number as written.
    public var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }

    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The value of a key of an object; nil when it is absent or this is no object.
    public subscript(key: String) -> StrictJSON? {
        object?.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// Parses a whole text; errors name `file`. A byte order mark in front is left out.
    ///
    /// Two keys are the same when their UTF-8 bytes are: `é` as one code point and as `e` with an accent are two keys.
    ///
    /// - Parameters:
    ///   - bytes: The text, UTF-8.
    ///   - file: How errors call it.
    ///   - limits: How deep values may be nested.
    ///   - allowingNotFinite: Whether `NaN`, `Infinity` and `-Infinity` are read as numbers. JSON does not have them;
    ///     Python's `json` writes them.
    /// - Throws: ``SerializationError`` with the byte where the text is wrong: no JSON, a key that occurs twice in one
    ///   object, nesting beyond the limit.
    public init(
        parsing bytes: some Sequence<UInt8>, file: String, limits: FileLimits = .default,
        allowingNotFinite: Bool = false
    ) throws {
        self = try Array(bytes).withUnsafeBytes {
            var parser = JSONParser(
                bytes: $0, place: FilePlace(file: file), start: 0, depthLimit: limits.nestingDepth,
                allowsNotFinite: allowingNotFinite)
            return try parser.parseDocument()
        }
    }

    /// Parses a whole text (RFC 8259), refusing what Foundation's parser lets pass: a key that occurs twice in one
    /// object, and nesting beyond the limit.
    package init(parsing bytes: UnsafeRawBufferPointer, place: FilePlace, at offset: Int = 0, limits: FileLimits) throws
    {
        var parser = JSONParser(bytes: bytes, place: place, start: offset, depthLimit: limits.nestingDepth)
        self = try parser.parseDocument()
    }
}

extension FilePlace {
    /// Members of an object by their keys.
    ///
    /// - Throws: ``SerializationError`` for two keys that are other bytes and the same text, which a dictionary cannot
    ///   hold both of.
    package func dictionary<Value>(_ members: [(String, Value)]) throws -> [String: Value] {
        var values: [String: Value] = [:]
        values.reserveCapacity(members.count)
        for (key, value) in members where values.updateValue(value, forKey: key) != nil {
            throw with(member: key).error(
                .damaged, "two names that differ only in how their letters are composed",
                advice: "Give one of them another name.")
        }
        return values
    }
}

private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    let place: FilePlace
    let start: Int
    let depthLimit: Int
    var allowsNotFinite = false
    var position = 0

    mutating func parseDocument() throws -> StrictJSON {
        if bytes.starts(with: ByteOrderMark.bytes) {
            position = ByteOrderMark.bytes.count
        } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw failure("the text is UTF-16; save it as UTF-8", .unsupported)
        }
        let value = try parseValue(depth: 0)
        skipWhitespace()
        guard position == bytes.count else { throw failure("something follows the end of the JSON text") }
        return value
    }

    func failure(_ found: String, _ kind: SerializationError.Kind = .damaged) -> SerializationError {
        place.error(
            kind, at: start + position, found,
            advice: "The JSON text is damaged or was not written by this format's tools.")
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipWhitespace() {
        while let byte = next, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { position += 1 }
    }

    mutating func expect(_ character: Unicode.Scalar) throws {
        guard next == UInt8(ascii: character) else {
            throw failure("'\(character)' expected, found \(next.map(describe) ?? "the end")")
        }
        position += 1
    }

    func describe(_ byte: UInt8) -> String {
        (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }

    mutating func parseValue(depth: Int) throws -> StrictJSON {
        guard depth <= depthLimit else { throw failure("nested deeper than \(depthLimit)", .limitExceeded) }
        skipWhitespace()
        switch next {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        default: return .number(try parseNumber())
        }
    }

    mutating func parseObject(depth: Int) throws -> [(key: String, value: StrictJSON)] {
        var members: [(key: String, value: StrictJSON)] = []
        // by their bytes: String compares canonical equivalents as equal
        var keys: Set<[UInt8]> = []
        try expect("{")
        skipWhitespace()
        if next == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            skipWhitespace()
            let key = try parseString()
            guard keys.insert(Array(key.utf8)).inserted else { throw failure("the key '\(key)' occurs twice") }
            skipWhitespace()
            try expect(":")
            members.append((key, try parseValue(depth: depth + 1)))
            skipWhitespace()
            guard next == UInt8(ascii: ",") else { break }
            position += 1
        }
        try expect("}")
        return members
    }

    mutating func parseArray(depth: Int) throws -> [StrictJSON] {
        var values: [StrictJSON] = []
        try expect("[")
        skipWhitespace()
        if next == UInt8(ascii: "]") {
            position += 1
            return values
        }
        while true {
            values.append(try parseValue(depth: depth + 1))
            skipWhitespace()
            guard next == UInt8(ascii: ",") else { break }
            position += 1
        }
        try expect("]")
        return values
    }

    mutating func parseWord(_ word: StaticString, _ value: StrictJSON) throws -> StrictJSON {
        let text = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[position...].starts(with: text) else { throw failure("'\(word)' expected") }
        position += text.count
        return value
    }

    mutating func parseNumber() throws -> String {
        let begin = position
        for word in ["NaN", "Infinity", "-Infinity"] where bytes[position...].starts(with: Array(word.utf8)) {
            guard allowsNotFinite else { throw failure("\(word), which is no number in JSON", .unsupported) }
            position += word.utf8.count
            return word
        }
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
        func skipDigits(_ parser: inout JSONParser) throws {
            guard isDigit(parser.next) else { throw parser.failure("a value expected") }
            while isDigit(parser.next) { parser.position += 1 }
        }

        // sign, integer part without leading zeros, fraction, exponent
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") { position += 1 } else { try skipDigits(&self) }
        if next == UInt8(ascii: ".") {
            position += 1
            try skipDigits(&self)
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try skipDigits(&self)
        }
        return String(decoding: bytes[begin..<position], as: UTF8.self)
    }

    mutating func parseString() throws -> String {
        try expect("\"")
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure("a control character in a string") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                try parseEscape(into: &text)
            } else {
                text.append(byte)
            }
        }
        try expect("\"")
        guard let string = String(validating: text, as: UTF8.self) else { throw failure("a string is not UTF-8") }
        return string
    }

    mutating func parseEscape(into text: inout [UInt8]) throws {
        guard let byte = next else { throw failure("the text ends in an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            // a pair of surrogates stands for one code point
            var code = try parseHexadecimal()
            if (0xD800..<0xDC00).contains(code), next == UInt8(ascii: "\\") {
                position += 1
                try expect("u")
                let low = try parseHexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("half of a surrogate pair") }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw failure("the escape '\\' \(describe(byte)) does not exist")
        }
    }

    mutating func parseHexadecimal() throws -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("four hexadecimal digits expected")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}

extension String {
    /// The text as a JSON string, with the escapes that are required and no others.
    package var quotedForJSON: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{00}"..."\u{1F}":
                let hexadecimal = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
