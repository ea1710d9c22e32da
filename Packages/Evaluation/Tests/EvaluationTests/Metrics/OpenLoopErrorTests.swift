import RobotInterface
import ActionTokenizer
import Evaluation
import Testing
import VLAPolicy

@Suite struct OpenLoopErrorTests {
    @Test func errorsByHand() throws {
        var error = OpenLoopError(dimensionCount: 2)
        error.add(ActionChunk([[0, 1], [0, -1]]), target: ActionChunk([[3, 1], [-1, 1], [9, 9]]))
        #expect(error.absoluteErrors == [2, 1] && error.errorsByStep == [1.5, 1.5])
        #expect(error.rootMeanSquares == [Double(5).squareRoot(), Double(2).squareRoot()])
        #expect(error.gripperAgreement == 0.5 && error.chunkCount == 1)
    }

    /// An expert's own actions are met exactly by a policy that does what it does.
    @Test func aPolicyThatCopiesHasNoError() throws {
        let rules = EvaluationRules(episodesPerTask: 1, settlingStepCount: 0, stepLimit: 30, starts: .drawn)
        var (world, agent) = (
            ReachingWorld(), PolicyAgent<ReachingWorld>(ReachingPolicy(horizon: 1), rules: rules)
        )
        var examples: [(observation: Observation, target: ActionChunk)] = []
        _ = try rollOut(
            PlannedEpisode(task: 0, number: 0, rules: rules), rules: rules, with: &agent, named: "test", in: &world
        ) {
            if let decision = $0.decision { examples.append(($0.observation, ActionChunk([decision.action]))) }
        }
        let own = try OpenLoopError.measure(ReachingPolicy(horizon: 4), on: examples)
        #expect(own.absoluteErrors == [0, 0] && own.chunkCount == examples.count && own.errorsByStep.count == 1)
        let other = try OpenLoopError.measure(ReachingPolicy(noise: 0.5), on: examples)
        #expect(other.absoluteErrors.allSatisfy { $0 > 0.05 })
    }

    /// Told the other side, the policy goes there; success is still the task's own.
    @Test func anotherInstructionIsFollowed() throws {
        var rules = EvaluationRules(episodesPerTask: 1, settlingStepCount: 0, stepLimit: 30, starts: .drawn)
        rules.instructions = [0: "reach right"]
        var (world, agent) = (ReachingWorld(), PolicyAgent<ReachingWorld>(ReachingPolicy(), rules: rules))
        let record = try rollOut(
            PlannedEpisode(task: 0, number: 0, rules: rules), rules: rules, with: &agent, named: "test", in: &world)
        #expect(!record.isSuccess && world.hand.x > 0.3 && record.header.instruction == "reach left")
    }
}
