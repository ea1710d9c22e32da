import Foundation
import XMLSupport

/// An element of a MuJoCo XML file: a name, attributes, children. Text has no meaning there.
typealias MJCFElement = MarkupElement

extension MJCFElement {
    /// The first element below it with this name and `name` attribute.
    func first(_ name: String, named value: String) -> MJCFElement? {
        descendants(name).first { $0["name"] == value }
    }

    /// The numbers of an attribute; nil when there is something else, or nothing.
    func numbers(_ attribute: String) -> [Double]? {
        guard let words = self[attribute]?.split(whereSeparator: \.isWhitespace) else { return nil }
        let values = words.compactMap { Double($0) }
        return !values.isEmpty && values.count == words.count && values.allSatisfy(\.isFinite) ? values : nil
    }

    /// Parses a file's text; nesting is limited, external entities are not followed.
    ///
    /// - Throws: ``LiberoSimulationError/damagedAsset(path:line:reason:)``.
    static func parse(_ text: Data, path: String) throws(LiberoSimulationError) -> MJCFElement {
        let limits = MarkupLimits()
        do throws(MarkupError) {
            return try parse(text, limits: limits)
        } catch {
            let reason =
                switch error.kind {
                case .notUTF8: "there are bytes that are no UTF-8"
                case .declaration: "there is a document type"
                case .tooManyElements, .tooDeep:
                    "more than \(limits.nestingDepth) levels or \(limits.elementCount) elements"
                case .unclosed(let name): "the text ends within <\(name)>"
                case .malformed(let code?): "not well-formed XML (libxml2 error \(code))"
                case .malformed(nil): "no XML element"
                }
            throw .damagedAsset(path: path, line: error.line, reason: reason)
        }
    }
}
