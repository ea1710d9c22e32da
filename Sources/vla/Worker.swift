import Parallel
import ArgumentParser
import Evaluation
import Foundation
import TensorCore

/// A worker of `vla evaluate` or `vla collect` in a process of its own; started by them, not by people.
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do the work of another vla command.", shouldDisplay: false)

    enum Work: String, ExpressibleByArgument, CaseIterable { case evaluate, collect }

    @Argument var work: Work

    @Option var threads = 1

    func run() throws {
        KernelThreads.count = max(threads, 1)
        // Mesa's software renderer would take every processor in each of the workers; its pictures stay the same
        setenv("LP_NUM_THREADS", "\(threads > 1 ? threads : 0)", 0)
        switch work {
        case .evaluate:
            try WorkerService.serve { (setting: EvaluateSetting) in try setting.makeWorker() }
        case .collect:
            try WorkerService.serve { (setting: CollectSetting) in try setting.makeWorker() }
        }
    }

    /// A pool of one worker in this process, or of several processes.
    ///
    /// A process that dies is started anew once and given its job again.
    static func pool<Setting: WorkerSetting>(
        _ work: Work, setting: Setting, workerCount: Int, affinity: @escaping @Sendable (Setting.Job) -> Int
    ) -> WorkerPool<Setting.Job, Setting.Result> {
        WorkerPool(workerCount: workerCount, affinity: affinity) { _ in
            guard workerCount > 1 else { return try setting.makeWorker() }
            func start() throws -> WorkerProcess<Setting.Job, Setting.Result> {
                // the processes share the processors; results do not depend on the number of threads
                let threads = max(KernelThreads.count / workerCount, 1)
                return try WorkerProcess(
                    executable, arguments: ["worker", work.rawValue, "--threads", "\(threads)"], setting: setting)
            }
            var process = try start()
            return { job in
                do { return try process.run(job) } catch WorkerError.ended(let how) {
                    let text = "A worker process ended \(how); its episode is begun anew.\n"
                    FileHandle.standardError.write(Data(text.utf8))
                    process = try start()
                    return try process.run(job)
                }
            }
        }
    }

    /// This program.
    private static var executable: URL {
        let link = "/proc/self/exe"
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        return URL(fileURLWithPath: path ?? CommandLine.arguments[0])
    }
}

/// What a worker has to be told once.
protocol WorkerSetting: Codable, Sendable {
    associatedtype Job: Codable & Sendable
    associatedtype Result: Codable & Sendable

    /// Makes what does the jobs, on the thread on which it will be used.
    func makeWorker() throws -> (Job) throws -> Result
}
