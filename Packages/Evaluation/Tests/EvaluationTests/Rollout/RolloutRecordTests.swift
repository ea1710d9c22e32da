import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import Testing

@Suite struct RolloutRecordTests {
    func record() throws -> RolloutRecord {
        let rules = EvaluationRules(settlingStepCount: 1, stepLimit: 30, execution: .openLoop(replanInterval: 3))
        var (world, agent) = (
            ReachingWorld(), PolicyAgent<ReachingWorld>(ReachingPolicy(noise: 0.2), execution: rules.execution)
        )
        return try rollOut(
            PlannedEpisode(task: 1, number: 2, rules: rules), rules: rules, with: &agent, named: "test", in: &world)
    }

    @Test func filesBringTheSameBitsBack() throws {
        var record = try record()
        // numbers that a careless writer rounds or loses the sign of
        record.steps[0].action = [-0.0, 0.1 + 0.2]
        record.steps[1].label = [.leastNonzeroMagnitude, -.greatestFiniteMagnitude]
        record.steps[1].chunk = ActionChunk([[.infinity, 1 / 3]])
        let read = try RolloutRecord(decoding: record.encoded(), path: "test")
        #expect(read == record)
        #expect(read.steps[0].action[0].sign == .minus)
        #expect(try read.encoded() == record.encoded())
    }

    @Test func replayIsIdentical() throws {
        let record = try record()
        var world = ReachingWorld()
        let replay = try record.replay(in: &world)
        #expect(replay.isIdentical && replay.stepCount == record.steps.count && replay.originDifferences == [])
    }

    @Test func replayNamesTheFirstStepThatDiffers() throws {
        var record = try record()
        var world = ReachingWorld()
        record.steps[4].action[1] += 1e-12
        let replay = try record.replay(in: &world)
        #expect(replay.difference?.step == 5 && !replay.isIdentical && replay.stepCount == 5)
        #expect(replay.difference?.recorded == record.steps[4].stateHash)
    }

    @Test func replayNamesAnotherOrigin() throws {
        let record = try record()
        var world = ReachingWorld()
        world.drift = 1e-9
        world.description.provenance["world"] = "2"
        let replay = try record.replay(in: &world, stopsAtDifference: false)
        #expect(replay.difference?.step == 1 && replay.stepCount == record.steps.count)
        #expect(replay.originDifferences == ["world: recorded with 1, now 2"])
        world.description.suite = "other"
        #expect(throws: ReplayError.self) { try record.replay(in: &world) }
    }

    @Test func damagedFilesAreRefusedWithTheLine() throws {
        let text = String(decoding: try record().encoded(), as: UTF8.self)
        func error(_ text: String) -> RolloutRecordError? {
            #expect(throws: RolloutRecordError.self) {
                try RolloutRecord(decoding: Data(text.utf8), path: "r.jsonl")
            }
        }
        let lines = text.split(separator: "\n").count
        #expect(
            error(text.replacingOccurrences(of: "\"stepLimit\":30", with: "\"stepLimit\":-9223372036854775808"))?.line
                == 1)
        #expect(error(text.replacingOccurrences(of: "\"number\":2", with: "\"number\":-2"))?.line == 1)
        #expect(error(String(text.dropLast(20)))?.line == lines)
        #expect(error("")?.reason.contains("ends early") == true)
        #expect(error(text.replacingOccurrences(of: "\"version\":1", with: "\"version\":9"))?.line == 1)
        #expect(error(text.replacingOccurrences(of: "{\"start\":\"", with: "{\"start\":\"x"))?.line == 2)
    }
}
