import Foundation

/// What is checked before an XML text reaches a parser.
enum XMLGuard {
    /// Accepts UTF-8, without document types and entities unless they are allowed.
    ///
    /// A parser takes a text in UTF-16, or one that names another encoding, for what it says; declarations in it would
    /// pass a search for their letters, and entities multiply. Robot, scene and annotation files are UTF-8.
    ///
    /// - Throws: ``MarkupError``.
    static func check(_ data: Data, refusesDeclarations: Bool) throws(MarkupError) {
        func line(_ index: Data.Index) -> Int { data[..<index].count { $0 == UInt8(ascii: "\n") } + 1 }
        if let zero = data.firstIndex(of: 0) {
            throw MarkupError(kind: .notUTF8, line: line(zero))
        }
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if let wrong = lines.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil }) {
            throw MarkupError(kind: .notUTF8, line: wrong + 1)
        }
        for declaration in ["<!DOCTYPE", "<!ENTITY"] where refusesDeclarations {
            if let place = data.range(of: Data(declaration.utf8)) {
                throw MarkupError(kind: .declaration, line: line(place.lowerBound))
            }
        }
        // the declaration of the text itself, behind a byte order mark or not
        let head = String(decoding: data.prefix(512), as: UTF8.self)
        guard let start = head.range(of: "<?xml"),
            let end = head.range(of: "?>", range: start.upperBound..<head.endIndex)
        else {
            guard head.range(of: "<?xml") == nil else {
                throw MarkupError(kind: .malformed(nil), line: 1)
            }
            return
        }
        let words = head[start.upperBound..<end.lowerBound].split { $0.isWhitespace || $0 == "=" }.map(String.init)
        guard let index = words.firstIndex(of: "encoding") else { return }
        let name = index + 1 < words.count ? words[index + 1].trimmingCharacters(in: ["\"", "'"]).lowercased() : ""
        guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(name) else {
            throw MarkupError(kind: .notUTF8, line: 1)
        }
    }
}
