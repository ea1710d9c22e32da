import Foundation
import RobotInterface
import Testing

@testable import VLAPolicy

/// Examples drawn by weights have the shares that the rules say.
@Suite struct SamplingWeightsTests {
    private struct Episode: Demonstration {
        var task: String
        var suite: String
        var length: Int
        var instruction: String { task }
        func action(at frame: Int) -> [Double] { [0, -1] }
        func stateValues(at frame: Int) -> [Double] { [] }
        func observation(at frame: Int) throws -> Observation {
            Observation(cameras: [:], state: nil, instruction: task)
        }
    }

    /// A demonstration of 2 examples, and three of 3, 4 and 5.
    private static let examples: PolicyExamples = {
        let episodes = [("short", "one", 2), ("long", "two", 3), ("long", "two", 4), ("long", "one", 5)]
        return PolicyExamples(
            episodes.enumerated().map { ($0, Episode(task: $1.0, suite: $1.1, length: $1.2)) }, space: .libero,
            stateLayout: StateLayout([]), horizon: 1)
    }()

    private static let rules: [(SamplingWeights, short: Double)] = [
        (.uniformOverDemonstrations, 1.0 / 4), (.uniformOverTasks, 0.5), (.byTaskLength(exponent: 1), 2.0 / 6),
        (.byTaskLength(exponent: 0), 0.5), (.perTask(["short": 3]), 1), (.perTask(["short": 1, "long": 1]), 2.0 / 14),
        (.perSuite(["one": 1]), 2.0 / 7), (.perSuite(["one": 1, "two": 2]), 2.0 / 21),
        (.perDemonstration([0: 3, 3: 1]), 6.0 / 11),
    ]

    @Test(arguments: 0..<9)
    func weightsGiveTheirShares(rule: Int) throws {
        let (weights, share) = Self.rules[rule]
        let draws = try WeightedDraws(weights, Self.examples)
        #expect(abs((draws.shares(Self.examples)["short"] ?? 0) - share) < 1e-12)

        var settings = PolicyTrainingSettings()
        (settings.batchSize, settings.shardCount, settings.seed) = (2, 2, 3)
        let order = try ExampleOrder(Self.examples, settings: settings, sampling: weights)
        var (short, count) = (0, 0)
        for epoch in 0..<300 {
            for shard in 0..<2 {
                let drawn = order.examples(epoch: epoch, shard: shard)
                short += drawn.count { $0 < 2 }
                count += drawn.count
            }
        }
        // 4200 draws: the share of a half has a deviation of 0.008
        #expect(count == 4200 && abs(Double(short) / Double(count) - share) < 0.04)
        #expect(order.examples(epoch: 7, shard: 0) == order.examples(epoch: 7, shard: 0))
        if share < 1 { #expect(order.examples(epoch: 7, shard: 0) != order.examples(epoch: 8, shard: 0)) }
    }

    @Test func weightsThatLeaveNothingAreRefused() {
        for weights in [SamplingWeights.perTask(["other": 1]), .perDemonstration([:]), .perTask(["short": -1])] {
            #expect(throws: RecipeError.self) { try WeightedDraws(weights, Self.examples) }
        }
    }

    /// A recipe asks for them; they are saved with the checkpoint.
    @Test func recipesNameThem() throws {
        for (weights, _) in Self.rules {
            let again = try JSONDecoder().decode([SamplingWeights].self, from: JSONEncoder().encode([weights]))
            #expect(again == [weights])
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([SamplingWeights].self, from: Data(#"["uniform"]"#.utf8))
        }
        let json =
            #"{"name": "a", "data": {"sampling": {"perTask": {"task 0": 1}}, "tail": "isDropped", "split": {"rule": "hashed"}}}"#
        let recipe = try PolicyRecipe(json: .init(json.utf8), name: "a")
        #expect(recipe.data.sampling == .perTask(["task 0": 1]) && recipe.data.tail == .isDropped)
        #expect(recipe.data.split.rule == .hashed && recipe.data.split.seed == 42)
    }
}
