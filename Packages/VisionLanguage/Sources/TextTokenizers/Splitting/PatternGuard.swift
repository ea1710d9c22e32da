import Foundation

/// Refuses regular expressions whose search may take without end.
///
/// ICU searches by trial: a repeated group that holds a repetition or alternatives can be cut in exponentially many ways.
/// Patterns of published tokenizers repeat classes of characters only. What passes is tried on texts of one kind of
/// character, within a time limit.
enum PatternGuard {
    /// Why a pattern is refused; nil for one that may be used.
    static func refusal(of pattern: String, _ expression: NSRegularExpression) -> String? {
        guard pattern.utf8.count <= byteLimit else { return "a pattern of \(pattern.utf8.count) bytes" }
        if let reason = structure(of: pattern) { return reason }
        return isQuick(expression)
            ? nil : "a pattern that takes more than \(secondLimit) s for \(trialLength) characters"
    }

    private static let byteLimit = 16_384
    private static let trialLength = 1000
    private static let secondLimit = 1.0
    /// A bounded repetition of more than this counts as one without bound.
    private static let repetitionLimit = 16

    private struct Group {
        /// Whether something in it repeats, or it has alternatives.
        var isAmbiguous = false
    }

    private static func structure(of pattern: String) -> String? {
        let scalars = Array(pattern.unicodeScalars)
        var (groups, index) = ([Group()], 0)
        /// The group that has just ended, to which a quantifier would belong.
        var ended: Group?

        /// Whether there is a quantifier here, and whether it repeats without bound; steps over it.
        func quantifier() -> Bool? {
            guard index < scalars.count else { return nil }
            var isUnbounded = false
            switch scalars[index] {
            case "*", "+": isUnbounded = true
            case "?": break
            case "{":
                guard let end = scalars[index...].firstIndex(of: "}") else { return nil }
                let bounds = String(String.UnicodeScalarView(scalars[(index + 1)..<end])).split(
                    separator: ",", omittingEmptySubsequences: false)
                guard let last = bounds.last else { return nil }
                isUnbounded = last.isEmpty || (Int(last) ?? .max) > repetitionLimit
                index = end
            default: return nil
            }
            index += 1
            // lazy and possessive
            if index < scalars.count, scalars[index] == "?" || scalars[index] == "+" { index += 1 }
            return isUnbounded
        }

        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            ended = nil
            switch scalar {
            case "\\":
                guard index < scalars.count else { return nil }
                if ("1"..."9").contains(scalars[index]) || scalars[index] == "k" { return "a reference to a group" }
                let isProperty = ["p", "P", "x", "N"].contains(scalars[index])
                index += 1
                if isProperty, index < scalars.count, scalars[index] == "{",
                    let end = scalars[index...].firstIndex(of: "}")
                {
                    index = end + 1
                }
            case "[":
                // classes may be nested
                var depth = 1
                while index < scalars.count, depth > 0 {
                    switch scalars[index] {
                    case "\\": index += 1
                    case "[": depth += 1
                    case "]": depth -= 1
                    default: break
                    }
                    index += 1
                }
            case "(":
                groups.append(Group())
                guard groups.count <= 64 else { return "groups nested deeper than 64" }
                // (?: (?i: (?= (?! (?<= (?<! (?> (?<name>
                if index < scalars.count, scalars[index] == "?" { index += 1 }
                continue
            case ")":
                guard groups.count > 1 else { return nil }
                let group = groups.removeLast()
                ended = group
                if group.isAmbiguous { groups[groups.count - 1].isAmbiguous = true }
            case "|":
                groups[groups.count - 1].isAmbiguous = true
                continue
            default: break
            }
            guard let isUnbounded = quantifier(), isUnbounded else { continue }
            if let ended, ended.isAmbiguous { return "a repeated group that repeats or chooses inside" }
            groups[groups.count - 1].isAmbiguous = true
        }
        return nil
    }

    private static func isQuick(_ expression: NSRegularExpression) -> Bool {
        let deadline = Date().addingTimeInterval(secondLimit)
        for piece in ["a", "A", "1", " ", "!", "\n", "é", "中", "aA", "a1", "a ", " !", " \n"] {
            let text = String(repeating: piece, count: trialLength / piece.utf16.count)
            var isLate = false
            expression.enumerateMatches(
                in: text, options: .reportProgress, range: NSRange(location: 0, length: text.utf16.count)
            ) { _, _, stop in
                guard Date() > deadline else { return }
                isLate = true
                stop.pointee = true
            }
            if isLate { return false }
        }
        return true
    }
}
