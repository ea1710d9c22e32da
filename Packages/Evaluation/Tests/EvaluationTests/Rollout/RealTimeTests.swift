import Foundation
import RobotInterface
import Testing

@testable import Evaluation

/// The world goes on while the policy computes.
@Suite struct RealTimeTests {
    private func chunk(_ first: Double, horizon: Int = 6) -> ActionChunk {
        ActionChunk((0..<horizon).map { [first + Double($0), 1] })
    }

    private var space: ActionSpace {
        var space = ActionSpace.libero
        space.dimensionNames = ["x", "gripper"]
        return space
    }

    /// Steps, the observation's number being the first action of its chunk times 100; at 20 Hz 0.1 s are two steps.
    private func actions(latency: Double, interval: Int?, count: Int) -> [Double] {
        var executor = RealTimeExecutor(replanInterval: interval, actionSpace: space, firstAction: [9, -1])
        return (0..<count).map { step in
            executor.beginStep()
            if executor.needsChunk { executor.receive(chunk(100 * Double(step)), after: latency) }
            return executor.nextAction()[0]
        }
    }

    @Test func answersAtOnceAreAsWithoutRealTime() {
        #expect(actions(latency: 0, interval: 3, count: 7) == [0, 1, 2, 300, 301, 302, 600])
    }

    /// Two steps still, then the third action of the first chunk; while the next is computed, the old one goes on.
    @Test func lateAnswersBeginWhereTheWorldIs() {
        #expect(actions(latency: 0.1, interval: 3, count: 9) == [0, 0, 2, 3, 4, 302, 303, 304, 602])
    }

    @Test func chunkThatIsOverIsReplacedByStandingStill() {
        // the whole chunk, then two steps until the next is there
        #expect(actions(latency: 0.1, interval: nil, count: 9) == [0, 0, 2, 3, 4, 5, 0, 0, 602])
    }

    /// Of a chunk that arrives after its end the last action is carried out.
    @Test func answersAfterTheirEndMoveOnce() {
        #expect(actions(latency: 0.4, interval: nil, count: 10) == [0, 0, 0, 0, 0, 0, 0, 0, 5, 0])
    }

    @Test func heldPoseKeepsTheGripper() {
        var executor = RealTimeExecutor(replanInterval: nil, actionSpace: space, firstAction: [9, -1])
        executor.receive(chunk(0, horizon: 1), after: 0.05)
        #expect(executor.nextAction() == [0, -1] && executor.heldStepCount == 1)
        executor.beginStep()
        #expect(executor.nextAction() == [0, 1])
        #expect(executor.nextAction() == [0, 1] && executor.heldStepCount == 2)
    }

    @Test func absoluteCommandsAreRepeated() {
        var space = space
        space.command = .endEffectorPose
        var executor = RealTimeExecutor(replanInterval: nil, actionSpace: space, firstAction: [9, -1])
        #expect(executor.nextAction() == [9, -1])
    }

    /// A fixed latency makes episodes that can be repeated; a policy that sees late does worse.
    @Test func latencyCostsSuccess() throws {
        func rate(_ realTime: RealTime?) throws -> (rate: Double, hashes: [String], held: Int?) {
            try withTemporaryFolder { folder in
                var rules = EvaluationRules(
                    episodesPerTask: 20, settlingStepCount: 1, stepLimit: 12, starts: .drawn, seed: 3)
                rules.realTime = realTime
                let policy = ReachingPolicy(horizon: 4, noise: 0.4)
                let result = try evaluate(policy, named: "p", rules: rules, folder: folder) { ReachingWorld() }
                let lines = try String(contentsOf: folder.appendingPathComponent("times.jsonl"), encoding: .utf8)
                let held = try lines.split(separator: "\n").compactMap {
                    try JSONDecoder().decode(EpisodeTimes.self, from: Data($0.utf8)).inference?.heldStepCount
                }
                return (result.successRate, result.episodes.map(\.recordHash), held.isEmpty ? nil : held.reduce(0, +))
            }
        }
        let (prompt, late, again) = (
            try rate(nil), try rate(RealTime(latency: 0.15)), try rate(RealTime(latency: 0.15))
        )
        #expect(late.rate < prompt.rate)
        #expect(late.hashes == again.hashes)
        #expect(prompt.held == nil && (late.held ?? 0) > 0)
    }
}
