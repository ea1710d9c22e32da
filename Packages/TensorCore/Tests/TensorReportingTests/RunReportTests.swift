import Foundation
import Plotting
import TensorTraining
import Testing

@testable import TensorReporting

@Suite struct RunReportTests {
    let report = RunReport(
        title: "a run",
        records: (1...6).map { step in
            var record: [String: LogValue] = [
                "step": LogValue(step), "epoch": LogValue((step - 1) / 3), "loss": .number(1 / Double(step)),
            ]
            if step % 3 == 0 { record["validation/loss"] = .number(0.5) }
            return record
        })

    @Test func csvHasOneLinePerUpdate() {
        let lines = report.csv().split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "step,epoch,loss,validation/loss")
        #expect(lines[1] == "1.0,0.0,1.0," && lines.count == 8)
    }

    @Test func epochsHaveTheNamesOf2025() {
        let epochs = report.epochs()
        #expect(epochs.count == 2)
        #expect(epochs[0]["train/epoch_loss"] == .number((1 + 0.5 + 1 / 3.0) / 3))
        #expect(epochs[1]["val/epoch_loss"] == .number(0.5))
    }

    @Test func pageHoldsAChartWithBothCurves() {
        let charts = report.charts()
        #expect(charts.map(\.name) == ["loss"])
        #expect(charts[0].plot.series.map(\.label) == ["training", "validation"])
        #expect(report.html().contains("<svg"))
    }

    /// The frame of the first record, and the size of the second: fields of its 24 bytes are counted by hand.
    @Test func eventsHaveTheirFrames() {
        let bytes = TensorBoardEvents.file([["step": 3, "loss": 0.5]], time: 0)
        #expect(bytes[0] == 24 && bytes.dropFirst(12 + 9).starts(with: [0x1a, 13] + Array("brain.Event:2".utf8)))
        #expect(bytes.count == (8 + 4 + 24 + 4) + (8 + 4 + 9 + 2 + 2 + 2 + 11 + 4))
    }

    @Test func pointsAreThoseOfRecordsWithBothNumbers() {
        let records: [[String: LogValue]] = [["step": 1, "loss": 0.5], ["step": 2, "rate": .number(.infinity)]]
        #expect(RunLog.points(records, y: "rate") == [Plot.Point(x: 2, y: .infinity)])
    }

    @Test func sectionsAreShownAndWritten() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        var report = report
        report.sections.append(
            RunReport.Section(
                "Own <numbers>", paragraphs: ["A paragraph."], header: ["name", "value"],
                rows: [[.text("a"), .number("1")]],
                charts: [
                    ("own", Plot("own", series: [.cells("", edges: [0, 1, 2], shares: [[1, 0], [0.5, 0.5]])]))
                ],
                files: ["own.json": Data("{}".utf8)]))
        let page = report.html()
        #expect(
            page.contains("Own &lt;numbers&gt;") && page.contains("A paragraph.") && page.contains("<title>own</title>")
        )
        try report.write(to: folder, time: Date(timeIntervalSince1970: 0))
        #expect(try Data(contentsOf: folder.appendingPathComponent("own.json")) == Data("{}".utf8))
        #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("charts/own.svg").path))
    }
}
