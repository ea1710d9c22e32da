/// Finds strings in a JSON value without building it.
enum JSONLine {
    struct Failure: Error {
        let byte: Int
        let reason: String
    }

    /// Calls `body` with each string that stands under one of these keys, its escapes resolved; white space alone has
    /// none. The bytes may not be UTF-8 where the line is not.
    static func forEachString(
        _ line: UnsafeBufferPointer<UInt8>, under keys: [String], _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(Failure) {
        var scanner = Scanner(line: line, keys: keys.map { Array($0.utf8) })
        scanner.skipSpace()
        guard scanner.place < line.count else { return }
        try scanner.value(isWanted: false, depth: 0, body)
        scanner.skipSpace()
        guard scanner.place == line.count else { throw scanner.failure("something follows the JSON value") }
    }

    private struct Scanner {
        let line: UnsafeBufferPointer<UInt8>
        let keys: [[UInt8]]
        var place = 0
        private var text: [UInt8] = []

        init(line: UnsafeBufferPointer<UInt8>, keys: [[UInt8]]) {
            self.line = line
            self.keys = keys
        }

        func failure(_ reason: String) -> Failure { Failure(byte: place, reason: reason) }

        private var next: UInt8? { place < line.count ? line[place] : nil }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A { place += 1 }
        }

        mutating func value(
            isWanted: Bool, depth: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void
        ) throws(Failure) {
            guard depth < 100 else { throw failure("values within values, deeper than 100") }
            skipSpace()
            switch next {
            case UInt8(ascii: "\""):
                let content = try string()
                if isWanted { emit(content, body) }
            case UInt8(ascii: "{"):
                try members(close: "}") { scanner throws(Failure) in
                    scanner.skipSpace()
                    guard scanner.next == UInt8(ascii: "\"") else { throw scanner.failure("a key is missing") }
                    let key = try scanner.string()
                    let keys = scanner.keys
                    var isWanted = false
                    scanner.emit(key) { bytes in isWanted = keys.contains { $0.elementsEqual(bytes) } }
                    scanner.skipSpace()
                    guard scanner.next == UInt8(ascii: ":") else { throw scanner.failure("':' is missing") }
                    scanner.place += 1
                    try scanner.value(isWanted: isWanted, depth: depth + 1, body)
                }
            case UInt8(ascii: "["):
                try members(close: "]") { scanner throws(Failure) in
                    try scanner.value(isWanted: isWanted, depth: depth + 1, body)
                }
            default: try word()
            }
        }

        /// What stands between brackets, separated by commas.
        private mutating func members(
            close: Unicode.Scalar, _ member: (inout Scanner) throws(Failure) -> Void
        ) throws(Failure) {
            place += 1
            skipSpace()
            if next == UInt8(ascii: close) {
                place += 1
                return
            }
            while true {
                try member(&self)
                skipSpace()
                if next == UInt8(ascii: close) {
                    place += 1
                    return
                }
                guard next == UInt8(ascii: ",") else { throw failure("',' or '\(close)' is missing") }
                place += 1
            }
        }

        /// A number, `true`, `false` or `null`; its characters only are checked.
        private mutating func word() throws(Failure) {
            let start = place
            while let byte = next, byte.isWordOfJSON { place += 1 }
            guard place > start else { throw failure("a value is missing") }
            let word = UnsafeBufferPointer(rebasing: line[start..<place])
            let isName = [StaticString("true"), "false", "null"].contains { name in
                UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount).elementsEqual(word)
            }
            guard isName || Double(String(decoding: word, as: UTF8.self)) != nil else {
                place = start
                throw failure("a value is missing")
            }
        }

        private enum Content {
            /// As it stands in the line.
            case plain(Range<Int>)
            /// In `text`.
            case unescaped
        }

        private mutating func emit(_ content: Content, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
            switch content {
            case .plain(let range): body(UnsafeBufferPointer(rebasing: line[range]))
            case .unescaped: text.withUnsafeBufferPointer(body)
            }
        }

        private mutating func string() throws(Failure) -> Content {
            place += 1
            let start = place
            while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { place += 1 }
            if next == UInt8(ascii: "\"") {
                place += 1
                return .plain(start..<place - 1)
            }
            text.removeAll(keepingCapacity: true)
            text.append(contentsOf: line[start..<place])
            while let byte = next {
                place += 1
                switch byte {
                case UInt8(ascii: "\""): return .unescaped
                case UInt8(ascii: "\\"): try escape()
                default: text.append(byte)
                }
            }
            throw failure("a string does not end")
        }

        private mutating func escape() throws(Failure) {
            guard let byte = next else { throw failure("a string does not end") }
            place += 1
            switch byte {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
            case UInt8(ascii: "u"):
                var code = try hexadecimal()
                if (0xD800..<0xDC00).contains(code), place + 1 < line.count, line[place] == UInt8(ascii: "\\"),
                    line[place + 1] == UInt8(ascii: "u")
                {
                    place += 2
                    let low = try hexadecimal()
                    guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a surrogate pair") }
                    code = 0x1_0000 + (code - 0xD800) << 10 + (low - 0xDC00)
                }
                text.append(contentsOf: String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
            default: throw failure("an escape that JSON does not have")
            }
        }

        private mutating func hexadecimal() throws(Failure) -> UInt32 {
            var code: UInt32 = 0
            for _ in 0..<4 {
                guard let byte = next, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                    throw failure("four hexadecimal digits are missing")
                }
                code = code << 4 | UInt32(digit)
                place += 1
            }
            return code
        }
    }
}

extension UInt8 {
    fileprivate var isWordOfJSON: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"),
            UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
