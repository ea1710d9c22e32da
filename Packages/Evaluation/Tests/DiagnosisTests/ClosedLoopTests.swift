import Evaluation
import Foundation
import LiberoData
import Testing

@testable import Diagnosis

/// What is made of episodes that fail.
@Suite struct ClosedLoopTests {
    private func episode(_ end: EpisodeSummary.End, still: Int = 0, distance: Double = 0) -> EpisodeSummary {
        EpisodeSummary(
            task: 0, end: end, stepCount: 220, path: 0.4, gripperChangeCount: 1, stillCount: still, stillStart: 60,
            repeatedCount: max(still - 1, 0), holdsWhileStill: still > 0,
            closest: ObjectDistance(object: "soup_1", isGoal: true, distance: distance))
    }

    /// - Parameters:
    ///   - pause: Frames that ask for nothing in each of two demonstrations of 60.
    ///   - relative: Error at the data.
    private func report(
        _ episodes: [EpisodeSummary], pause: Int = 0, relative: Double = 0.2, other: Finding? = nil
    ) throws -> DoctorReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("paused-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try ToyPolicy.record(to: folder, count: 2, pause: pause)
        var diagnosisRun = DiagnosisRun(Doctor(checkpoint: folder, data: folder))
        diagnosisRun.dataset = try LiberoDataset(at: folder)
        var agreement = Agreement([], targets: [], frames: [], space: .libero, scale: [])
        (agreement.costs, agreement.constantCost) = ([relative], 1)
        diagnosisRun.base = Trial.Outcome(numbers: [], predictions: [], agreement: agreement)
        if let other { diagnosisRun.report.add(other) }
        diagnosisRun.report.episodes = episodes
        diagnosisRun.report.checks.append(Check("weights", .sound, "as trained"))
        diagnosisRun.report.checks.append(try diagnosisRun.examineClosedLoop(reaches: [0: 0.004]))
        diagnosisRun.report.rank()
        return diagnosisRun.report
    }

    @Test func freezingIsNamedWithThePausesOfTheData() throws {
        let report = try report([episode(.froze, still: 150), episode(.froze, still: 120)], pause: 12)
        let finding = try #require(report.findings.first)
        #expect(finding.cause == .freezes && finding.certainty > 0.8 && report.verdict == .sick)
        #expect(finding.evidence.contains { $0.name.hasPrefix("steps without motion") && $0.value == 150 })
        let share = try #require(finding.evidence.first { $0.name.hasPrefix("share of the data's frames") })
        #expect(share.value > 0.1 && share.value < 0.6)
        #expect(finding.evidence.contains { $0.name.hasPrefix("longest such pause") && $0.value == 12 })
        #expect(finding.remedy.contains("\"horizon\": 8"))
    }

    @Test func withoutPausesItIsLessSure() throws {
        let sure = try report([episode(.froze, still: 150)], pause: 12).findings[0].certainty
        #expect(try report([episode(.froze, still: 150)]).findings[0].certainty < sure)
    }

    /// A policy that has learnt little may stand anywhere, one whose cause is known as well: no alarm for that.
    @Test func thereIsNoAlarmWhereAnotherReasonIsKnown() throws {
        let young = try report([episode(.froze, still: 150)], pause: 12, relative: 0.6)
        #expect(young.findings.allSatisfy { $0.certainty < DoctorReport.alarm } && young.verdict == .fails)
        let turned = Finding(.turned, in: .data, .proof, certainty: 0.9, detail: "", remedy: "")
        let explained = try report([episode(.froze, still: 150)], pause: 12, other: turned)
        #expect(explained.findings.first?.cause == .turned)
        #expect(explained.findings.count { $0.certainty >= DoctorReport.alarm } == 1)
    }

    /// Demonstrations that wait for a second teach a policy to wait, whatever else it has learnt.
    @Test func waitingDemonstrationsAreReasonEnough() throws {
        let report = try report([episode(.stoodStill, still: 220)], pause: 30, relative: 0.6)
        #expect(report.findings.first?.cause == .freezes && report.verdict == .sick)
    }

    @Test func missingTheObjectIsNamedWithItsDistance() throws {
        let report = try report([episode(.neverReached, distance: 0.08), episode(.neverReached, distance: 0.12)])
        let finding = try #require(report.findings.first)
        #expect(finding.cause == .neverReaches && report.verdict == .fails)
        #expect(finding.evidence[0].name.contains("soup_1") && finding.evidence[0].value == 8)
        #expect(report.text.contains("nearest approach to soup_1, cm 8"))
    }

    @Test func oneSuccessIsHealthy() throws {
        let report = try report([episode(.froze, still: 150), episode(.success)], pause: 12)
        #expect(report.verdict == .healthy && report.findings.isEmpty)
        #expect(report.text.hasPrefix("Nothing wrong was found."))
    }

    /// Failing without a known cause is never "nothing wrong".
    @Test func failingAlwaysIsSaid() throws {
        let report = try report([episode(.letGo), episode(.closedOnNothing)])
        #expect(report.findings.isEmpty && report.verdict == .fails && !report.isHealthy)
        #expect(report.text.hasPrefix("No cause was found, and yet all 2 of 2 episodes failed (95 % interval"))
        #expect(report.text.contains("Excluded: weights.") && !report.text.contains("Nothing wrong"))
        let again = try JSONDecoder().decode(DoctorReport.self, from: JSONEncoder().encode(report))
        #expect(again.verdict == .fails && again.episodes == report.episodes)
    }
}
