import BenchmarkKit

/// The benchmarks of Evaluation: LIBERO's simulation beside the Python original.
///
/// They need the trait `MuJoCo` and LIBERO's files, `libero` in the folder of `VLA_SHARED` (else `../shared`); without them
/// there are none.
@main
struct EvaluationBenchmarks {
    static func main() throws {
        #if MuJoCo
            try BenchmarkWorker(Simulation.benchmarks).run()
        #else
            try BenchmarkWorker([]).run()
        #endif
    }
}
