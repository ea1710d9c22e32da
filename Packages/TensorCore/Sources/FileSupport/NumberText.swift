import Foundation

/// Numbers as reports show them.
public enum NumberText {
    /// Numbers in one format with blanks between them, without a minus before zero.
    public static func joined(_ values: [Double], _ format: String) -> String {
        values.map { one($0, format) }.joined(separator: " ")
    }

    /// A number, without a minus before zero.
    public static func one(_ value: Double, _ format: String) -> String {
        let text = String(format: format, value)
        return text.hasPrefix("-") && Double(text) == 0 ? String(text.dropFirst()) : text
    }
}

extension String {
    /// The text with blanks behind it up to a width, as a column's left-aligned cell.
    public func left(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }

    /// The text with blanks before it up to a width, as a column's right-aligned cell.
    public func right(_ width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) + self }
}
