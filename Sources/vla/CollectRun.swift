import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import LiberoData
import LiberoTasks
import Synchronization

/// Collects the demonstrations that are missing in a folder.
final class CollectRun: Sendable {
    /// What is collected; compared when the collecting goes on.
    struct Plan: Codable, Hashable {
        var setting: CollectSetting
        var environment: EnvironmentDescription
        var tasks: [Int]
        var demonstrationCount: Int

        /// What has to be the same for demonstrations to lie in one data set; not how many of which tasks.
        var fixed: Plan {
            var plan = self
            (plan.tasks, plan.demonstrationCount, plan.setting.folder) = ([], 0, "")
            return plan
        }
    }

    private let plan: Plan
    private let suite: LiberoSuite
    private let folder: RunFolder<Plan, CollectSetting.Result>

    init(
        setting: CollectSetting, environment: EnvironmentDescription, tasks: [Int], demonstrationCount: Int
    ) throws {
        plan = Plan(
            setting: setting, environment: environment, tasks: tasks, demonstrationCount: demonstrationCount)
        suite = try setting.world.liberoSuite()
        let url = URL(fileURLWithPath: setting.folder)
        folder = try RunFolder(at: url, plan: plan) { found, wanted in
            try FieldDifference.between(found.fixed, and: wanted.fixed).map(\.description)
        }
    }

    /// What lies in the folder now; the worker processes record as well.
    private func recorder() throws -> EpisodeRecorder {
        try EpisodeRecorder(at: plan.setting.recordingFolder, description: DatasetDescription(plan.environment))
    }

    /// The set that the recorded episodes are put into; nil when it is the recording itself.
    private func target() throws -> CollectTarget? {
        guard let format = plan.setting.format else { return nil }
        return try CollectTarget(
            folder: URL(fileURLWithPath: plan.setting.folder), recording: plan.setting.recordingFolder,
            format: format, description: DatasetDescription(plan.environment), suite: suite)
    }

    /// What has neither been recorded nor been given up.
    private func missing() throws -> [CollectSetting.Job] {
        let givenUp = Set(folder.entries.filter { !$0.isSuccess }.map(\.job))
        let recorder = try recorder()
        let stored = try target()?.jobs ?? []
        return try plan.tasks.flatMap { task in
            let recorded = try recorder.demonstrations(of: suite.tasks[task])
                .union(stored.filter { $0.task == task }.map(\.number))
            return (0..<plan.demonstrationCount).filter { !recorded.contains($0) }
                .map { CollectSetting.Job(task: task, number: $0) }.filter { !givenUp.contains($0) }
        }
    }

    var isComplete: Bool { get throws { try missing().isEmpty } }

    func collect(workerCount: Int) throws {
        let jobs = try missing()
        guard !jobs.isEmpty else { return }
        let progress = CollectProgress(total: jobs.count)
        let pool = Worker.pool(.collect, setting: plan.setting, workerCount: workerCount) { $0.task }
        defer { progress.end() }
        try pool.run([jobs]) { [folder] result in
            try folder.append(result)
            progress.add(result)
            return !Interruption.isRequested
        }
    }

    /// Merges the files and says what there is.
    func finish() throws -> CollectSummary {
        if let target = try target() {
            try target.add(
                plan.tasks.flatMap { task in
                    (0..<plan.demonstrationCount).map { CollectSetting.Job(task: task, number: $0) }
                })
        } else {
            try recorder().close()
        }
        let entries = folder.entries.filter { plan.tasks.contains($0.job.task) }
        // what a killed run has recorded may not be in its log
        let recorded = try recorder()
        return try CollectSummary(
            folder: plan.setting.folder, suite: plan.environment.suite,
            tasks: plan.tasks.map { task in
                let own = entries.filter { $0.job.task == task }
                return try CollectSummary.Task(
                    task: task, name: plan.environment.tasks[task],
                    demonstrations: recorded.demonstrations(of: suite.tasks[task]).count,
                    attempts: own.reduce(0) { $0 + $1.attemptCount }, frames: own.reduce(0) { $0 + $1.frameCount })
            },
            workerSeconds: entries.reduce(0) { $0 + $1.seconds })
    }
}

/// How far the collecting is.
final class CollectProgress: Sendable {
    private struct State {
        var done = 0
        var kept = 0
        var attempts = 0
    }
    private let state = Mutex(State())
    private let line = ProgressLine()
    private let total: Int
    private let start = Date()

    init(total: Int) { self.total = total }

    func add(_ result: CollectSetting.Result) {
        let text = state.withLock { state in
            state.done += 1
            state.kept += result.isSuccess ? 1 : 0
            state.attempts += result.attemptCount
            let elapsed = Date().timeIntervalSince(start)
            let rest = elapsed / Double(state.done) * Double(total - state.done)
            let rate = Double(state.kept) / Double(state.attempts)
            let perMinute = (Double(state.kept) / elapsed * 600).rounded() / 10
            return "collect: \(state.done) of \(total), task \(result.job.task), expert succeeds in \(percent(rate)), "
                + "\(perMinute) a minute, \(clock(rest)) left"
        }
        line.show(text)
    }

    func end() { line.end() }
}

/// What was collected.
struct CollectSummary: Codable {
    struct Task: Codable {
        var task: Int
        var name: String
        var demonstrations: Int
        var attempts: Int
        var frames: Int
    }

    var folder: String
    var suite: String
    var tasks: [Task]
    /// Time of all workers together.
    var workerSeconds: Double

    var text: String {
        let rows = tasks.map { task in
            "  \(task.task)  \(task.demonstrations) demonstrations in \(task.attempts) attempts, "
                + "\(task.frames) frames  \(task.name)"
        }
        let count = tasks.reduce(0) { $0 + $1.demonstrations }
        return (["\(suite): \(count) demonstrations in \(folder)"] + rows).joined(separator: "\n")
    }
}
