/// The lists of strings in a Python file, by the string or name in front of them; nothing is run.
///
///     {"libero_goal": ["a", 'b'], …}        libero_goal = ["a", "b"]
enum PythonLists {
    typealias Entry = (text: String, line: Int)

    /// - Throws: ``VariantListError`` for a string or list that does not end.
    static func read(_ text: String, file: String) throws(VariantListError) -> [String: [Entry]] {
        var lists: [String: [Entry]] = [:]
        // the string or name that came last, and the list that is open
        var (last, open) = ("", [Entry]?.none)
        var (line, name) = (1, [UInt8]())
        var bytes = text.utf8.makeIterator()
        var next = bytes.next()

        while let byte = next {
            next = bytes.next()
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "#"):
                while let comment = next, comment != UInt8(ascii: "\n") { next = bytes.next() }
            case UInt8(ascii: "["): open = []
            case UInt8(ascii: "]"):
                if let entries = open, !last.isEmpty { lists[last] = entries }
                (last, open) = ("", nil)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                var string: [UInt8] = []
                while let inner = next, inner != byte {
                    guard inner != UInt8(ascii: "\n") else {
                        throw VariantListError(file: file, line: line, reason: "a string does not end")
                    }
                    string.append(inner)
                    next = bytes.next()
                }
                guard next != nil else {
                    throw VariantListError(file: file, line: line, reason: "a string does not end")
                }
                next = bytes.next()
                let value = String(decoding: string, as: UTF8.self)
                if open == nil { last = value } else { open?.append((value, line)) }
            default:
                let isWord = byte == UInt8(ascii: "_") || byte.isASCIIAlphanumeric
                if isWord { name.append(byte) }
                let goesOn = next.map { $0 == UInt8(ascii: "_") || $0.isASCIIAlphanumeric } ?? false
                if isWord, !goesOn {
                    if open == nil { last = String(decoding: name, as: UTF8.self) }
                    name = []
                }
            }
        }
        guard open == nil else { throw VariantListError(file: file, line: line, reason: "a list does not end") }
        return lists
    }
}

extension UInt8 {
    fileprivate var isASCIIAlphanumeric: Bool {
        0x30...0x39 ~= self || 0x41...0x5A ~= self || 0x61...0x7A ~= self
    }
}
