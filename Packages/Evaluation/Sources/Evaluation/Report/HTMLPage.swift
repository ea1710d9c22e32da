public import Foundation

/// A page of HTML that needs no other file.
public struct HTMLPage {
    public var title: String
    private var body = ""

    public init(_ title: String) { self.title = title }

    /// Adds HTML as it is.
    public mutating func add(_ html: String) { body += html + "\n" }

    /// Adds a heading; text is escaped.
    public mutating func heading(_ text: String) { add("<h2>\(Self.escaped(text))</h2>") }

    /// Adds a paragraph; text is escaped.
    public mutating func paragraph(_ text: String) { add("<p>\(Self.escaped(text))</p>") }

    /// A table.
    public mutating func table(_ header: [String], _ rows: [[Cell]]) {
        let head = header.map { "<th>\(Self.escaped($0))</th>" }.joined()
        let lines = rows.map { "<tr>" + $0.map(\.html).joined() + "</tr>" }.joined(separator: "\n")
        add("<table><thead><tr>\(head)</tr></thead><tbody>\n\(lines)\n</tbody></table>")
    }

    /// A cell of a table.
    public enum Cell {
        case text(String)
        case number(String)
        /// A rate with its interval as a bar; all in 0…1.
        case rate(Double, lower: Double, upper: Double)

        var html: String {
            switch self {
            case .text(let text): return "<td>\(HTMLPage.escaped(text))</td>"
            case .number(let text): return "<td class=number>\(HTMLPage.escaped(text))</td>"
            case .rate(let rate, let lower, let upper):
                func x(_ share: Double) -> String { String(format: "%.1f", share * 200) }
                return "<td><svg width=200 height=16 role=img aria-label='\(HTMLPage.percent(rate))'>"
                    + "<rect x=0 y=5 width=200 height=6 class=track />"
                    + "<rect x=\(x(lower)) y=5 width=\(x(upper - lower)) height=6 class=interval />"
                    + "<circle cx=\(x(rate)) cy=8 r=4 class=mark /></svg></td>"
            }
        }
    }

    /// A picture or video inside the page; its kind is told by its name.
    public static func embedded(_ file: URL, alternative: String) throws -> String {
        let data = try Data(contentsOf: file).base64EncodedString()
        let text = escaped(alternative)
        switch file.pathExtension {
        case "mp4":
            return "<video controls loop muted playsinline title='\(text)' src='data:video/mp4;base64,\(data)'></video>"
        case "jpg": return "<img loading=lazy alt='\(text)' src='data:image/jpeg;base64,\(data)'>"
        default: return "<img loading=lazy alt='\(text)' src='data:image/png;base64,\(data)'>"
        }
    }

    /// Text with its special characters written as entities.
    public static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
            .replacingOccurrences(of: "'", with: "&#39;")
    }

    /// A share of 0…1 as `12.3 %`.
    public static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

    /// The page.
    public var html: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(title))</title>
        <meta name="viewport" content="width=device-width">
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; color: #222 }
        h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em }
        .result { font-size: 1.6em; margin: .3em 0 }
        table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25em .6em; border-bottom: 1px solid #ddd }
        th { font-weight: 600 } td.number { font-variant-numeric: tabular-nums; text-align: right }
        .track { fill: #eee } .interval { fill: #9bbbe0 } .mark { fill: #1f5fa8 }
        .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 1em }
        figure { margin: 0 } figcaption { font-size: .85em; color: #555 }
        img, video { max-width: 100%; image-rendering: pixelated; border: 1px solid #ddd }
        pre { background: #f6f6f6; padding: .8em; overflow-x: auto; font-size: .85em }
        svg { max-width: 100%; height: auto }
        </style></head><body>
        <h1>\(Self.escaped(title))</h1>
        \(body)</body></html>

        """
    }
}
