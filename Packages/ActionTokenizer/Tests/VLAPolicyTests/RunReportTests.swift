import Foundation
import TensorTestSupport
import TensorTraining
import Testing

@testable import VLAPolicy

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

    /// RFC 3720's check value, and the frame of the first record.
    @Test func eventsHaveTheirChecksums() {
        #expect(TensorBoardEvents.checksum(Array("123456789".utf8)) == 0xe306_9283)
        let bytes = TensorBoardEvents.file([["step": 3, "loss": 0.5]], time: 0)
        #expect(bytes[0] == 24 && bytes.dropFirst(12 + 9).starts(with: [0x1a, 13] + Array("brain.Event:2".utf8)))
        #expect(bytes.count == (8 + 4 + 24 + 4) + (8 + 4 + 9 + 2 + 2 + 2 + 11 + 4))
    }
}
