public import Evaluation
import FileSupport
public import Foundation
import SuccessStatistics

/// Evaluates one agent on a suite, or several on the same starts; resumes an earlier run of the same request.
///
///     var request = EvaluationRequest([.checkpoint("policy"), .random], folder: folder)
///     request.rules = { EvaluationRules(.libero, suiteLimit: $0) }
///     let evaluator = try LiberoEvaluator(request)
///     if try evaluator.run(workerCount: 2) { print(try evaluator.finish().text) }
public struct LiberoEvaluator: Sendable {
    /// What was measured.
    public struct Outcome: Sendable {
        /// One result per agent, in the request's order.
        public var results: [EvaluationResult]
        /// `nil` for one agent.
        public var comparison: PolicyComparison?
        /// How long each agent's policy took; `nil` for agents that are not timed.
        public var inference: [InferenceTimes?]

        /// What the version canary found, in words; `nil` in the built-in world.
        public var canary: String?

        /// A table for one agent, a comparison for several; how long the policies took, and the version canary.
        public var text: String {
            let times = zip(results, inference).compactMap { result, times in
                times.map { results.count == 1 ? $0.text : "\(result.provenance.agent.name): \($0.text)" }
            }
            let canary = canary.map { ["version canary: \($0)"] } ?? []
            return ([comparison?.text ?? results[0].text] + times + canary).joined(separator: "\n")
        }
    }

    /// One per agent.
    public let runs: [EvaluationRun]
    private let folder: URL
    private let stopsWhenDecided: Bool

    /// Opens the folders; compares every policy with the world.
    ///
    /// - Throws: ``LiberoRequestError``, ``Evaluation/IncompatibleEnvironmentError``, ``Evaluation/RunFolderError``, and
    ///   what reading checkpoints and LIBERO's files throws.
    public init(_ request: EvaluationRequest) throws {
        runs = try request.agents.map { try request.run(of: $0) }
        (folder, stopsWhenDecided) = (request.folder, request.stopsWhenDecided)
        let names = runs.map(\.plan.agent.name)
        if Set(names).count < names.count {
            throw RunFolderError(
                path: "\(names)", reason: "policies need different names; rename a checkpoint's folder")
        }
        if stopsWhenDecided, runs.count != 2 { throw LiberoRequestError.needsTwoAgents(runs.count) }
    }

    /// Runs what is missing.
    ///
    /// - Parameters:
    ///   - workerCount: Episodes at a time.
    ///   - program: What serves as worker process; `nil` for threads of this process.
    ///   - progress: Told the beginning of each agent's run (without a last episode) and each finished episode.
    ///   - shouldStop: Asked after each episode; running episodes are finished.
    /// - Returns: Whether nothing is missing.
    public func run(
        workerCount: Int = 1, program: WorkerProgram? = nil,
        progress: @escaping @Sendable (EvaluationRun.Progress) -> Void = { _ in },
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws -> Bool {
        func go(_ run: EvaluationRun, roundLimit: Int? = nil) throws {
            try run.run(
                workerCount: workerCount, program: program, roundLimit: roundLimit, shouldStop: shouldStop,
                progress: progress)
        }
        guard stopsWhenDecided else {
            for run in runs {
                try go(run)
                if shouldStop() { return runs.allSatisfy(\.isComplete) }
            }
            return true
        }
        // in turn, so that both have the same episodes at every look
        for round in 1...runs[0].plan.rounds.count {
            for run in runs {
                try go(run, roundLimit: round)
                if shouldStop() { return false }
            }
            if PairedComparison(runs[0].outcomes, runs[1].outcomes).decision() != nil { return true }
        }
        return true
    }

    /// Writes each agent's results with `inference.json`, and `comparison.json` for several.
    ///
    /// - Parameter program: Names and versions of the calling program, kept in the results.
    public func finish(program: [String: String] = [:]) throws -> Outcome {
        let results = runs.map { $0.result(program: program) }
        let inference = runs.map { InferenceTimes($0.outcomes) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        for ((run, result), times) in zip(zip(runs, results), inference) {
            try result.write(to: run.folder)
            guard let times else { continue }
            // not part of the result, which is the same every time
            try AtomicFile.write(encoder.encode(times), to: run.folder.appendingPathComponent("inference.json"))
        }
        let canary = runs.compactMap(\.canary).first
        guard runs.count > 1 else { return Outcome(results: results, inference: inference, canary: canary) }
        let comparison = PolicyComparison(zip(runs, results).map { ($1, $0.outcomes) })
        try AtomicFile.write(comparison.encoded(), to: folder.appendingPathComponent("comparison.json"))
        for (run, result) in zip(runs, results) {
            let name = run.plan.agent.name
            try result.writeReport(
                to: run.folder,
                comparisons: comparison.pairs.filter { $0.first == name || $0.second == name }.map(\.text))
        }
        return Outcome(results: results, comparison: comparison, inference: inference, canary: canary)
    }

    /// Compares the policies' chunks with demonstrations, without acting, and writes `open_loop.json` into their folders.
    ///
    /// - Parameter shouldContinue: Called before each frame; throws to end.
    public func compareOpenLoop(
        with demonstrations: URL, frameLimit: Int = 256, shouldContinue: () throws -> Void = {}
    ) throws -> [OpenLoopReport] {
        try runs.compactMap { run in
            guard let policy = try run.agent.policy() else { return nil }
            let report = try OpenLoopReport(
                of: policy, named: run.plan.agent.name, on: demonstrations, frameLimit: frameLimit,
                shouldContinue: shouldContinue)
            let encoder = JSONEncoder.sorted(indented: true)
            try AtomicFile.write(encoder.encode(report), to: run.folder.appendingPathComponent("open_loop.json"))
            return report
        }
    }
}
