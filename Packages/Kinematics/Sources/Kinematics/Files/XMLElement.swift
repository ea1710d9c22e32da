import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// An element of an XML file with its place, without its text.
struct XMLElementNode {
    let name: String
    let attributes: [String: String]
    /// Counted from 1.
    let line: Int
    var children: [XMLElementNode] = []

    /// The children of that name.
    func all(_ name: String) -> [XMLElementNode] { children.filter { $0.name == name } }

    /// The first child of that name.
    func first(_ name: String) -> XMLElementNode? { children.first { $0.name == name } }

    /// The outermost element of a text. Document types are refused, so no entity is ever expanded or fetched.
    static func parse(_ data: Data, file: String, limits: RobotFileLimits) throws -> XMLElementNode {
        guard data.count <= limits.byteCount else {
            throw RobotFileError(.limitExceeded, file: file, "\(data.count) bytes, the limit is \(limits.byteCount)")
        }
        if let place = data.range(of: Data("<!DOCTYPE".utf8)) ?? data.range(of: Data("<!ENTITY".utf8)) {
            throw RobotFileError(
                .unsupported, file: file, line: data[..<place.lowerBound].count { $0 == UInt8(ascii: "\n") } + 1,
                "a document type or entity declaration", advice: "Robot files need none; remove it.")
        }
        // the parser takes what it reads for UTF-8 and traps where it is not
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if let line = lines.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil }) {
            throw RobotFileError(
                .malformed, file: file, line: line + 1, "bytes that are no UTF-8",
                advice: "Save the file as UTF-8; other encodings are not read.")
        }
        let reader = XMLTreeReader(limits: limits)
        let parser = XMLParser(data: data)
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        let complete = parser.parse()
        if let refusal = reader.refusal {
            throw RobotFileError(.limitExceeded, file: file, line: parser.lineNumber, refusal)
        }
        guard complete, let root = reader.root else {
            throw RobotFileError(
                .malformed, file: file, line: max(parser.lineNumber, 1), "the text is no well-formed XML",
                advice: "Look for an unclosed element, a missing quote or a stray character at or before this line.")
        }
        return root
    }
}

/// Builds the tree from the parser's calls.
private final class XMLTreeReader: NSObject, XMLParserDelegate {
    private let limits: RobotFileLimits
    private var open: [XMLElementNode] = []
    private var count = 0
    private(set) var root: XMLElementNode?
    private(set) var refusal: String?

    init(limits: RobotFileLimits) { self.limits = limits }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        count += 1
        if count > limits.elementCount {
            refusal = "more than \(limits.elementCount) elements"
        } else if open.count >= limits.nestingDepth {
            refusal = "elements nested deeper than \(limits.nestingDepth)"
        }
        if refusal != nil {
            parser.abortParsing()
            return
        }
        open.append(XMLElementNode(name: name, attributes: attributes, line: parser.lineNumber))
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        guard refusal == nil, let element = open.popLast() else { return }
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }
}
