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
        let demonstration = InMemoryDemonstration(
            instruction: "wait", actions: actions, states: Array(repeating: Array(repeating: 0, count: 8), count: 5)
        ) { SmallWorld.observation(.zero, at: SIMD3(Double($0), 0, 0)) }

        func examples(_ noOps: NoOpFilter?) throws -> [PolicyExample] {
            let examples = PolicyExamples(
                [(0, demonstration)], space: .libero, stateLayout: .libero, horizon: 2, noOps: noOps)
            return try (0..<examples.count).map { try examples[$0] }
        }
        let all = try examples(nil)
        #expect(all.map(\.frame) == [0, 1, 2, 3, 4])
        let examples = try examples(NoOpFilter())
        #expect(examples.map(\.frame) == [1, 2, 4])
        #expect(examples.map(\.validCount) == [2, 2, 1])
        #expect(examples[0].actions == ActionChunk([actions[1], actions[2]]))
        #expect(examples[1].actions == ActionChunk([actions[2], actions[4]]))
    }
}
