import BenchmarkKit

/// The benchmarks of VisionLanguage: one file per kind beside this one, listed here.
@main
struct VisionLanguageBenchmarks {
    static func main() throws {
        try BenchmarkWorker(tokenizerCases + imageCases + modelCases + memoryCases).run()
    }
}
