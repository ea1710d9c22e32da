import Testing

@testable import Diagnosis

@Suite struct FindingTests {
    private func finding(_ cause: Cause, _ kind: Finding.Kind, _ certainty: Double) -> Finding {
        Finding(cause, in: .data, kind, certainty: certainty, detail: "", remedy: "")
    }

    @Test func proofsComeBeforeSymptomsAsSure() {
        var report = DoctorReport()
        report.add(finding(.saturated, .symptom, 0.8))
        report.add(finding(.turned, .proof, 0.8))
        report.add(finding(.crop, .restoration, 0.8))
        report.rank()
        #expect(report.findings.map(\.cause) == [.turned, .crop, .saturated])
    }

    @Test func twoWaysOfSeeingOneCauseAreSurerThanOne() {
        var report = DoctorReport()
        report.add(finding(.turned, .restoration, 0.6))
        report.add(finding(.turned, .symptom, 0.6))
        #expect(report.findings.count == 1)
        #expect(report.findings[0].certainty == 1 - 0.4 * 0.7)
        #expect(report.findings[0].kind == .restoration)
    }

    @Test func doubtsAreNoAlarm() {
        var report = DoctorReport()
        report.add(finding(.turned, .restoration, 0.45))
        #expect(report.isHealthy)
        report.add(finding(.crop, .restoration, 0.55))
        #expect(!report.isHealthy)
    }
}
