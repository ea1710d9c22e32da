public import Evaluation
public import Foundation
public import LiberoData
import LiberoSimulation
import LiberoTasks
import RobotInterface
import Synchronization

/// Which demonstrations to collect.
public struct CollectionRequest: Sendable {
    public var world: WorldRequest
    /// Numbers of the suite's tasks; `nil` for all.
    public var tasks: [Int]?
    /// Demonstrations per task.
    public var demonstrationCount = 50
    /// Whether the expert draws speed, noise, pushes and grasps for every episode.
    public var isExpertVaried = true
    /// Whether each demonstration begins in a scene drawn from all tasks' in which the goal can be reached.
    public var drawsScenes = false
    /// Whether each demonstration is given another sentence of the same meaning.
    public var paraphrases = false
    /// A policy that acts while the expert labels the states it comes into; `nil` lets the expert act.
    public var labelled: CollectionSetting.LabelledPolicy?
    /// Changes of the starts; `nil` for none.
    public var perturbation: EvaluationRules.Perturbation?
    /// `nil` for the suite's.
    public var stepLimit: Int?
    /// Attempts at a demonstration before it is given up, at most 255.
    public var attemptLimit = 10
    /// Decides every draw.
    public var seed: UInt64 = 1
    public var format = LiberoDataset.Format.hdf5
    /// The data set's folder.
    public var folder: URL

    public init(in world: WorldRequest, folder: URL) {
        (self.world, self.folder) = (world, folder.standardizedFileURL)
    }
}

/// Collects the demonstrations of the scripted expert that are missing in a folder.
///
/// Demonstration k of a task depends on the seed alone. Interrupted, the same request goes on; with more demonstrations or
/// other tasks it collects more.
public final class DemonstrationCollection: Sendable {
    /// What is collected; compared when the collecting goes on.
    struct Plan: Codable, Hashable {
        var setting: CollectionSetting
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
    private let folder: RunFolder<Plan, CollectionSetting.Result>
    /// Of this process: files are the same every time.
    private let workerSeconds = Mutex(0.0)

    /// Opens the folder.
    ///
    /// - Throws: ``LiberoRequestError`` for tasks that the suite or the expert does not have;
    ///   ``Evaluation/RunFolderError`` when the folder holds another collection.
    public init(_ request: CollectionRequest) throws {
        if request.labelled?.agent == .expert { throw LiberoRequestError.notAPolicy }
        let requirements = try request.labelled?.agent.requirements()
        let world = request.world.setting(for: requirements)
        suite = try world.liberoSuite()
        var rules = EvaluationRules(.libero, suiteLimit: request.stepLimit ?? suite.stepLimit ?? 300)
        (rules.episodesPerTask, rules.starts, rules.seed) = (1, .drawn, request.seed)
        rules.perturbation = request.perturbation

        let environment = try world.environment().description
        try requirements?.check(environment)
        let tasks = try world.tasks(request.tasks, of: environment)
        let suite = suite
        for task in tasks {
            let problem = try world.problem(of: suite.tasks[task])
            let obstacles = ScriptedExpert.obstacles(to: problem.goal, in: problem)
            guard obstacles.isEmpty else {
                throw LiberoRequestError.unsupportedByExpert(task: task, obstacles: obstacles)
            }
        }

        let setting = CollectionSetting(
            world: world, rules: rules,
            expert: .init(
                isVaried: request.isExpertVaried, drawsScenes: request.drawsScenes ? true : nil,
                paraphrases: request.paraphrases ? true : nil, labelled: request.labelled),
            attemptLimit: request.attemptLimit, folder: request.folder.path,
            format: request.format == .hdf5 ? nil : request.format)
        plan = Plan(
            setting: setting, environment: environment, tasks: tasks, demonstrationCount: request.demonstrationCount)
        folder = try RunFolder(at: request.folder, plan: plan) { found, wanted in
            try FieldDifference.between(found.fixed, and: wanted.fixed).map(\.description)
        }
    }

    /// What lies in the folder now; the worker processes record as well.
    private func recorder() throws -> EpisodeRecorder {
        try EpisodeRecorder(at: plan.setting.recordingFolder, description: DatasetDescription(plan.environment))
    }

    /// The set that the recorded episodes are put into; `nil` when it is the recording itself.
    private func target() throws -> CollectedSet? {
        guard let format = plan.setting.format else { return nil }
        return try CollectedSet(
            folder: URL(fileURLWithPath: plan.setting.folder), recording: plan.setting.recordingFolder,
            format: format, description: DatasetDescription(plan.environment), suite: suite)
    }

    /// What has neither been recorded nor been given up.
    private func missing() throws -> [CollectionSetting.Job] {
        let givenUp = Set(folder.entries.filter { !$0.isSuccess }.map(\.job))
        let recorder = try recorder()
        let stored = try target()?.jobs ?? []
        return try plan.tasks.flatMap { task in
            let recorded = try recorder.demonstrations(of: suite.tasks[task])
                .union(stored.filter { $0.task == task }.map(\.number))
            return (0..<plan.demonstrationCount).filter { !recorded.contains($0) }
                .map { CollectionSetting.Job(task: task, number: $0) }.filter { !givenUp.contains($0) }
        }
    }

    /// Whether nothing is missing; what was given up is not.
    public var isComplete: Bool { get throws { try missing().isEmpty } }

    /// Collects what is missing.
    ///
    /// - Parameters:
    ///   - workerCount: Episodes at a time.
    ///   - program: What serves as worker process; `nil` for threads of this process.
    ///   - progress: Told after each demonstration.
    ///   - shouldStop: Asked after each demonstration; those that are under way are finished.
    public func collect(
        workerCount: Int = 1, program: WorkerProgram? = nil,
        progress: @escaping @Sendable (Progress) -> Void = { _ in },
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws {
        let jobs = try missing()
        guard !jobs.isEmpty else { return }
        let counter = Mutex(Progress(totalCount: jobs.count))
        let pool = WorkerPool<CollectionSetting.Job, CollectionSetting.Result>(
            LiberoWorker.collect.rawValue, setting: plan.setting, workerCount: workerCount, program: program
        ) { $0.task }
        defer { try? putInOrder() }  // an order is a convenience; the first error counts
        try pool.run([jobs]) { [self] result in
            workerSeconds.withLock { $0 += result.seconds }
            var logged = result
            logged.seconds = 0
            try folder.append(logged)
            progress(counter.withLock { $0.add(result) })
            return !shouldStop()
        }
    }

    /// The log by task and number, whichever worker was faster.
    private func putInOrder() throws {
        try folder.replaceEntries(
            by: folder.entries.sorted { ($0.job.task, $0.job.number) < ($1.job.task, $1.job.number) })
    }

    /// How far the collecting is.
    public struct Progress: Sendable {
        public var totalCount: Int
        public var doneCount = 0
        public var keptCount = 0
        public var attemptCount = 0
        /// The task of the last demonstration.
        public var task = 0
        private let start = Date()
        public private(set) var seconds = 0.0

        init(totalCount: Int) { self.totalCount = totalCount }

        mutating func add(_ result: CollectionSetting.Result) -> Progress {
            doneCount += 1
            keptCount += result.isSuccess ? 1 : 0
            attemptCount += result.attemptCount
            (task, seconds) = (result.job.task, Date().timeIntervalSince(start))
            return self
        }

        /// One line.
        public var text: String {
            let left = seconds / Double(doneCount) * Double(totalCount - doneCount)
            let rate = Double(keptCount) / Double(attemptCount)
            let perMinute = (Double(keptCount) / seconds * 600).rounded() / 10
            return "collect: \(doneCount) of \(totalCount), task \(task), expert succeeds in "
                + "\(TextFormat.percent(rate)), \(perMinute) a minute, \(TextFormat.clock(left)) left"
        }
    }

    /// Merges the files, or puts the episodes into the set of the wanted format, and says what there is.
    ///
    /// - Parameter progress: Told the episodes written in another format; throws to end.
    public func finish(progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }) throws -> CollectionSummary {
        if let target = try target() {
            try target.add(
                plan.tasks.flatMap { task in
                    (0..<plan.demonstrationCount).map { CollectionSetting.Job(task: task, number: $0) }
                }, progress: progress)
        } else {
            try recorder().close()
        }
        let entries = folder.entries.filter { plan.tasks.contains($0.job.task) }
        // what a killed run has recorded may not be in its log
        let recorded = try recorder()
        return try CollectionSummary(
            folder: plan.setting.folder, suite: plan.environment.suite,
            tasks: plan.tasks.map { task in
                let own = entries.filter { $0.job.task == task }
                return try CollectionSummary.Task(
                    task: task, name: plan.environment.tasks[task],
                    demonstrations: recorded.demonstrations(of: suite.tasks[task]).count,
                    attempts: own.reduce(0) { $0 + $1.attemptCount }, frames: own.reduce(0) { $0 + $1.frameCount })
            },
            workerSeconds: workerSeconds.withLock { $0 })
    }
}

/// What was collected.
public struct CollectionSummary: Hashable, Codable, Sendable {
    public struct Task: Hashable, Codable, Sendable {
        public var task: Int
        public var name: String
        public var demonstrations: Int
        public var attempts: Int
        public var frames: Int
    }

    public var folder: String
    public var suite: String
    public var tasks: [Task]
    /// Time of all workers of this run together; not part of the JSON, which is the same when nothing is left to do.
    public var workerSeconds = 0.0

    private enum CodingKeys: CodingKey { case folder, suite, tasks }

    /// A line, and one per task.
    public var text: String {
        let rows = tasks.map { task in
            "  \(task.task)  \(task.demonstrations) demonstrations in \(task.attempts) attempts, "
                + "\(task.frames) frames  \(task.name)"
        }
        let count = tasks.reduce(0) { $0 + $1.demonstrations }
        return (["\(suite): \(count) demonstrations in \(folder)"] + rows).joined(separator: "\n")
    }
}
