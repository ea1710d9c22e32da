import Parallel
import BenchmarkKit
import TensorCore

/// How the 2025 system's model gains by a second thread, in training and in a query, and what a larger batch costs an example.
///
/// Both sides are ours; the second side is one thread, or two examples.
enum TokenScaling {
    static var benchmark: BenchmarkCase {
        BenchmarkCase("token_scaling") {
            let (pair, four) = (try TokenTrainingStep.step(rows: 2), try TokenTrainingStep.step(rows: 4))
            let query = try TokenQuery.query()
            func seconds(threads: Int, _ body: () -> Void) -> Double {
                let before = KernelThreads.count
                defer { KernelThreads.count = before }
                KernelThreads.count = threads
                return secondsToRun(body)
            }
            for body in [pair, four, query] { body() }
            return {
                let two = seconds(threads: 2, pair)
                return [
                    MeasuredValue("token_scaling/2_threads", two, unit: "s"),
                    MeasuredValue("token_scaling/2_threads", seconds(threads: 1, pair), unit: "s", role: .peer),
                    MeasuredValue("token_scaling/batch_4_per_example", seconds(threads: 2, four) / 4, unit: "s"),
                    MeasuredValue("token_scaling/batch_4_per_example", two / 2, unit: "s", role: .peer),
                    MeasuredValue("token_scaling/query_2_threads", seconds(threads: 2, query), unit: "s"),
                    MeasuredValue("token_scaling/query_2_threads", seconds(threads: 1, query), unit: "s", role: .peer),
                ]
            }
        }
    }
}
