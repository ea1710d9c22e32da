import Foundation
import Testing
import VLAPolicy

@testable import Diagnosis

/// A trained policy in a world without a simulator, healthy and ill. `Scripts/doctor-table` tries many more.
@Suite(.serialized) struct DoctorTests {
    private func examine(_ faults: [String], inWorld: Bool = true) throws -> DoctorReport {
        let made = try ToyPolicy.made.get()
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("patient-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        var patient = Patient(checkpoint: made.checkpoint, data: made.data, in: scratch)
        for fault in faults {
            try Fault.named(fault).inject(&patient, Healthy(folder: made.data.deletingLastPathComponent()))
        }
        var options = Doctor.Options()
        options.frameCount = 48
        options.stepLimit = 40
        return patient.examine(
            in: inWorld ? FaultyWorld(ToyWorld(), patient.world) : nil, options: options)
    }

    @Test func aHealthyPolicyRaisesNoAlarm() throws {
        let report = try examine([])
        #expect(report.verdict != .sick, "\(report.text)")
        #expect(report.checks.contains { $0.name == "world" && $0.outcome == .sound })
        // it is too young to do its task, which is said
        #expect(report.episodes.count == 2 && report.episodes.allSatisfy { $0.closest?.object == "red_block" })
        #expect((report.verdict == .fails) == report.episodes.allSatisfy { !$0.isSuccess })
        // the numbers of the training's batch are those of the inference path, field by field
        #expect(report.checks.contains { $0.name == "paths" && $0.outcome == .sound }, "\(report.text)")
        let fields = report.fields.map(\.name)
        #expect(fields.count == 5 && fields.last == "predicted chunk")
        #expect(report.fields.allSatisfy { $0.agrees && $0.count > 0 })
        #expect(report.metrics.contains { $0.name == "l1" && $0.training > 0 && $0.here > 0 })
    }

    @Test(arguments: [
        "pipeline.json turns images by 180°",
        "pipeline.json has another template",
        "weights loaded with missing names ignored: nothing was",
        "weights overflowed in half precision",
        "recorded images are BGR",
        "the quaternion was taken as w, x, y, z",
        "the gripper's sign is reversed",
        "actions are in metres and radians",
        "the world gives Euler angles",
        "the world's cameras have each other's names",
        "the policy is run with a cache of the observation before",
    ])
    func theCauseIsNamedFirst(fault: String) throws {
        let report = try examine([fault])
        let first = try #require(report.findings.first)
        #expect(Fault.named(fault).causes.contains(first.cause), "\(report.text)")
        #expect(!report.isHealthy && !first.remedy.isEmpty)
    }

    @Test func ofTwoFaultsOneIsNamedFirst() throws {
        let (a, b) = ("recorded images are BGR", "the gripper's sign is reversed")
        let report = try examine([a, b])
        let causes = Fault.named(a).causes.union(Fault.named(b).causes)
        #expect(report.findings.first.map { causes.contains($0.cause) } == true, "\(report.text)")
    }

    @Test func withoutAWorldItSaysWhatItDidNotCheck() throws {
        let report = try examine([], inWorld: false)
        #expect(report.isHealthy, "\(report.text)")
        #expect(report.checks.contains { $0.name == "world" && $0.outcome == .skipped })
    }

    @Test func aFolderThatIsNoneIsAFinding() throws {
        let nowhere = URL(fileURLWithPath: "/nowhere")
        let report = Doctor(checkpoint: nowhere, data: nowhere).examine()
        #expect(report.findings.map(\.cause).contains(.checkpointUnreadable))
        #expect(report.findings.map(\.cause).contains(.dataUnreadable))
    }

    @Test func theReportIsTheSameAfterJSON() throws {
        let report = try examine(["weights overflowed in half precision"])
        let again = try JSONDecoder().decode(DoctorReport.self, from: JSONEncoder().encode(report))
        #expect(again.findings == report.findings && again.checks == report.checks)
        #expect(again.isHealthy == report.isHealthy && again.verdict == .sick)
        #expect(again.fields == report.fields && again.metrics == report.metrics && again.episodes == report.episodes)
    }
}
