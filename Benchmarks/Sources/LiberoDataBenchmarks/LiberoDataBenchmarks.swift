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

    /// What the peer gives for one sample: two 256 × 256 images as `[3, 256, 256]` floats in 0…1, state and a chunk of
    /// eight actions, at random places. Threads 0 is none beside the caller's; then everything runs on that one.
    static func samples(_ name: String, threadCount: Int, isCached: Bool = false) -> BenchmarkCase {
        BenchmarkCase(name) {
            var dataset = try LiberoDataset(at: shared.appendingPathComponent("data/samples/lerobot/v30_image"))
            if isCached {
                let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vla-benchmark-frames")
                dataset = try dataset.cachingFrames(in: folder)
            }
            let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 8))
            let order = SampleOrder(sampler, seed: 1)
            let form = BatchForm(dataset.description)
            let count = 280
            func run() throws {
                guard threadCount > 0 else {
                    KernelThreads.count = 1
                    for epoch in 0..<count / sampler.count {
                        for index in order.samples(epoch: epoch) {
                            let batch = form.batch([try form.decoded(sampler.sample(index))])
                            precondition(batch.images.shape == [1, 2, 3, 256, 256])
                        }
                    }
                    return
                }
                let loader = BatchLoader(order, form: form, batchSize: sampler.count, threadCount: threadCount)
                for epoch in 0..<count / sampler.count {
                    if epoch > 0 { loader.beginEpoch(epoch) }
                    while try loader.next() != nil {}
                }
            }
            try run()
            return { [MeasuredValue(name, Double(count) / (try secondsToRun { try run() }), unit: "samples/s")] }
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
