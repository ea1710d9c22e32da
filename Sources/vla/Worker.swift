import ArgumentParser
import Evaluation
import Foundation
import LiberoEvaluation
import Parallel

/// A worker of `vla evaluate` or `vla collect` in a process of its own; started by them, not by people.
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Worker process of another vla command.", shouldDisplay: false)

    @Argument var work: LiberoWorker

    @Option var threads = 1

    func run() throws {
        KernelThreads.count = max(threads, 1)
        // Mesa's software renderer would take every processor in each of the workers; its images stay the same
        setenv("LP_NUM_THREADS", "\(threads > 1 ? threads : 0)", 0)
        try work.serve()
    }
}

extension LiberoWorker: ExpressibleByArgument {}

extension WorkerProgram {
    /// This program.
    static var vla: WorkerProgram {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return WorkerProgram(
            executable: URL(fileURLWithPath: path ?? CommandLine.arguments[0]),
            arguments: { work, threads in ["worker", work, "--threads", "\(threads)"] },
            report: { FileHandle.standardError.write(Data("\($0)\n".utf8)) })
    }
}
