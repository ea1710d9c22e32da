import BenchmarkKit

/// The benchmarks of ActionTokenizer's policies: one file per kind beside this one, listed here.
@main
struct ActionTokenizerBenchmarks {
    static func main() throws {
        try BenchmarkWorker([
            TokenQuery.benchmark, TokenTrainingStep.benchmark, TokenScaling.benchmark, RegressionStep.benchmark,
        ]).run()
    }
}
