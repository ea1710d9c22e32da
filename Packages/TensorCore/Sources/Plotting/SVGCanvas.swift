import Foundation

/// SVG elements written one after another. No scripts, no references: text and shapes only.
struct SVGCanvas {
    private var elements: [String] = []

    enum Anchor: String { case start, middle, end }

    /// The document.
    func document(width: Double, height: Double, title: String) -> String {
        let size = "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
        let head = """
            <svg xmlns="http://www.w3.org/2000/svg" \(size) viewBox="0 0 \(Self.number(width)) \(Self.number(height))" \
            role="img" font-family="Helvetica, Arial, sans-serif" font-size="12">
            <title>\(Self.escaped(title))</title>
            <rect width="100%" height="100%" fill="#ffffff"/>
            """
        return ([head] + elements + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    mutating func line(_ a: Plot.Point, _ b: Plot.Point, color: String, width: Double = 1) {
        elements.append(
            """
            <line x1="\(Self.number(a.x))" y1="\(Self.number(a.y))" x2="\(Self.number(b.x))" y2="\(Self.number(b.y))" \
            stroke="\(color)" stroke-width="\(Self.number(width))"/>
            """)
    }

    mutating func polyline(_ points: [Plot.Point], color: String, dashes: String?) {
        let dashes = dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
        elements.append(
            """
            <polyline points="\(Self.list(points))" fill="none" stroke="\(color)" stroke-width="1.75" \
            stroke-linejoin="round"\(dashes)/>
            """)
    }

    mutating func area(_ points: [Plot.Point], color: String) {
        elements.append("<polygon points=\"\(Self.list(points))\" fill=\"\(color)\" fill-opacity=\"0.2\"/>")
    }

    mutating func rectangle(_ a: Plot.Point, _ b: Plot.Point, color: String, opacity: Double = 0.8) {
        elements.append(
            """
            <rect x="\(Self.number(min(a.x, b.x)))" y="\(Self.number(min(a.y, b.y)))" \
            width="\(Self.number(abs(b.x - a.x)))" height="\(Self.number(abs(b.y - a.y)))" \
            fill="\(color)" fill-opacity="\(Self.number(opacity))"/>
            """)
    }

    mutating func dot(_ center: Plot.Point, color: String) {
        elements.append(
            "<circle cx=\"\(Self.number(center.x))\" cy=\"\(Self.number(center.y))\" r=\"2.5\" fill=\"\(color)\"/>")
    }

    mutating func text(
        _ text: String, at place: Plot.Point, anchor: Anchor = .start, size: Double = 12, isUpright: Bool = false
    ) {
        guard !text.isEmpty else { return }
        let (x, y) = (Self.number(place.x), Self.number(place.y))
        let turn = isUpright ? " transform=\"rotate(-90 \(x) \(y))\"" : ""
        elements.append(
            """
            <text x="\(x)" y="\(y)" text-anchor="\(anchor.rawValue)" font-size="\(Self.number(size))" \
            fill="#222222"\(turn)>\(Self.escaped(text))</text>
            """)
    }

    /// Opens a group whose parts outside a rectangle are not shown; ``closeGroup()`` ends it.
    mutating func openClippedGroup(_ a: Plot.Point, _ b: Plot.Point) {
        elements.append(
            """
            <svg x="\(Self.number(a.x))" y="\(Self.number(a.y))" width="\(Self.number(b.x - a.x))" \
            height="\(Self.number(b.y - a.y))" viewBox="\(Self.number(a.x)) \(Self.number(a.y)) \
            \(Self.number(b.x - a.x)) \(Self.number(b.y - a.y))">
            """)
    }

    /// Adds a whole document with its upper left corner at a place.
    mutating func add(_ document: String, at place: Plot.Point) {
        elements.append(
            "<g transform=\"translate(\(Self.number(place.x)) \(Self.number(place.y)))\">\n\(document)</g>")
    }

    mutating func closeGroup() { elements.append("</svg>") }

    /// Text in which XML's own characters are entities; characters that XML forbids are left out, and white space is
    /// blank unless lines are kept.
    static func escaped(_ text: String, keepingLines: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result += keepingLines ? String(scalar) : " "
            default:
                if scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff { continue }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Hundredths of a pixel, without trailing zeros.
    static func number(_ value: Double) -> String {
        let clamped = min(max(value, -1e6), 1e6)
        let hundredths = Int((clamped * 100).rounded())
        let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func list(_ points: [Plot.Point]) -> String {
        points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    }
}
