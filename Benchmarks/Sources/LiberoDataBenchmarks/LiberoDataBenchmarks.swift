import BenchmarkKit
import Foundation
import LiberoData
import VLAPolicy

/// The benchmarks of LiberoData: training samples against LeRobot's loader, and statistics against reading the column.
@main
struct LiberoDataBenchmarks {
    static func main() throws {
        try BenchmarkWorker([
            samples("lerobot_sample", threadCount: 0), samples("lerobot_sample_2_threads", threadCount: 2),
            actionStatistics,
        ]).run()
    }

    /// Two 256 × 256 pictures decoded, state and a chunk of eight actions, at random places; threads 0 is none beside the
    /// caller's.
    static func samples(_ name: String, threadCount: Int) -> BenchmarkCase {
        BenchmarkCase(name) {
            let dataset = try LiberoDataset(at: shared.appendingPathComponent("data/samples/lerobot/v30_image"))
            let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 8))
            let order = SampleOrder(sampler, seed: 1)
            let count = 280
            @Sendable func prepare(_ sample: DemonstrationSample) throws -> Int {
                try sample.observation.cameras.values.reduce(0) { $0 + Int(try $1.image().pixels[0]) }
            }
            func run() throws {
                guard threadCount > 0 else {
                    for epoch in 0..<count / sampler.count {
                        for index in order.samples(epoch: epoch) { _ = try prepare(sampler.sample(index)) }
                    }
                    return
                }
                let loader = SampleLoader(order, threadCount: threadCount, prepare: prepare)
                for epoch in 0..<count / sampler.count {
                    if epoch > 0 { loader.beginEpoch(epoch) }
                    while try loader.next() != nil {}
                }
            }
            try run()
            return { [MeasuredValue(name, Double(count) / (try secondsToRun { try run() }), unit: "samples/s")] }
        }
    }

    /// Statistics of the actions of a set as large as LIBERO's, 1,693 episodes and 273,465 frames with tiny pictures,
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
