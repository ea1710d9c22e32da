import Foundation

/// Curves over time with axes and a legend, as SVG.
struct LinePlot {
    var title: String
    var unit: String
    var curves: [(name: String, x: [Double], y: [Double])] = []

    private static let colors = [
        "#1b6ca8", "#d1495b", "#3a7d44", "#edae49", "#6a4c93", "#00798c", "#8d6a4f", "#444444", "#b5179e",
    ]
    private static let (width, height, left, top) = (760.0, 230.0, 70.0, 28.0)

    init(title: String, unit: String) {
        self.title = title
        self.unit = unit
    }

    /// Plots one below the other.
    static func page(_ plots: [LinePlot]) -> String {
        let total = height * Double(plots.count)
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(width))" height="\(Int(total))" \
            viewBox="0 0 \(Int(width)) \(Int(total))" font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="white"/>

            """
        for (index, plot) in plots.enumerated() {
            text += "<g transform=\"translate(0 \(Int(height * Double(index))))\">\n\(plot.body)</g>\n"
        }
        return text + "</svg>\n"
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// Steps of 1, 2 or 5 times a power of ten, about six of them.
    private func ticks(_ low: Double, _ high: Double) -> [Double] {
        let raw = (high - low) / 6
        let power = pow(10, floor(log10(raw)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= raw } ?? raw
        return stride(from: (low / step).rounded(.up) * step, through: high + step * 1e-9, by: step).map { $0 }
    }

    private func short(_ value: Double) -> String {
        let text = String(format: "%.3g", abs(value) < 1e-12 ? 0 : value)
        return text == "-0" ? "0" : text
    }

    private var body: String {
        let (w, h) = (Self.width - Self.left - 130, Self.height - Self.top - 36)
        let (xs, ys) = (curves.flatMap(\.x), curves.flatMap(\.y))
        let (x0, x1) = (xs.min() ?? 0, max(xs.max() ?? 1, (xs.min() ?? 0) + 1e-9))
        var (y0, y1) = (ys.min() ?? 0, ys.max() ?? 1)
        let margin = max(0.06 * (y1 - y0), 1e-9)
        (y0, y1) = (y0 - margin, y1 + margin)
        func place(_ x: Double, _ y: Double) -> (Double, Double) {
            (Self.left + w * (x - x0) / (x1 - x0), Self.top + h * (1 - (y - y0) / (y1 - y0)))
        }
        func point(_ x: Double, _ y: Double) -> String {
            let (a, b) = place(x, y)
            return String(format: "%.1f,%.1f", a, b)
        }
        var text = "<text x=\"\(Self.left)\" y=\"18\" font-weight=\"bold\">\(escaped(title))</text>\n"
        for x in ticks(x0, x1) {
            let (a, _) = place(x, y0)
            text += "<line x1=\"\(a)\" y1=\"\(Self.top)\" x2=\"\(a)\" y2=\"\(Self.top + h)\" stroke=\"#e4e4e4\"/>"
            text += "<text x=\"\(a)\" y=\"\(Self.top + h + 14)\" text-anchor=\"middle\">\(short(x))</text>\n"
        }
        for y in ticks(y0, y1) {
            let (_, b) = place(x0, y)
            text += "<line x1=\"\(Self.left)\" y1=\"\(b)\" x2=\"\(Self.left + w)\" y2=\"\(b)\" stroke=\"#e4e4e4\"/>"
            text += "<text x=\"\(Self.left - 6)\" y=\"\(b + 4)\" text-anchor=\"end\">\(short(y))</text>\n"
        }
        text += "<text x=\"\(Self.left + w)\" y=\"\(Self.top + h + 28)\" text-anchor=\"end\">time, s</text>\n"
        text += "<text x=\"\(Self.left - 6)\" y=\"18\" text-anchor=\"end\">\(escaped(unit))</text>\n"
        for (index, curve) in curves.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            // at most 400 points, the last always
            let step = max(curve.x.count / 400, 1)
            var points = stride(from: 0, to: curve.x.count, by: step).map { point(curve.x[$0], curve.y[$0]) }
            if let x = curve.x.last, let y = curve.y.last { points.append(point(x, y)) }
            text +=
                "<polyline fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.6\" points=\"\(points.joined(separator: " "))\"/>\n"
            let y = Self.top + 10 + 16 * Double(index)
            text +=
                "<line x1=\"\(Self.left + w + 12)\" y1=\"\(y - 4)\" x2=\"\(Self.left + w + 32)\" y2=\"\(y - 4)\" stroke=\"\(color)\" stroke-width=\"2\"/>"
            text += "<text x=\"\(Self.left + w + 38)\" y=\"\(y)\">\(escaped(curve.name))</text>\n"
        }
        return text
    }
}
