/// A message that cannot be served: a class that programs can read, and a reason for people.
///
/// Sent as `<class>: <reason>`; a reason names no files and quotes at most 200 characters of what a client sent.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Category: String, CaseIterable, Sendable {
        case truncated = "malformed.truncated"
        case trailing = "malformed.trailing"
        /// A byte that begins no value, or an extension type.
        case type = "malformed.type"
        case utf8 = "malformed.utf8"
        case key = "malformed.key"
        case duplicateKey = "malformed.duplicateKey"
        case limitBytes = "limit.bytes"
        case limitDepth = "limit.depth"
        case limitItems = "limit.items"
        case arrayDataType = "array.dtype"
        case arrayShape = "array.shape"
        case arraySize = "array.size"
        case imageFormat = "image.format"
        case imageSize = "image.size"
        case notMap = "schema.notMap"
        case missing = "schema.missing"
        case schemaType = "schema.type"
        case textFrame = "schema.textFrame"
        case nonFinite = "value.nonFinite"
        case execution
        case busy
    }

    public let category: Category
    public let reason: String

    public init(_ category: Category, _ reason: String) {
        (self.category, self.reason) = (category, reason)
    }

    public var description: String { "\(category.rawValue): \(reason)" }

    /// Reads the form in which errors are sent; `nil` for other text.
    public init?(text: String) {
        guard let colon = text.firstIndex(of: ":"), let category = Category(rawValue: String(text[..<colon])) else {
            return nil
        }
        self.init(category, String(text[text.index(after: colon)...].drop { $0 == " " }))
    }
}

/// Text of a client as logs and error messages show it: control characters escaped, at most 200 characters.
func quoted(_ text: some StringProtocol) -> String {
    var result = "'"
    for (count, scalar) in text.unicodeScalars.enumerated() {
        if count == 200 {
            result += "…"
            break
        }
        result += scalar.escaped(asASCII: false)
    }
    return result + "'"
}
