import Foundation

/// A page of the documentation: what it sets as code.
struct MarkdownPage {
    /// A piece of code and the line it starts at.
    struct Code {
        var text: String
        var line: Int
    }

    /// The pieces between backticks, outside of blocks.
    private(set) var spans: [Code] = []
    /// Blocks, by the language after the fence; indented ones have none.
    private(set) var blocks: [(language: String, code: Code)] = []

    init(text: String) {
        var block: (language: String, lines: [Substring], start: Int)?
        var isIndented = false
        var paragraph = ""
        var paragraphStart = 1
        func spans(in text: String, from line: Int) -> [Code] {
            text.matches(of: /`([^`]+)`/).map { match in
                let before = text[..<match.range.lowerBound].count { $0 == "\n" }
                return Code(text: match.1.replacingOccurrences(of: "\n", with: " "), line: line + before)
            }
        }
        func closed(_ block: (language: String, lines: [Substring], start: Int)) -> (language: String, code: Code) {
            let lines = block.lines.prefix(through: block.lines.lastIndex { !$0.isEmpty } ?? 0)
            return (block.language, Code(text: lines.joined(separator: "\n"), line: block.start))
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            let words = line.drop { $0 == " " }
            if !isIndented, var open = block {
                if words.hasPrefix("```") {
                    blocks.append(closed(open))
                    block = nil
                } else {
                    open.lines.append(line)
                    block = open
                }
                continue
            }
            if isIndented, var open = block {
                if line.hasPrefix("    ") || words.isEmpty {
                    open.lines.append(line)
                    block = open
                    continue
                }
                blocks.append(closed(open))
                (block, isIndented) = (nil, false)
            }
            let startsBlock = words.hasPrefix("```") || line.hasPrefix("    ") && paragraph.isEmpty
            if startsBlock || words.isEmpty {
                self.spans += spans(in: paragraph, from: paragraphStart)
                paragraph = ""
            }
            if words.hasPrefix("```") {
                block = (String(words.dropFirst(3)), [], number + 1)
            } else if line.hasPrefix("    "), paragraph.isEmpty, !words.isEmpty {
                (block, isIndented) = (("", [line], number), true)
            } else if !words.isEmpty {
                if paragraph.isEmpty { paragraphStart = number }
                paragraph += line + "\n"
            }
        }
        self.spans += spans(in: paragraph, from: paragraphStart)
        if let block { blocks.append(closed(block)) }
    }

    /// Everything set as code.
    var code: [Code] { spans + blocks.map(\.code) }
}
