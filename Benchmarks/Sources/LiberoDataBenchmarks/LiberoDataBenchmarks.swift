import Parallel
import BenchmarkKit
import Foundation
import LiberoData
import TensorCore
import VLAPolicy

/// The benchmarks of LiberoData: training samples against LeRobot's loader, statistics against reading the column, damaged
/// files against their limits.
@main
struct LiberoDataBenchmarks {
    static func main() throws {
        if let path = DamagedFiles.requested {
            DamagedFiles.read(URL(fileURLWithPath: path))
            return
        }
        try BenchmarkWorker([
            samples("lerobot_sample", threadCount: 0), samples("lerobot_sample_2_threads", threadCount: 2),
            samples("lerobot_sample_cached", threadCount: 0, isCached: true), actionStatistics,
            DamagedFiles.benchmark(in: shared.appendingPathComponent("data/samples/corrupt")),
        ]).run()
    }

    /// What the peer gives for one sample: two 256 × 256 images as floats, state and a chunk of eight actions, at random
    /// places; images are read each time. Threads 0 is none beside the caller's; then everything runs on that one.
    static func samples(_ name: String, threadCount: Int, isCached: Bool = false) -> BenchmarkCase {
        BenchmarkCase(name) {
            let folder = shared.appendingPathComponent("data/samples/lerobot/v30_image")
            let cache = FileManager.default.temporaryDirectory.appendingPathComponent("vla-benchmark-frames")
            let set = try LiberoDemonstrations(at: [folder], frameCache: isCached ? cache : nil)
            var recipe = PolicyRecipe()
            recipe.action.horizon = 8
            (recipe.data.split, recipe.training.jitter) = (DemonstrationSplit(validationShare: 0), nil)
            let assembly = try PolicyAssembly(recipe, set)
            let data = PreparedDataset(
                assembly.trainingExamples, observationPipeline: assembly.observationPipeline,
                actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer, imageMemory: 0)
            recipe.training.batchSize = threadCount == 0 ? 1 : data.count
            let order = ExampleOrder(exampleCount: data.count, settings: recipe.training)
            let epochs = 280 / data.count
            func run() throws {
                if threadCount == 0 { KernelThreads.count = 1 }
                let loader = ExampleLoader(data, order: order, threadCount: threadCount)
                defer { loader.cancel() }
                for epoch in 0..<epochs {
                    for batch in 0..<order.microBatchesPerEpoch {
                        let inputs = try loader.batch(at: .init(epoch: epoch, microBatch: batch)).inputs
                        precondition(inputs.images.count == 2 && inputs.images[0].shape[1] == 256)
                    }
                }
            }
            try run()
            return {
                [MeasuredValue(name, Double(epochs * data.count) / (try secondsToRun { try run() }), unit: "samples/s")]
            }
        }
    }

    /// Statistics of the actions of a set as large as LIBERO's, 1,693 episodes and 273,465 frames with tiny images,
    /// against reading the same columns: both ours.
    static var actionStatistics: BenchmarkCase {
        BenchmarkCase("action_statistics") {
            let folder = try syntheticSet()
            func open() throws -> LiberoDataset {
                var options = DatasetOptions()
                options.cacheByteCount = 0
                return try LiberoDataset(at: folder, options: options)
            }
            return {
                var sum = 0.0
                let reading = try secondsToRun {
                    let dataset = try open()
                    for index in dataset.episodes.indices { sum += try dataset.episode(index).actions.values[0] }
                }
                let counting = try secondsToRun { sum += try DatasetStatistics(of: open()).action.mean[0] }
                precondition(sum.isFinite)
                return [
                    MeasuredValue("action_statistics", counting, unit: "s"),
                    MeasuredValue("action_statistics", reading, unit: "s", role: .peer),
                ]
            }
        }
    }

    static let shared: URL = {
        let path = ProcessInfo.processInfo.environment["VLA_SHARED"]
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return path.map { URL(fileURLWithPath: $0) }
            ?? root.deletingLastPathComponent().appendingPathComponent("shared")
    }()
}
