import Foundation
import TensorTraining
import Testing

@Suite struct RunPlanTests {
    private struct Plan: RunPlan {
        struct Part: Codable { var rates: [Double] }
        static let fileName = "plan.json"
        var name: String
        var part: Part
        var note: String?
    }

    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plan-\(UUID().uuidString)")

    @Test func aRunContinuesWithItsOwnPlanAlone() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let plan = Plan(name: "a", part: .init(rates: [1, 2]))
        try plan.begin(in: folder)
        try plan.begin(in: folder)
        let other = Plan(name: "a", part: .init(rates: [1, 3, 4]), note: "x")
        let expected = [
            "note: found nothing, expected \"x\"", "part.rates.1: found 2, expected 3",
            "part.rates.2: found nothing, expected 4",
        ]
        #expect(throws: RunPlanError.otherRun(folder: folder.path, expected)) { try other.begin(in: folder) }
        try Data("{}".utf8).write(to: folder.appendingPathComponent("plan.json"))
        #expect { try plan.begin(in: folder) } throws: { "\($0)".contains("plan.json is damaged") }
    }

    @Test func oneTrainingHoldsAFolder() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var lock: RunFolderLock? = try RunFolderLock(folder)
        try Data().write(to: folder.appendingPathComponent("state"))
        #expect(throws: RunPlanError.inUse(folder: folder.path)) { try RunFolderLock(folder) }
        try lock?.clear()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [".lock"])
        lock = nil
        _ = try RunFolderLock(folder)
    }
}
