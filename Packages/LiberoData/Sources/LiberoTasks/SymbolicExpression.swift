/// A word, or a list in parentheses, with its place in the text.
enum SymbolicExpression {
    case word(String, BDDLError.Position)
    case list([SymbolicExpression], BDDLError.Position)

    var position: BDDLError.Position {
        switch self {
        case .word(_, let position), .list(_, let position): position
        }
    }

    /// What it is, for messages.
    var summary: String {
        switch self {
        case .word(let word, _): "'\(word)'"
        case .list(let items, _): items.isEmpty ? "an empty list" : "a list of \(items.count)"
        }
    }

    /// As text: the word, or the words of the list in parentheses.
    var text: String {
        switch self {
        case .word(let word, _): word
        case .list(let items, _): "(\(items.map(\.text).joined(separator: " ")))"
        }
    }

    /// Reads the one list of a text.
    ///
    /// Comments run from `;` to the end of the line; words are runs of anything but white space and parentheses, in lower
    /// case. Works with a stack of its own, so that depth costs no call.
    static func read(_ text: some Sequence<UInt8>, depthLimit: Int) throws(BDDLError) -> SymbolicExpression {
        var position = BDDLError.Position(line: 1, column: 1)
        var open: [(items: [SymbolicExpression], start: BDDLError.Position)] = []
        var result: SymbolicExpression?
        var word: (bytes: [UInt8], start: BDDLError.Position)?
        var inComment = false

        func endWord() throws(BDDLError) {
            guard let (bytes, start) = word else { return }
            word = nil
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            guard !open.isEmpty else {
                throw BDDLError(position: start, message: "expected '(', found '\(text)'")
            }
            open[open.count - 1].items.append(.word(text, start))
        }

        for byte in text {
            // past one list only white space and comments may follow
            let isSpace = byte == 0x20 || 0x09...0x0D ~= byte
            if !inComment, result != nil, !isSpace, byte != UInt8(ascii: ";") {
                throw BDDLError(position: position, message: "text after the last ')'")
            }

            switch byte {
            case _ where inComment: break
            case UInt8(ascii: ";"):
                try endWord()
                inComment = true
            case UInt8(ascii: "("):
                try endWord()
                guard open.count < depthLimit else {
                    throw BDDLError(position: position, message: "lists are nested more than \(depthLimit) deep")
                }
                open.append(([], position))
            case UInt8(ascii: ")"):
                try endWord()
                guard let (items, start) = open.popLast() else {
                    throw BDDLError(position: position, message: "')' without '('")
                }
                if open.isEmpty {
                    result = .list(items, start)
                } else {
                    open[open.count - 1].items.append(.list(items, start))
                }
            case _ where isSpace: try endWord()
            default:
                if word == nil { word = ([], position) }
                word?.bytes.append(byte)
            }

            // continuation bytes of UTF-8 take no column
            if byte == UInt8(ascii: "\n") {
                position = .init(line: position.line + 1, column: 1)
                inComment = false
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }

        try endWord()
        if let unclosed = open.last {
            throw BDDLError(position: unclosed.start, message: "'(' is never closed")
        }
        guard let result else { throw BDDLError(position: position, message: "the text holds no list") }
        return result
    }
}
