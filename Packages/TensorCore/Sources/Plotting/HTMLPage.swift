import FileSupport
public import Foundation

/// A page of HTML that needs no other file: with links to its sections, for screens, phones and paper.
public struct HTMLPage: Sendable {
    public var title: String
    private var body = ""
    private var sections: [(anchor: String, text: String)] = []

    public init(_ title: String) { self.title = title }

    /// Adds HTML as it is.
    public mutating func add(_ html: String) { body += html + "\n" }

    /// Adds a heading, which the top of the page links to; text is escaped.
    public mutating func heading(_ text: String) {
        let words = text.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        let name = words.isEmpty ? "section" : words.joined(separator: "-")
        let count = sections.count { $0.anchor == name || $0.anchor.hasPrefix("\(name)--") }
        let anchor = count == 0 ? name : "\(name)--\(count + 1)"
        sections.append((anchor, text))
        add("<h2 id='\(anchor)'>\(Self.escaped(text))</h2>")
    }

    /// Adds a paragraph; text is escaped.
    public mutating func paragraph(_ text: String) { add("<p>\(Self.escaped(text))</p>") }

    /// Adds a table; a column of numbers has its heading at the right, as they stand.
    public mutating func table(_ header: [String], _ rows: [[Cell]]) {
        let head = header.enumerated().map { column, text in
            let isNumber = if case .number? = rows.first?.dropFirst(column).first { true } else { false }
            return "<th\(isNumber ? " class=number" : "")>\(Self.escaped(text))</th>"
        }
        let lines = rows.map { "<tr>" + $0.map(\.html).joined() + "</tr>" }.joined(separator: "\n")
        add(
            "<div class=wide><table><thead><tr>\(head.joined())</tr></thead><tbody>\n\(lines)\n</tbody></table></div>")
    }

    /// A cell of a table.
    public enum Cell: Sendable {
        case text(String)
        case number(String)
        /// A text that leads elsewhere: to a file, or with `#` to a place on the page.
        case link(String, to: String)
        /// A rate with its interval as a bar; all in 0…1.
        case rate(Double, lower: Double, upper: Double)

        var html: String {
            switch self {
            case .text(let text):
                // a hash may be broken anywhere, words may not
                let isHash = text.count > 24 && !text.contains(" ")
                return "<td\(isHash ? " class=hash" : "")>\(HTMLPage.escaped(text))</td>"
            case .number(let text): return "<td class=number>\(HTMLPage.escaped(text))</td>"
            case .link(let text, let target):
                return "<td><a href='\(HTMLPage.escaped(target))'>\(HTMLPage.escaped(text))</a></td>"
            case .rate(let rate, let lower, let upper):
                func x(_ share: Double) -> String { String(format: "%.1f", 5 + share * 150) }
                return "<td><svg width=160 height=16 role=img aria-label='\(HTMLPage.percent(rate))'>"
                    + "<rect x=5 y=5 width=150 height=6 class=track />"
                    + "<rect x=\(x(lower)) y=5 width=\(String(format: "%.1f", (upper - lower) * 150)) height=6 "
                    + "class=interval /><circle cx=\(x(rate)) cy=8 r=4 class=mark /></svg></td>"
            }
        }
    }

    /// How wide the figures of a gallery are.
    public enum GalleryKind: String, Sendable {
        /// Three or four beside each other.
        case films
        /// Two beside each other.
        case curves
        /// One below the other.
        case sheets
    }

    /// Adds figures side by side.
    public mutating func gallery(_ kind: GalleryKind, _ figures: [String]) {
        guard !figures.isEmpty else { return }
        add("<div class='gallery \(kind.rawValue)'>\n\(figures.joined(separator: "\n"))\n</div>")
    }

    /// What is shown and what it says below; the text is escaped.
    ///
    /// - Parameters:
    ///   - content: HTML as it is: an SVG, or a file that is ``embedded(_:alternative:)``.
    ///   - caption: The text below.
    ///   - outcome: In front of it, whether an episode reached its goal and how; nil for what is no episode.
    ///   - anchor: The figure's name, for links to it; nil for none.
    public static func figure(
        _ content: String, caption: String = "", outcome: (isSuccess: Bool, text: String)? = nil, anchor: String? = nil
    ) -> String {
        var below = ""
        if let outcome {
            let (name, mark) = outcome.isSuccess ? ("success", "✓") : ("failure", "✗")
            below = "<b class=\(name)>\(mark) \(escaped(outcome.text))</b><br>"
        }
        below += escaped(caption)
        let name = anchor.map { " id='\(escaped($0))'" } ?? ""
        return "<figure\(name)>\(content)" + (below.isEmpty ? "" : "<figcaption>\(below)</figcaption>") + "</figure>"
    }

    /// An image or film inside the page; its kind is told by its name.
    public static func embedded(_ file: URL, alternative: String) throws -> String {
        let data = try FileContent.data(at: file).base64EncodedString()
        let text = escaped(alternative)
        switch file.pathExtension {
        case "mp4":
            return "<video controls loop muted playsinline title='\(text)' src='data:video/mp4;base64,\(data)'></video>"
        case "jpg": return "<img alt='\(text)' src='data:image/jpeg;base64,\(data)'>"
        default: return "<img alt='\(text)' src='data:image/png;base64,\(data)'>"
        }
    }

    /// Text with its special characters written as entities.
    public static func escaped(_ text: String) -> String { SVGCanvas.escaped(text, keepingLines: true) }

    /// A share of 0…1 as `12.3 %`.
    public static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

    /// The page.
    public var html: String {
        let links = sections.map { "<a href='#\($0.anchor)'>\(Self.escaped($0.text))</a>" }
        let contents = sections.count > 1 ? "<nav>\(links.joined(separator: "\n"))</nav>" : ""
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(title))</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>
            \(Self.style)
            </style></head><body>
            <h1>\(Self.escaped(title))</h1>
            \(contents)
            \(body)<script>
            \(Self.script)
            </script></body></html>

            """
    }
}
