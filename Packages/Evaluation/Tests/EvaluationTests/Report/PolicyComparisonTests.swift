import Evaluation
import Foundation
import SuccessStatistics
import Testing

@Suite struct PolicyComparisonTests {
    let rules = EvaluationRules(episodesPerTask: 20, stepLimit: 40)

    func outcomes(_ successes: [Bool]) -> [EpisodeOutcome] {
        successes.enumerated().map { number, isSuccess in
            EpisodeOutcome(
                episode: PlannedEpisode(task: 0, number: number, rules: rules), isSuccess: isSuccess,
                end: isSuccess ? .success : .stepLimit, stepCount: 5, record: "r", recordHash: "h", seconds: 0)
        }
    }

    /// Only the first 3 episodes are shared: one is solved by both, one by the first, one by neither.
    @Test func onlySharedEpisodesAreCompared() {
        let comparison = PairedComparison(outcomes([true, true, false, true]), outcomes([true, false, false]))
        #expect(comparison == PairedComparison(bothCount: 1, onlyFirstCount: 1, onlySecondCount: 0, neitherCount: 1))
        #expect(comparison.decision() == nil)
    }

    /// 14 episodes that only one of the two solves: ∫₀¹ of the likelihood ratio is 2¹⁴/15 > 2/0.05.
    @Test func aClearDifferenceIsDecided() {
        let (good, bad) = ([Bool](repeating: true, count: 14), [Bool](repeating: false, count: 14))
        #expect(PairedComparison(outcomes(good), outcomes(bad)).decision() == true)
        #expect(PairedComparison(outcomes(bad), outcomes(good)).decision() == false)
        #expect(PairedComparison(outcomes(good), outcomes(good)).decision() == nil)
    }

    @Test func everyPairIsCompared() throws {
        let environment = ReachingWorld().description
        let evaluations = [("a", [true, true]), ("b", [true, false]), ("c", [false, false])].map {
            name, successes in
            let plan = EvaluationPlan(
                agent: AgentIdentity(kind: "policy", name: name), environment: environment, tasks: [0], rules: rules)
            let outcomes = outcomes(successes)
            return (
                EvaluationResult(plan, outcomes: outcomes, decision: nil, instructions: [:], program: [:]), outcomes
            )
        }
        let comparison = PolicyComparison(evaluations)
        #expect(comparison.pairs.map { [$0.first, $0.second] } == [["a", "b"], ["a", "c"], ["b", "c"]])
        #expect(comparison.pairs[1].difference == 1 && comparison.pairs[1].onlyFirstCount == 2)
        #expect(try JSONDecoder().decode(PolicyComparison.self, from: comparison.encoded()) == comparison)
        #expect(comparison.text.contains("a − c: 100.0 points"))
    }
}
