/// An element of an XML text: its name, attributes, text and children, and the line it begins in.
///
/// A reference, so that a tree can be changed in place. Comments and processing instructions are dropped.
public final class MarkupElement {
    public let name: String
    public var attributes: [String: String]
    public var children: [MarkupElement]
    /// What stands between its tags outside of its children; empty unless the reader was asked to keep texts.
    public var text = ""
    /// Counted from 1; 0 for one that was not read.
    public let line: Int

    public init(
        _ name: String, _ attributes: [String: String] = [:], children: [MarkupElement] = [], line: Int = 0
    ) {
        self.name = name
        self.attributes = attributes
        self.children = children
        self.line = line
    }

    public subscript(attribute: String) -> String? {
        get { attributes[attribute] }
        set { attributes[attribute] = newValue }
    }

    /// The first child of that name.
    public func first(_ name: String) -> MarkupElement? { children.first { $0.name == name } }

    /// The children of that name.
    public func all(_ name: String) -> [MarkupElement] { children.filter { $0.name == name } }

    /// The element and everything below it, in the order of the text.
    public var descendants: [MarkupElement] { [self] + children.flatMap(\.descendants) }

    /// Everything below it of that name, in the order of the text.
    public func descendants(_ name: String) -> [MarkupElement] {
        children.flatMap { ($0.name == name ? [$0] : []) + $0.descendants(name) }
    }

    public func append(_ child: MarkupElement) { children.append(child) }

    /// Writes the element with its children as text, its attributes in alphabetical order; ``text`` is not written.
    public func write(to text: inout String, indentation: Int = 0) {
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
