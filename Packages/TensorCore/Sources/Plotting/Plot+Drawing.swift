import FileSupport
public import Foundation

extension Plot {
    /// The plot as an SVG document.
    public func svg() -> String {
        let frame = frame
        let x = PlotScale(xAxis, values: series.flatMap(\.mark.horizontalValues), pixels: (frame.left, frame.right))
        let y = PlotScale(yAxis, values: series.flatMap(\.mark.verticalValues), pixels: (frame.bottom, frame.top))
        var canvas = SVGCanvas()
        drawAxes(x, y, frame, on: &canvas)

        // the series, cut at the frame
        canvas.openClippedGroup(Point(x: frame.left, y: frame.top), Point(x: frame.right, y: frame.bottom))
        for (index, series) in series.enumerated() {
            draw(series.mark, Style(series.color ?? index), x, y, on: &canvas)
        }
        canvas.closeGroup()

        drawLegend(frame, on: &canvas)
        return canvas.document(width: width, height: height, title: title)
    }

    /// Plots one below the other, as one SVG document.
    public static func column(_ plots: [Plot]) -> String {
        var canvas = SVGCanvas()
        var (width, height) = (0.0, 0.0)
        for plot in plots {
            canvas.add(plot.svg(), at: Point(x: 0, y: height))
            (width, height) = (max(width, plot.width), height + plot.height)
        }
        return canvas.document(width: width, height: height, title: plots.map(\.title).joined(separator: "; "))
    }

    /// Writes ``svg()`` to a file that appears complete or not at all.
    public func write(to url: URL) throws { try AtomicFile.write(Data(svg().utf8), to: url) }

    /// The rectangle between the axes, in pixels.
    private struct Frame { var left, right, top, bottom: Double }

    /// Room around the axes for labels; on the right for a legend.
    private var frame: Frame {
        let longest = series.map(\.label.count).max() ?? 0
        let legend = hasLegend ? min(40 + Double(longest) * 6.5, width * 0.35) : 0
        return Frame(
            left: yAxis.label.isEmpty ? 60 : 78, right: width - 18 - legend, top: title.isEmpty ? 16 : 40,
            bottom: height - (xAxis.label.isEmpty ? 32 : 52))
    }

    private var hasLegend: Bool { series.contains { !$0.label.isEmpty } }

    /// Colours that people with any colour vision can tell apart (Okabe & Ito 2008); dashes from the second round on.
    private struct Style {
        static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
        let color: String
        let dashes: String?

        init(_ index: Int) {
            precondition(index >= 0, "Plot: colour \(index) of a palette")
            color = Self.colors[index % Self.colors.count]
            dashes = [nil, "6 3", "2 3", "8 3 2 3"][index / Self.colors.count % 4]
        }
    }

    private func drawAxes(_ x: PlotScale, _ y: PlotScale, _ frame: Frame, on canvas: inout SVGCanvas) {
        // horizontal grid lines, values to their left
        for tick in y.ticks {
            guard let pixel = y.pixel(tick.value) else { continue }
            canvas.line(Point(x: frame.left, y: pixel), Point(x: frame.right, y: pixel), color: "#e4e4e4")
            canvas.text(tick.label, at: Point(x: frame.left - 7, y: pixel + 4), anchor: .end)
        }

        // ticks and values or names below
        let places =
            xAxis.categories.isEmpty
            ? x.ticks : xAxis.categories.enumerated().map { (value: Double($0), label: $1) }
        for tick in places {
            guard let pixel = x.pixel(tick.value), (frame.left - 0.5...frame.right + 0.5).contains(pixel) else {
                continue
            }
            canvas.line(Point(x: pixel, y: frame.bottom), Point(x: pixel, y: frame.bottom + 4), color: "#222222")
            canvas.text(tick.label, at: Point(x: pixel, y: frame.bottom + 18), anchor: .middle)
        }

        // frame, title, names of the axes
        canvas.line(Point(x: frame.left, y: frame.top), Point(x: frame.left, y: frame.bottom), color: "#222222")
        canvas.line(Point(x: frame.left, y: frame.bottom), Point(x: frame.right, y: frame.bottom), color: "#222222")
        let middle = Point(x: (frame.left + frame.right) / 2, y: (frame.top + frame.bottom) / 2)
        canvas.text(title, at: Point(x: middle.x, y: 24), anchor: .middle, size: 15)
        canvas.text(xAxis.label, at: Point(x: middle.x, y: height - 12), anchor: .middle)
        canvas.text(yAxis.label, at: Point(x: 18, y: middle.y), anchor: .middle, isUpright: true)
    }

    private func draw(_ mark: Series.Mark, _ style: Style, _ x: PlotScale, _ y: PlotScale, on canvas: inout SVGCanvas) {
        func place(_ horizontal: Double, _ vertical: Double) -> Point? {
            guard let px = x.pixel(horizontal), let py = y.pixel(vertical) else { return nil }
            return Point(x: px, y: py)
        }
        switch mark {
        case .line(let points):
            for run in Self.runs(points.map { place($0.x, $0.y) }) {
                if run.count == 1 {
                    canvas.dot(run[0], color: style.color)
                } else {
                    canvas.polyline(Self.thinned(run), color: style.color, dashes: style.dashes)
                }
            }
        case .points(let points):
            for point in points {
                if let point = place(point.x, point.y) { canvas.dot(point, color: style.color) }
            }
        case .bars(let bars):
            // from zero, or from the bottom when zero cannot be shown
            let base = y.pixel(0) ?? y.pixels.first
            for bar in bars {
                guard let left = x.pixel(bar.start), let top = place(bar.end, bar.height) else { continue }
                canvas.rectangle(Point(x: left, y: base), top, color: style.color)
            }
        case .band(let intervals):
            let edges = intervals.map { interval -> Edge? in
                guard let lower = place(interval.x, interval.lower), let upper = place(interval.x, interval.upper)
                else { return nil }
                return Edge(lower: lower, upper: upper)
            }
            for run in Self.runs(edges) {
                canvas.area(run.map(\.upper) + run.reversed().map(\.lower), color: style.color)
            }
        case .cells(let cells):
            for cell in cells {
                guard let a = place(cell.left, cell.bottom), let b = place(cell.right, cell.top) else { continue }
                canvas.rectangle(a, b, color: style.color, opacity: min(cell.share, 1))
            }
        }
    }

    /// Both ends of a band at one x, in pixels.
    private struct Edge { var lower, upper: Point }

    private func drawLegend(_ frame: Frame, on canvas: inout SVGCanvas) {
        guard hasLegend else { return }
        var row = 0
        for (index, series) in series.enumerated() where !series.label.isEmpty {
            let style = Style(series.color ?? index)
            let (left, y) = (frame.right + 14, frame.top + 10 + Double(row) * 18)
            switch series.mark {
            case .line:
                canvas.polyline(
                    [Point(x: left, y: y), Point(x: left + 18, y: y)], color: style.color, dashes: style.dashes)
            case .points: canvas.dot(Point(x: left + 9, y: y), color: style.color)
            case .bars, .cells:
                canvas.rectangle(Point(x: left, y: y - 5), Point(x: left + 18, y: y + 5), color: style.color)
            case .band:
                canvas.area(
                    [
                        Point(x: left, y: y - 5), Point(x: left + 18, y: y - 5), Point(x: left + 18, y: y + 5),
                        Point(x: left, y: y + 5),
                    ], color: style.color)
            }
            canvas.text(series.label, at: Point(x: left + 24, y: y + 4))
            row += 1
        }
    }

    /// The stretches without gaps.
    private static func runs<Element>(_ elements: [Element?]) -> [[Element]] {
        elements.split(whereSeparator: { $0 == nil }).map { $0.compactMap(\.self) }
    }

    /// A line with at most four points per column of pixels: its first, lowest, highest and last one there.
    private static func thinned(_ points: [Point]) -> [Point] {
        var result: [Point] = []
        func kept(_ column: ArraySlice<Point>) -> [Point] {
            guard column.count > 4 else { return Array(column) }
            let low = column.indices.min { column[$0].y < column[$1].y } ?? column.startIndex
            let high = column.indices.max { column[$0].y < column[$1].y } ?? column.startIndex
            return Set([column.startIndex, low, high, column.endIndex - 1]).sorted().map { column[$0] }
        }
        var start = points.startIndex
        for index in points.indices {
            if points[index].x.rounded(.down) != points[start].x.rounded(.down) {
                result += kept(points[start..<index])
                start = index
            }
        }
        return result + kept(points[start...])
    }
}

extension Plot.Series.Mark {
    /// Every x that the horizontal axis has to show.
    var horizontalValues: [Double] {
        switch self {
        case .line(let points), .points(let points): points.map(\.x)
        case .bars(let bars): bars.flatMap { [$0.start, $0.end] }
        case .band(let intervals): intervals.map(\.x)
        case .cells(let cells): cells.flatMap { [$0.left, $0.right] }
        }
    }

    /// Every y that the vertical axis has to show; bars stand on zero.
    var verticalValues: [Double] {
        switch self {
        case .line(let points), .points(let points): points.map(\.y)
        case .bars(let bars): bars.map(\.height) + [0]
        case .band(let intervals): intervals.flatMap { [$0.lower, $0.upper] }
        case .cells(let cells): cells.flatMap { [$0.bottom, $0.top] }
        }
    }
}
