public import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// How much of an XML text is read.
public struct MarkupLimits: Sendable {
    public var elementCount: Int
    public var nestingDepth: Int
    /// Bytes kept of the text of an element; more are dropped. 0 keeps none.
    public var textByteCount: Int
    /// Whether a document type, or an entity, is refused. Entities from outside are never fetched.
    public var refusesDeclarations: Bool

    public init(
        elementCount: Int = 100_000, nestingDepth: Int = 64, textByteCount: Int = 0, refusesDeclarations: Bool = true
    ) {
        self.elementCount = elementCount
        self.nestingDepth = nestingDepth
        self.textByteCount = textByteCount
        self.refusesDeclarations = refusesDeclarations
    }
}

/// Why a text is not read as XML.
public struct MarkupError: Error, Equatable {
    public enum Kind: Equatable, Sendable {
        /// Bytes that are no UTF-8, or a text that declares another encoding.
        case notUTF8
        /// A document type or an entity.
        case declaration
        case tooManyElements
        case tooDeep
        /// The text ends within the outermost element, of this name.
        case unclosed(String)
        /// libxml2's number of the error, where it gives one.
        case malformed(Int?)
    }

    public var kind: Kind
    /// Counted from 1.
    public var line: Int

    public init(kind: Kind, line: Int) {
        self.kind = kind
        self.line = line
    }
}

extension MarkupElement {
    /// The outermost element of a text.
    ///
    /// - Throws: ``MarkupError`` for what is no well-formed XML or beyond the limits.
    public static func parse(_ data: Data, limits: MarkupLimits = MarkupLimits()) throws(MarkupError) -> MarkupElement {
        try XMLGuard.check(data, refusesDeclarations: limits.refusesDeclarations)
        let reader = TreeReader(limits: limits)
        let parser = XMLParser(data: data)
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        let isWellFormed = parser.parse()
        let line = max(parser.lineNumber, 1)
        if let refusal = reader.refusal { throw MarkupError(kind: refusal, line: line) }
        // libxml2 closes what a cut-off file leaves open
        if let open = reader.open.first { throw MarkupError(kind: .unclosed(open.name), line: line) }
        guard isWellFormed, let root = reader.root else {
            throw MarkupError(kind: .malformed(parser.parserError.map { ($0 as NSError).code }), line: line)
        }
        return root
    }
}

/// Builds the tree from the parser's calls.
private final class TreeReader: NSObject, XMLParserDelegate {
    private let limits: MarkupLimits
    private(set) var root: MarkupElement?
    private(set) var open: [MarkupElement] = []
    private(set) var refusal: MarkupError.Kind?
    private var count = 0

    init(limits: MarkupLimits) { self.limits = limits }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        count += 1
        if count > limits.elementCount {
            refusal = .tooManyElements
        } else if open.count >= limits.nestingDepth {
            refusal = .tooDeep
        }
        if refusal != nil {
            parser.abortParsing()
            return
        }
        let element = MarkupElement(name, attributes, line: parser.lineNumber)
        if let parent = open.last { parent.append(element) } else { root = element }
        open.append(element)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        guard let element = open.last, element.text.utf8.count < limits.textByteCount else { return }
        element.text += string
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if refusal == nil { _ = open.popLast() }
    }
}
