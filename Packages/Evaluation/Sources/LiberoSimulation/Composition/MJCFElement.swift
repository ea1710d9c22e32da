import Foundation
import FoundationXML

/// An element of a MuJoCo XML file: a name, attributes, children. Text and comments have no meaning there and are dropped.
final class MJCFElement {
    let name: String
    var attributes: [String: String]
    var children: [MJCFElement]

    init(_ name: String, _ attributes: [String: String] = [:], children: [MJCFElement] = []) {
        self.name = name
        self.attributes = attributes
        self.children = children
    }

    subscript(attribute: String) -> String? {
        get { attributes[attribute] }
        set { attributes[attribute] = newValue }
    }

    /// The first child with this name.
    func child(_ name: String) -> MJCFElement? { children.first { $0.name == name } }

    /// The element and everything below it, in the order of the file.
    var descendants: [MJCFElement] { [self] + children.flatMap(\.descendants) }

    /// Everything below it with this name, in the order of the file.
    func descendants(_ name: String) -> [MJCFElement] {
        children.flatMap { ($0.name == name ? [$0] : []) + $0.descendants(name) }
    }

    /// The first element below it with this name and `name` attribute.
    func first(_ name: String, named value: String) -> MJCFElement? {
        descendants(name).first { $0["name"] == value }
    }

    func append(_ child: MJCFElement) { children.append(child) }

    /// The numbers of an attribute; nil when there is something else, or nothing.
    func numbers(_ attribute: String) -> [Double]? {
        guard let words = self[attribute]?.split(whereSeparator: \.isWhitespace) else { return nil }
        let values = words.compactMap { Double($0) }
        return !values.isEmpty && values.count == words.count && values.allSatisfy(\.isFinite) ? values : nil
    }

    /// The element as text; attributes in alphabetical order.
    func write(to text: inout String, indentation: Int = 0) {
        text += String(repeating: " ", count: indentation) + "<\(name)"
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }) { text += " \(key)=\"\(Self.escaped(value))\"" }
        guard !children.isEmpty else {
            text += "/>\n"
            return
        }
        text += ">\n"
        for child in children { child.write(to: &text, indentation: indentation + 1) }
        text += String(repeating: " ", count: indentation) + "</\(name)>\n"
    }

    private static func escaped(_ value: String) -> String {
        guard value.contains(where: { "&<>\"".contains($0) }) else { return value }
        return value.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

// MARK: - Reading

extension MJCFElement {
    /// Parses a file's text; nesting is limited, external entities are not followed.
    ///
    /// - Throws: ``LiberoSimulationError/damagedAsset(path:line:reason:)``.
    static func parse(_ text: Data, path: String) throws(LiberoSimulationError) -> MJCFElement {
        // the parser takes what it reads for UTF-8 and traps where it is not
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if let line = lines.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil }) {
            throw .damagedAsset(path: path, line: line + 1, reason: "there are bytes that are no UTF-8")
        }
        let parser = XMLParser(data: text)
        let builder = TreeBuilder()
        parser.delegate = builder
        parser.shouldResolveExternalEntities = false
        let isWellFormed = parser.parse()
        if let reason = builder.refusal {
            throw .damagedAsset(path: path, line: parser.lineNumber, reason: reason)
        }
        // libxml2 closes what a cut-off file leaves open
        guard builder.open.isEmpty else {
            throw .damagedAsset(
                path: path, line: parser.lineNumber, reason: "the text ends within <\(builder.open[0].name)>")
        }
        guard isWellFormed, let root = builder.root else {
            let reason = parser.parserError.map { "not well-formed XML (libxml2 error \(($0 as NSError).code))" }
            throw .damagedAsset(path: path, line: parser.lineNumber, reason: reason ?? "no XML element")
        }
        return root
    }

    private final class TreeBuilder: NSObject, XMLParserDelegate {
        static let depthLimit = 64
        static let elementLimit = 100_000

        var root: MJCFElement?
        var open: [MJCFElement] = []
        var elementCount = 0
        var refusal: String?

        func parser(
            _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            elementCount += 1
            guard open.count < Self.depthLimit, elementCount <= Self.elementLimit else {
                refusal = "more than \(Self.depthLimit) levels or \(Self.elementLimit) elements"
                parser.abortParsing()
                return
            }
            let element = MJCFElement(elementName, attributes)
            if let parent = open.last { parent.append(element) } else { root = element }
            open.append(element)
        }

        func parser(
            _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName: String?
        ) {
            open.removeLast()
        }
    }
}
