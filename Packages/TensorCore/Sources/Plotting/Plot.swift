/// A chart of several series over two axes, drawn as SVG by ``svg()``.
///
/// The same plot gives the same text, byte for byte. Values that an axis cannot show (NaN, infinities, and below or at
/// zero on a logarithmic axis) leave a gap in a line and are left out elsewhere.
public struct Plot: Hashable, Sendable {
    /// A place in the units of the axes.
    public struct Point: Hashable, Sendable {
        public var x: Double
        public var y: Double

        public init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// What an axis shows.
    public struct Axis: Hashable, Sendable {
        public enum Scale: Hashable, Sendable { case linear, logarithmic }

        public var label: String
        public var scale: Scale
        /// The values at both ends; nil for what the series need.
        public var range: ClosedRange<Double>?
        /// Names at the positions 0, 1, … in place of numbers; for the horizontal axis of bars.
        public var categories: [String]

        public init(
            _ label: String = "", scale: Scale = .linear, range: ClosedRange<Double>? = nil, categories: [String] = []
        ) {
            self.label = label
            self.scale = scale
            self.range = range
            self.categories = categories
        }
    }

    /// Values drawn in one colour; its label stands in the legend.
    public struct Series: Hashable, Sendable {
        enum Mark: Hashable, Sendable {
            case line([Point])
            case points([Point])
            /// A bar each from `start` to `end` on the horizontal axis.
            case bars([Bar])
            /// The area between two lines over the same x.
            case band([Interval])
            /// Rectangles, the darker the greater their share.
            case cells([Cell])
        }
        struct Bar: Hashable, Sendable { var start, end, height: Double }
        struct Interval: Hashable, Sendable { var x, lower, upper: Double }
        struct Cell: Hashable, Sendable { var left, right, bottom, top, share: Double }

        public var label: String
        /// Place of its colour in the palette; nil for its place among the series. A band takes that of its line.
        public var color: Int?
        let mark: Mark

        private init(label: String, mark: Mark) {
            self.label = label
            self.mark = mark
        }

        /// Points joined by straight lines.
        public static func line(_ label: String, _ points: [Point]) -> Series {
            Series(label: label, mark: .line(points))
        }

        /// Values joined by straight lines, at x = 0, 1, …
        public static func line(_ label: String, _ values: [Double]) -> Series {
            line(label, values.enumerated().map { Point(x: Double($0), y: $1) })
        }

        /// A dot per point.
        public static func points(_ label: String, _ points: [Point]) -> Series {
            Series(label: label, mark: .points(points))
        }

        /// The area between `lower` and `upper` at each x, such as a confidence interval.
        public static func band(_ label: String, x: [Double], lower: [Double], upper: [Double]) -> Series {
            require(
                x.count == lower.count && x.count == upper.count,
                "band of \(x.count) places, \(lower.count) lower and \(upper.count) upper bounds")
            return Series(
                label: label, mark: .band(x.indices.map { Interval(x: x[$0], lower: lower[$0], upper: upper[$0]) }))
        }

        /// Bars at the positions 0, 1, …; several series of bars stand side by side when each has its `slot`.
        public static func bars(_ label: String, _ heights: [Double], slot: Int = 0, of slotCount: Int = 1) -> Series {
            require(slotCount > 0 && (0..<slotCount).contains(slot), "bars in slot \(slot) of \(slotCount)")
            let width = 0.8 / Double(slotCount)
            let bars = heights.enumerated().map { index, height in
                let start = Double(index) - 0.4 + Double(slot) * width
                return Bar(start: start, end: start + width, height: height)
            }
            return Series(label: label, mark: .bars(bars))
        }

        /// A table of shares in 0…1 as rectangles, dark where the share is great; row 0 is the lowest.
        ///
        /// - Parameters:
        ///   - edges: The ends of the columns, and of the rows, in order; one more than there are of them.
        ///   - shares: Row by row.
        public static func cells(_ label: String, edges: [Double], shares: [[Double]]) -> Series {
            require(
                shares.count + 1 == edges.count && shares.allSatisfy { $0.count == shares.count },
                "a table of \(shares.count) rows with \(edges.count) edges")
            let cells = shares.enumerated().flatMap { row, shares in
                shares.enumerated().filter { $0.element > 0 }.map { column, share in
                    Cell(
                        left: edges[column], right: edges[column + 1], bottom: edges[row], top: edges[row + 1],
                        share: share)
                }
            }
            return Series(label: label, mark: .cells(cells))
        }

        /// How many of the finite values fall into each of `binCount` equal intervals of their range.
        public static func histogram(_ label: String, _ values: [Double], binCount: Int = 30) -> Series {
            require(binCount > 0, "histogram with \(binCount) bins")
            let finite = values.filter(\.isFinite)
            guard let lowest = finite.min(), let highest = finite.max() else {
                return Series(label: label, mark: .bars([]))
            }
            let span = highest > lowest ? highest - lowest : 1
            let start = highest > lowest ? lowest : lowest - 0.5
            var counts = [Int](repeating: 0, count: binCount)
            for value in finite { counts[min(Int((value - start) / span * Double(binCount)), binCount - 1)] += 1 }
            let width = span / Double(binCount)
            return Series(
                label: label,
                mark: .bars(
                    counts.enumerated().map { index, count in
                        let left = start + Double(index) * width
                        return Bar(start: left, end: left + width, height: Double(count))
                    }))
        }
    }

    public var title: String
    public var xAxis: Axis
    public var yAxis: Axis
    /// Drawn in this order, later ones on top.
    public var series: [Series]
    /// Pixels.
    public var width = 720.0
    public var height = 440.0

    public init(_ title: String = "", x: Axis = Axis(), y: Axis = Axis(), series: [Series]) {
        self.title = title
        xAxis = x
        yAxis = y
        self.series = series
    }
}

/// Traps with what is wrong with a call.
private func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    precondition(condition, "Plot: \(message())")
}
