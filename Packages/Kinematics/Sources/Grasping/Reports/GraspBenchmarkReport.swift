import FileSupport
public import Foundation

/// The average precision of predictions on GraspNet-1Billion.
public struct GraspBenchmarkReport: Codable, Sendable {
    public struct Scene: Codable, Sendable {
        public var scene: Int
        public var summary: GraspNetBenchmark.Summary

        public var text: String { "scene \(scene)   \(summary.text)" }
    }

    public var camera: String
    public var total: GraspNetBenchmark.Summary
    public var scenes: [Scene]

    /// - Parameters:
    ///   - dataset: The benchmark's data.
    ///   - camera: Whose views are evaluated.
    ///   - predictions: The folder of predictions.
    ///   - scenes: Numbers; every scene that has predictions when empty.
    ///   - stride: Every how many views of a scene are looked at.
    ///   - progress: Called with each scene's result; throwing ends the evaluation.
    /// - Throws: `ContentError` where there are no predictions.
    public init(
        _ dataset: GraspNetDataset, camera: GraspNetDataset.Camera, predictions: URL, scenes: [Int] = [],
        stride: Int = 1, progress: (Scene) throws -> Void = { _ in }
    ) throws {
        let benchmark = GraspNetBenchmark(dataset, camera: camera, predictions: predictions)
        var numbers = scenes
        if numbers.isEmpty {
            numbers = dataset.scenes.filter { number in
                dataset.views(scene: number, camera: camera).contains {
                    FileManager.default.fileExists(atPath: benchmark.prediction(scene: number, view: $0).path)
                }
            }
        }
        guard !numbers.isEmpty else {
            throw ContentError("There is no prediction for a scene below \(predictions.relativePath).")
        }
        self.camera = camera.rawValue
        self.scenes = []
        var results: [GraspEvaluator.ViewResult] = []
        for scene in numbers {
            let all = dataset.views(scene: scene, camera: camera)
            let chosen = Swift.stride(from: 0, to: all.count, by: stride).map { all[$0] }
            let views = try benchmark.evaluate(scenes: [scene], views: chosen)
            results += views.map(\.result)
            let found = Scene(scene: scene, summary: GraspNetBenchmark.Summary(views.map(\.result)))
            self.scenes.append(found)
            try progress(found)
        }
        total = GraspNetBenchmark.Summary(results)
    }
}

extension GraspNetBenchmark.Summary {
    /// Per cent, as in publications.
    public var text: String {
        "AP \(numbers([100 * ap], "%.2f"))   AP0.8 \(numbers([100 * ap08], "%.2f"))   AP0.4 "
            + "\(numbers([100 * ap04], "%.2f"))   \(viewCount) views"
    }
}
