import Foundation

/// Changes text before it is cut, as the `normalizer` of a `tokenizer.json` asks.
enum TextNormalizer: Sendable {
    /// Unicode's normal forms.
    case nfc, nfd, nfkc, nfkd
    case lowercase
    /// Removes white space at the ends.
    case strip(left: Bool, right: Bool)
    case prepend(String)
    case replace(ReplacePattern, with: String)
    case sequence([TextNormalizer])

    /// `@unchecked Sendable`: see ``SplitPattern``.
    struct ReplacePattern: @unchecked Sendable {
        let expression: NSRegularExpression
    }

    /// How many times as long it may make a text, steps behind each other multiplied: each replaces as little as one byte.
    var growth: Double {
        switch self {
        case .nfc, .nfd, .nfkc, .nfkd, .lowercase: 4
        case .strip: 1
        case .prepend(let prefix): Double(1 + prefix.utf8.count)
        case .replace(_, let replacement): Double(1 + replacement.utf8.count)
        case .sequence(let steps): steps.reduce(1) { $0 * $1.growth }
        }
    }

    /// The most that normalizers of a file may do; those of published tokenizers stay below a hundred.
    static let growthLimit = 4096.0

    func callAsFunction(_ text: String) -> String {
        switch self {
        case .nfc: return text.precomposedStringWithCanonicalMapping
        case .nfd: return text.decomposedStringWithCanonicalMapping
        case .nfkc: return text.precomposedStringWithCompatibilityMapping
        case .nfkd: return text.decomposedStringWithCompatibilityMapping
        case .lowercase: return text.unicodeScalars.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
        case .strip(let left, let right):
            var rest = text.unicodeScalars[...]
            if left { rest = rest.drop { $0.properties.isWhitespace } }
            while right, let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
            return String(rest)
        case .prepend(let prefix): return text.isEmpty ? text : prefix + text
        case .replace(let pattern, let replacement):
            return pattern.expression.stringByReplacingMatches(
                in: text, range: NSRange(location: 0, length: text.utf16.count),
                withTemplate: NSRegularExpression.escapedTemplate(for: replacement))
        case .sequence(let steps): return steps.reduce(text) { $1($0) }
        }
    }

    /// The same for equal normalizers.
    var description: String {
        switch self {
        case .nfc: "nfc"
        case .nfd: "nfd"
        case .nfkc: "nfkc"
        case .nfkd: "nfkd"
        case .lowercase: "lowercase"
        case .strip(let left, let right): "strip \(left) \(right)"
        case .prepend(let prefix): "prepend \(prefix)"
        case .replace(let pattern, let replacement): "replace \(pattern.expression.pattern) \(replacement)"
        case .sequence(let steps): "[\(steps.map(\.description).joined(separator: ", "))]"
        }
    }
}
