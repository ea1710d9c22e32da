import FileSupport
import Evaluation
import Foundation
import LiberoTasks
import TensorCore

/// One policy's evaluation in its folder.
final class EvaluationRun: Sendable {
    let plan: EvaluationPlan
    let folder: URL
    private let evaluator: SuiteEvaluator
    private let setting: EvaluateSetting
    private let instructions: [Int: String]

    init(
        plan: EvaluationPlan, world: WorldSetting, agent: AgentSetting, suite: LiberoSuite, folder: URL,
        videosPerTask: Int
    ) throws {
        (self.plan, self.folder) = (plan, folder)
        evaluator = try SuiteEvaluator(plan, in: folder)
        instructions = Dictionary(uniqueKeysWithValues: plan.tasks.map { ($0, suite.tasks[$0].instruction) })
        setting = EvaluateSetting(
            world: world, rules: plan.rules, agent: agent, agentName: Self.name(of: plan.agent), folder: folder.path,
            video: videosPerTask == 0 ? nil : VideoSetting(countPerTask: videosPerTask))
    }

    /// The agent as records name it: kind, and the weights' hash where there are weights.
    private static func name(of agent: AgentIdentity) -> String {
        agent.provenance["contentHash"].map { "\(agent.kind) \($0)" } ?? agent.kind
    }

    var outcomes: [EpisodeOutcome] { evaluator.outcomes }
    var isComplete: Bool { evaluator.isComplete }
    /// How many episodes of each task belong to the first `count` rounds.
    var roundCount: Int { plan.rounds.count }

    /// Runs what is missing, or of it what belongs to the first rounds.
    func run(workerCount: Int, roundLimit: Int? = nil) throws {
        let line = ProgressLine()
        defer { line.end() }
        let start = Date()
        let before = evaluator.outcomes.count
        let name = plan.agent.name
        let pool = Worker.pool(.evaluate, setting: setting, workerCount: workerCount) { $0.task }
        try evaluator.run(pool, roundLimit: roundLimit, shouldStop: { Interruption.isRequested }) { progress in
            let rate = progress.successRate
            let interval = rate.wilsonInterval()
            let done = progress.finishedCount - before
            let rest =
                Date().timeIntervalSince(start) / Double(max(done, 1))
                * Double(progress.plannedCount - progress.finishedCount)
            var text = "\(name): \(progress.finishedCount) of \(progress.plannedCount) episodes, "
            text += "success \(rate.value.map(percent) ?? "–") "
            text += "(\(percent(interval.lowerBound))–\(percent(interval.upperBound)))"
            if done > 0 { text += ", \(clock(rest)) left" }
            line.show(text)
        }
    }

    /// Writes the results beside the records.
    func finish() throws -> EvaluationResult {
        let result = EvaluationResult(
            plan, outcomes: evaluator.outcomes, decision: evaluator.decision, instructions: instructions,
            program: ["vla": Versions.workspace, "kernels": "\(KernelVariant.current)"])
        try AtomicFile.write(result.encoded(), to: folder.appendingPathComponent("result.json"))
        try AtomicFile.write(Data(result.tasksCSV.utf8), to: folder.appendingPathComponent("tasks.csv"))
        try AtomicFile.write(Data(result.episodesCSV.utf8), to: folder.appendingPathComponent("episodes.csv"))
        try report(result, comparisons: [])
        return result
    }

    /// Writes the page to look at.
    func report(_ result: EvaluationResult, comparisons: [String]) throws {
        let report = try EvaluationReport(result, folder: folder, comparisons: comparisons)
        try AtomicFile.write(Data(report.html.utf8), to: folder.appendingPathComponent("report.html"))
    }
}

extension EvaluationResult {
    /// A table of the tasks and the overall rate.
    var text: String {
        let rows = tasks.map { task in
            let rate = task.rate
            return "  \(pad("\(task.number)", 3)) \(pad("\(rate.successCount)/\(rate.episodeCount)", 7)) "
                + "\(pad(percent(rate.successRate), 8)) "
                + "\(pad("\(percent(rate.interval[0]))–\(percent(rate.interval[1]))", 16))  \(task.name)"
                + (provenance.rules.instructions?[task.number].map { ", told '\($0)'" } ?? "")
        }
        let heading = "\(provenance.agent.name) on \(provenance.suite)"
        let overall =
            "success rate \(percent(successRate)), 95 % interval \(percent(interval[0])) to \(percent(interval[1])): "
            + "\(successCount) of \(episodeCount) episodes"
        let early = earlyStop.map {
            "\nended early: the rate is \($0.isAbove ? "above" : "below") the one asked about, by \($0.episodeCount) episodes"
        }
        let note = provenance.rules.goalNote.map { [$0] } ?? []
        return ([heading] + rows + note + [overall]).joined(separator: "\n") + (early ?? "")
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}
