import SuccessStatistics
import Evaluation
import Foundation
import Synchronization
import Testing

@Suite struct SuiteEvaluatorTests {
    func plan(noise: Double = 0.4, earlyStop: EarlyStop? = nil, episodes: Int = 6) -> EvaluationPlan {
        let rules = EvaluationRules(
            episodesPerTask: episodes, settlingStepCount: 1, stepLimit: 12, starts: .drawn, seed: 3)
        return EvaluationPlan(
            agent: AgentIdentity(kind: "checkpoint", name: "noise \(noise)", provenance: ["weights": "abc"]),
            environment: ReachingWorld().description, tasks: [0, 1], rules: rules, earlyStop: earlyStop)
    }

    func pool(_ plan: EvaluationPlan, in folder: URL, workers: Int, noise: Double = 0.4) -> SuiteEvaluator.Pool {
        SuiteEvaluator.Pool(workerCount: workers, affinity: { $0.task }) { _ in
            var runner = EpisodeRunner(
                world: ReachingWorld(),
                agent: PolicyAgent<ReachingWorld>(ReachingPolicy(noise: noise), execution: plan.rules.execution),
                agentName: plan.agent.name, rules: plan.rules, folder: folder)
            return { try runner.run($0) }
        }
    }

    /// Everything but the times.
    func untimed(_ outcomes: [EpisodeOutcome]) -> [EpisodeOutcome] {
        outcomes.map {
            var outcome = $0
            outcome.seconds = 0
            outcome.inference = nil
            return outcome
        }
    }

    @Test func theNumberOfWorkersChangesNothing() throws {
        let plan = plan()
        let results = try [1, 2, 3].map { workers in
            try withTemporaryFolder { folder in
                let evaluator = try SuiteEvaluator(plan, in: folder)
                try evaluator.run(pool(plan, in: folder, workers: workers))
                #expect(evaluator.isComplete && evaluator.outcomes.count == 12)
                return untimed(evaluator.outcomes)
            }
        }
        #expect(results[0] == results[1] && results[0] == results[2])
        #expect(Set(results[0].map(\.isSuccess)).count == 2, "a policy that always or never succeeds tests nothing")
        #expect(Set(results[0].map(\.recordHash)).count == 12)
    }

    @Test func anInterruptedEvaluationGoesOnWithoutRepeatingOrLosing() throws {
        let plan = plan()
        let whole = try withTemporaryFolder { folder in
            let evaluator = try SuiteEvaluator(plan, in: folder)
            try evaluator.run(pool(plan, in: folder, workers: 1))
            return untimed(evaluator.outcomes)
        }
        try withTemporaryFolder { folder in
            let count = Atomic<Int>(0)
            try autoreleased {
                let evaluator = try SuiteEvaluator(plan, in: folder)
                try evaluator.run(
                    pool(plan, in: folder, workers: 2),
                    shouldStop: { count.add(1, ordering: .relaxed).newValue >= 5 })
                #expect(!evaluator.isComplete && (5...6).contains(evaluator.outcomes.count))
            }
            // a crash in the middle of a line
            let log = folder.appendingPathComponent("log.jsonl")
            let before = try Data(contentsOf: log)
            try (before + Data("{\"episode\":{\"num".utf8)).write(to: log)

            let evaluator = try SuiteEvaluator(plan, in: folder)
            let kept = evaluator.outcomes.count
            let ran = Atomic<Int>(0)
            try evaluator.run(
                pool(plan, in: folder, workers: 2),
                progress: { if $0.last != nil { ran.add(1, ordering: .relaxed) } })
            #expect(ran.load(ordering: .relaxed) == 12 - kept && untimed(evaluator.outcomes) == whole)
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 12)
        }
    }

    @Test func anotherPlanIsRefusedWithTheDifferences() throws {
        try withTemporaryFolder { folder in
            try autoreleased { _ = try SuiteEvaluator(plan(), in: folder) }
            var other = plan()
            other.rules.seed = 4
            other.agent.provenance["weights"] = "def"
            let error = try #require(throws: RunFolderError.self) { try SuiteEvaluator(other, in: folder) }
            #expect(error.reason.contains("agent.provenance.weights: found \"abc\", expected \"def\""))
            #expect(error.reason.contains("rules.seed: found 3, expected 4"))
        }
    }

    @Test func twoProcessesCannotShareAFolder() throws {
        try withTemporaryFolder { folder in
            let first = try SuiteEvaluator(plan(), in: folder)
            let error = try #require(throws: RunFolderError.self) { try SuiteEvaluator(plan(), in: folder) }
            #expect(error.reason.contains("another process"))
            #expect(first.outcomes.isEmpty)
        }
    }

    @Test func aDamagedLogIsRefusedWithTheLine() throws {
        try withTemporaryFolder { folder in
            try autoreleased {
                let evaluator = try SuiteEvaluator(plan(), in: folder)
                try evaluator.run(pool(plan(), in: folder, workers: 1))
            }
            let log = folder.appendingPathComponent("log.jsonl")
            var lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
            lines[2] = "{}"
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: log)
            let error = try #require(throws: RunFolderError.self) { try SuiteEvaluator(plan(), in: folder) }
            #expect(error.reason.contains("line 3"))
        }
    }

    /// A policy that never arrives is found out after few episodes, the same ones for any number of workers.
    @Test func earlyStopDoesNotDependOnTheWorkers() throws {
        let plan = plan(earlyStop: EarlyStop(.isBelow(0.5)), episodes: 40)
        let counts = try [1, 3].map { workers in
            try withTemporaryFolder { folder in
                let evaluator = try SuiteEvaluator(plan, in: folder)
                try evaluator.run(pool(plan, in: folder, workers: workers, noise: 30))
                let decision = try #require(evaluator.decision)
                #expect(!decision.isAbove && evaluator.outcomes.count == decision.episodeCount)
                return decision.episodeCount
            }
        }
        #expect(counts[0] == counts[1] && counts[0] < 20)
    }

    /// The log is closed, and its folder free, when this returns.
    func autoreleased<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }
}
