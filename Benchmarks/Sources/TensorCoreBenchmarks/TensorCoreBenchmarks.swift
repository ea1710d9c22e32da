import BenchmarkKit

/// The benchmarks of TensorCore: one file per kind beside this one, listed here.
@main
struct TensorCoreBenchmarks {
    static func main() throws {
        var cases = [TrainingStep.benchmark, VisionForward.benchmark, QuantizedDecode.benchmark]
        #if MPI
            if CommandLine.arguments.contains(MPIStep.rankArgument) { return try MPIStep.runRank() }
            cases.append(MPIStep.benchmark)
        #endif
        try BenchmarkWorker(cases + kernelBandwidthCases).run()
    }
}
