import Foundation
import Testing

@testable import Plotting

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct PlotTests {
    /// On paper: 0…10 in about six steps are multiples of 2.
    @Test(arguments: [
        (0.0...10.0, ["0", "2", "4", "6", "8", "10"]), (0.0...0.05, ["0", "0.01", "0.02", "0.03", "0.04", "0.05"]),
        (-1.0...1.0, ["-1.0", "-0.5", "0", "0.5", "1.0"]),
        (0.0...3e-5, ["0", "5e-6", "1e-5", "1.5e-5", "2e-5", "2.5e-5", "3e-5"]),
    ])
    func linearTicksAreRoundNumbers(range: ClosedRange<Double>, expected: [String]) {
        let scale = PlotScale(Plot.Axis(range: range), values: [], pixels: (0, 100))
        #expect(scale.ticks.map(\.label) == expected)
    }

    @Test func logarithmicTicksArePowersOfTen() {
        let wide = PlotScale(Plot.Axis(scale: .logarithmic, range: 1e-3...1e2), values: [], pixels: (0, 100))
        #expect(wide.ticks.map(\.label) == ["0.001", "0.01", "0.1", "1", "10", "100"])
        let short = PlotScale(Plot.Axis(scale: .logarithmic, range: 1...20), values: [], pixels: (0, 100))
        #expect(short.ticks.map(\.label) == ["1", "2", "5", "10", "20"])
        #expect(wide.pixel(0) == nil && wide.pixel(-1) == nil && wide.pixel(.nan) == nil)
    }

    @Test func valuesMapLinearlyToPixels() {
        let scale = PlotScale(Plot.Axis(range: 2...4), values: [], pixels: (100, 0))
        #expect([2, 3, 4].map { scale.pixel($0) } == [100, 50, 0])
    }

    @Test func textsAreEscaped() throws {
        let name = "<script>alert('a & \"b\"')</script>\u{1}"
        let plot = Plot(
            name, x: Plot.Axis(name, categories: [name]), y: Plot.Axis(name), series: [.bars(name, [1])])
        let svg = plot.svg()
        #expect(!svg.contains("<script"))
        #expect(!svg.contains("\u{1}"))
        #expect(try texts(of: svg).contains("<script>alert('a & \"b\"')</script>"))
    }

    @Test func everyMarkIsWellFormedAndRepeatable() throws {
        let x = (0..<2000).map { Double($0) / 100 }
        let plot = Plot(
            "loss", x: Plot.Axis("step"), y: Plot.Axis("value", scale: .logarithmic),
            series: [
                .band("95 %", x: x, lower: x.map { 1 + $0 }, upper: x.map { 3 + $0 }),
                .line("long", x.map { Plot.Point(x: $0, y: 2 + $0) }),
                .line("gaps", [1, .nan, 2, 3, 0, .infinity, 4]),
                .points("dots", [Plot.Point(x: 1, y: 1), Plot.Point(x: 2, y: -1)]),
                .histogram("counts", [1, 1, 2, .nan, 3], binCount: 2), .line("empty", [] as [Double]),
            ])
        #expect(plot.svg() == plot.svg())
        #expect(try texts(of: plot.svg()).contains("gaps"))
        #expect(!plot.svg().contains("nan") && !plot.svg().contains("inf"))
        _ = try texts(of: Plot(series: []).svg())
    }

    @Test func bandTakesTheColorOfItsLine() {
        var band = Plot.Series.band("", x: [0, 1], lower: [0, 0], upper: [1, 1])
        band.color = 1
        let svg = Plot(series: [.line("", [1, 2]), .line("", [2, 1]), band]).svg()
        #expect(svg.contains("stroke=\"#d55e00\"") && svg.contains("fill=\"#d55e00\" fill-opacity"))
    }

    @Test func gapsSplitALine() {
        let svg = Plot(series: [.line("", [1, 2, .nan, 3, 4])]).svg()
        #expect(svg.components(separatedBy: "<polyline").count == 3)
    }

    @Test func longLinesKeepTheirExtremes() {
        var values = [Double](repeating: 0, count: 100_000)
        values[54_321] = 1
        let plot = Plot(y: Plot.Axis(range: 0...1), series: [.line("", values)])
        let svg = plot.svg()
        #expect(svg.utf8.count < 100_000)
        #expect(svg.contains(",16 "))  // the top of the frame, where the peak is
    }

    @Test func histogramCountsEveryFiniteValueOnce() {
        guard case .bars(let bars) = Plot.Series.histogram("", [0, 0.5, 1, 2, 2, .infinity], binCount: 2).mark else {
            Issue.record("a histogram is drawn as bars")
            return
        }
        #expect(bars.map(\.height) == [2, 3])
        #expect(bars.map(\.start) == [0, 1])
        #expect(bars.map(\.end) == [1, 2])
    }

    /// Two rows of two: three cells have a share, and the greater one is the darker.
    @Test func cellsStandForSharesAboveZero() throws {
        let plot = Plot(series: [.cells("", edges: [0, 1, 2], shares: [[1, 0], [0.25, 0.75]])])
        let svg = plot.svg()
        #expect(svg.components(separatedBy: "fill-opacity").count == 4)
        for opacity in ["1", "0.25", "0.75"] { #expect(svg.contains("fill-opacity=\"\(opacity)\"")) }
        #expect(try texts(of: svg).contains("2.0"))
    }

    @Test func columnIsOneDocumentOfAllPlots() throws {
        let plots = ["first", "second & third"].map { Plot($0, series: [.line("", [1, 2, 3])]) }
        let svg = Plot.column(plots)
        #expect(try texts(of: svg).filter { $0.contains("first") || $0.contains("&") } == ["first", "second & third"])
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"880\""))
        #expect(svg.contains("translate(0 440)"))
    }

    /// The texts of a well-formed document; throws for another.
    private func texts(of svg: String) throws -> [String] {
        let document = try XMLDocument(data: Data(svg.utf8))
        return try document.nodes(forXPath: "//*[local-name()='text']").compactMap(\.stringValue)
    }
}
