import RobotInterface
import ActionTokenizer
import Evaluation
import TensorCore
import TensorTestSupport
import Testing

@Suite struct ActionChunkExecutorTests {
    let chunk = ActionChunk([[1, 10], [2, 20], [3, 30]])

    /// How often a policy is asked in nine steps, and which actions come out, when it always says 1, 2, 3.
    @Test(
        arguments: [
            (nil, 3, [1.0, 2, 3, 1, 2, 3, 1, 2, 3]), (1, 9, [1, 1, 1, 1, 1, 1, 1, 1, 1]),
            (2, 5, [1, 2, 1, 2, 1, 2, 1, 2, 1]), (5, 3, [1, 2, 3, 1, 2, 3, 1, 2, 3]),
        ] as [(Int?, Int, [Double])])
    func replansAtTheInterval(interval: Int?, count: Int, expected: [Double]) {
        var executor = ActionChunkExecutor(.openLoop(replanInterval: interval))
        var (asked, actions) = (0, [Double]())
        for _ in 0..<9 {
            if executor.needsChunk {
                executor.receive(chunk)
                asked += 1
            }
            actions.append(executor.nextAction()[0])
        }
        #expect(asked == count && actions == expected)
    }

    /// Step 0: only the first chunk; step 1: its second action and the new first one.
    @Test func ensemblingWeighsTheOldestMost() {
        var executor = ActionChunkExecutor(.ensembled(decay: 0.5))
        executor.receive(chunk)
        #expect(!executor.needsChunk && executor.nextAction() == [1, 10] && executor.needsChunk)
        executor.receive(ActionChunk([[5, 50], [6, 60], [7, 70]]))
        let w = 0.6065306597126334
        #expect(abs(executor.nextAction()[0] - (2 + 5 * w) / (1 + w)) < 1e-12)
    }

    @Test func withoutDecayTheAverageIsPlain() {
        var executor = ActionChunkExecutor(.ensembled(decay: 0))
        var last = 0.0
        for _ in 0..<5 {
            executor.receive(chunk)
            last = executor.nextAction()[0]
        }
        #expect(abs(last - 2) < 1e-12)
    }
}
