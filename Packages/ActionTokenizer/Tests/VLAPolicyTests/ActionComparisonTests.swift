import RobotInterface
import ActionTokenizer
import Foundation
import TensorReporting
import TensorTraining
import Testing

@testable import VLAPolicy

@Suite struct ActionComparisonTests {
    /// Two chunks of two actions; the second action of the second one lies behind the demonstration's end.
    private static let comparison = ActionComparison(
        predicted: [
            ActionChunk([[0, 0, 0, 0, 0, 0, -1], [1, 0, 0, 0, 0, 0, -1]]),
            ActionChunk([[0.5, 0, 0, 0, 0, 0, 1], [9, 9, 9, 9, 9, 9, 9]]),
        ],
        recorded: [
            ActionChunk([[0, 0, 0, 0, 0, 0, -1], [1, 0, 0, 0, 0, 0, 1]]),
            ActionChunk([[0.25, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0]]),
        ],
        validCounts: [2, 1], space: .libero, intervalCount: 4)

    @Test func countsAreThoseOnPaper() {
        let x = Self.comparison.dimensions[0]
        #expect(x.edges == [0, 0.25, 0.5, 0.75, 1])
        #expect(x.recordedCounts == [1, 1, 0, 1] && x.predictedCounts == [1, 0, 1, 1])
        #expect(x.confusion[1] == [0, 0, 1, 0] && x.confusion[3] == [0, 0, 0, 1])
        #expect(abs(x.meanError - 0.25 / 3) < 1e-12 && abs(x.accuracy - 2.0 / 3) < 1e-12)
        let gripper = Self.comparison.dimensions[6]
        #expect(gripper.confusion[3] == [1, 0, 0, 1] && abs(gripper.meanError - 2.0 / 3) < 1e-12)
    }

    @Test func pageAndFilesHoldBoth() throws {
        let folder = PolicyTrainerTests.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var report = RunReport(title: "run", records: [["step": 1, "epoch": 0, "loss": 0.5]])
        try report.add(Self.comparison)
        try report.write(to: folder, time: Date(timeIntervalSince1970: 0))
        #expect(report.html().contains("confusion matrix") && report.html().contains("recorded"))
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(files.contains("charts/confusion-x.svg") && files.contains("charts/actions-rotation-z.svg"))
        #expect(files.contains { $0.hasPrefix("wandb/offline-run-19700101_000000-") && $0.hasSuffix(".wandb") })
        let read = try JSONDecoder().decode(
            ActionComparison.self, from: Data(contentsOf: folder.appendingPathComponent("actions.json")))
        #expect(read == Self.comparison)
    }
}
