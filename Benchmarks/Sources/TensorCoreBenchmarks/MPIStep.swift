#if MPI
    import BenchmarkKit
    import Foundation
    import TensorCore
    import TensorNN
    import TensorTraining

    /// A training step on two processes of one thread each, against one process of two threads, for the same batch.
    enum MPIStep {
        /// What a process is started with to be a rank instead of a worker.
        static let rankArgument = "--rank"

        static var benchmark: BenchmarkCase {
            BenchmarkCase("mpi_step") {
                var alone = TrainingStep.State()
                alone.step()
                return {
                    // each side measures the best of its steps while the other does not run
                    let ranks = try secondsOfRanks()
                    let one = (0..<3).map { _ in secondsToRun { alone.step() } }.min() ?? .nan
                    return [
                        MeasuredValue("mpi_step", ranks, unit: "s"),
                        MeasuredValue("mpi_step", one, unit: "s", role: .peer),
                    ]
                }
            }
        }

        /// Starts two ranks and returns the time of their best step.
        private static func secondsOfRanks() throws -> Double {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "VLA_THREADS=1", "mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "2",
                CommandLine.arguments[0],
                rankArgument,
            ]
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            guard let seconds = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
                throw BenchmarkError.unreadableLine(text, from: "mpirun")
            }
            return seconds
        }

        /// One rank: its half of the batch, the sum of the gradients over both, the same update on both.
        static func runRank() throws {
            try MPICollective.run { collective in
                var training = TrainingStep.State(rows: collective.rank..<collective.rank + 1)
                let parallel = DataParallel(shardCount: collective.size)
                var best = Double.infinity
                for _ in 0..<4 {
                    try collective.barrier()
                    let seconds = try secondsToRun { try training.step(parallel, over: &collective) }
                    best = min(best, seconds)
                }
                if collective.rank == 0 { print(best) }
            }
        }
    }

    extension TrainingStep.State {
        mutating func step(_ parallel: DataParallel, over collective: inout some Collective) throws {
            var (_, gradients) = try parallel.average(of: decoder, over: &collective) { decoder, _ in
                let (loss, gradients) = valueAndGradient(of: decoder) { $0.loss(ids, targets: targets) }
                return ([loss], gradients)
            }
            gradients.clip(toNorm: 1)
            optimizer.update(&decoder, with: gradients)
        }
    }
#endif
