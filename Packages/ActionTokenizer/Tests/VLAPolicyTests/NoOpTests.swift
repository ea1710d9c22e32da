import RobotInterface
import ActionTokenizer
import Testing
import VLAPolicy

/// Frames at which demonstrations wait are not learnt where a recipe asks for it.
@Suite struct NoOpTests {
    @Test func chunksPassOverWaiting() throws {
        let still = [0.0, 0, 0, 0, 0, 0]
        // waits open, moves, closes and waits, moves
        let actions = [still + [-1], [1, 0, 0, 0, 0, 0, -1], still + [1], still + [1], [0, 1, 0, 0, 0, 0, 1]]
        #expect(NoOpFilter().keptFrames(actions) == [1, 2, 4])
        let demonstration = Demonstration(
            instruction: "wait", task: "wait", actions: actions, handPositions: Array(repeating: .zero, count: 5)
        ) { SmallWorld.observation(.zero, at: SIMD3(Double($0), 0, 0)) }

        let all = try demonstration.examples(horizon: 2, stride: 1, convention: .environment, weight: 1, episode: 0)
        #expect(all.map(\.frame) == [0, 1, 2, 3, 4])
        let examples = try demonstration.examples(
            horizon: 2, stride: 1, convention: .environment, noOps: NoOpFilter(), weight: 1, episode: 0)
        #expect(examples.map(\.frame) == [1, 2, 4])
        #expect(examples.map(\.validCount) == [2, 2, 1])
        #expect(examples[0].actions == ActionChunk([actions[1], actions[2]]))
        #expect(examples[1].actions == ActionChunk([actions[2], actions[4]]))
    }
}
