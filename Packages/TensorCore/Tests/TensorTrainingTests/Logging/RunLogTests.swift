import Foundation
import TensorTraining
import Testing

@Suite struct RunLogTests {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString).jsonl")

    @Test func recordsComeBackInOrder() throws {
        defer { try? FileManager.default.removeItem(at: url) }
        let log = try RunLog(at: url)
        try log.append(["step": 1, "loss": 0.5, "note": "a \"quoted\"\nline", "isBest": true, "parts": [1, 2.5]])
        try log.append(["step": 2, "loss": .number(.nan), "rate": .number(.infinity), "none": .null])
        let records = try RunLog.records(at: url)
        #expect(records.count == 2)
        #expect(
            records[0] == ["step": 1, "loss": 0.5, "note": "a \"quoted\"\nline", "isBest": true, "parts": [1, 2.5]])
        #expect(records[1]["loss"]?.number?.isNaN == true)
        #expect(records[1]["rate"]?.number == .infinity)
        #expect(records[1]["none"] == .null)
    }

    @Test func truncatedLastLineIsLeftOutAndCutOff() throws {
        defer { try? FileManager.default.removeItem(at: url) }
        try Data("{\"step\":1}\n{\"step\":2}\n{\"st".utf8).write(to: url)
        #expect(try RunLog.records(at: url).map { $0["step"] } == [1, 2])
        try RunLog(at: url).append(["step": 3])
        #expect(try String(contentsOf: url, encoding: .utf8) == "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n")
    }

    @Test func damagedLineIsNamed() throws {
        defer { try? FileManager.default.removeItem(at: url) }
        try Data("{\"step\":1}\nstep 2\n{\"step\":3}\n".utf8).write(to: url)
        let error = try #require(throws: RunLogError.self) { try RunLog.records(at: url) }
        #expect(error.line == 2)
    }

    @Test func resumingRunDropsTheStepsItRepeats() throws {
        defer { try? FileManager.default.removeItem(at: url) }
        let log = try RunLog(at: url)
        for step in 1...5 { try log.append(["step": LogValue(step)]) }
        try log.removeTail(after: 3)
        try log.append(["step": 4, "again": true])
        #expect(try RunLog.records(at: url).map { $0["step"] } == [1, 2, 3, 4])
    }
}
