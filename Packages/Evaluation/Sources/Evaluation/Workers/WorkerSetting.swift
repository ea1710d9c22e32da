public import Foundation
import Parallel

/// What a worker has to be told once; sent as JSON to workers in processes of their own.
public protocol WorkerSetting: Codable, Sendable {
    associatedtype Job: Codable & Sendable
    associatedtype Result: Codable & Sendable

    /// Makes what does the jobs, on the thread on which it will be used.
    func makeWorker() throws -> (Job) throws -> Result
}

/// A program that serves as worker: it calls ``WorkerService/serve(_:)`` with the setting of the named work.
public struct WorkerProgram: Sendable {
    public var executable: URL
    /// The program's arguments for a work of this name that may use so many threads.
    public var arguments: @Sendable (_ work: String, _ threadCount: Int) -> [String]
    /// Told when a process has died and its job is begun anew.
    public var report: @Sendable (String) -> Void

    public init(
        executable: URL, arguments: @escaping @Sendable (_ work: String, _ threadCount: Int) -> [String],
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        (self.executable, self.arguments, self.report) = (executable, arguments, report)
    }
}

extension WorkerPool {
    /// A pool of workers made from a setting: one in this process, or several processes of a program.
    ///
    /// The processes share the processors. A process that dies is started anew once and given its job again. Without a
    /// program all workers run in this process, each on a thread of its own.
    public init<Setting: WorkerSetting>(
        _ work: String, setting: Setting, workerCount: Int, program: WorkerProgram?,
        affinity: @escaping @Sendable (Job) -> Int
    ) where Setting.Job == Job, Setting.Result == Result {
        self.init(workerCount: workerCount, affinity: affinity) { _ in
            guard workerCount > 1, let program else { return try setting.makeWorker() }
            func start() throws -> WorkerProcess<Job, Result> {
                // results do not depend on the number of threads
                let threads = max(KernelThreads.count / workerCount, 1)
                return try WorkerProcess(
                    program.executable, arguments: program.arguments(work, threads), setting: setting)
            }
            var process = try start()
            return { job in
                do { return try process.run(job) } catch WorkerError.ended(let how) {
                    program.report("A worker process ended \(how); its episode is begun anew.")
                    process = try start()
                    return try process.run(job)
                }
            }
        }
    }
}
