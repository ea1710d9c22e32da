import ArgumentParser
import Foundation
import Grasping

struct GraspEvaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Average precision of predictions on GraspNet-1Billion.",
        discussion: """
            Predictions are PREDICTIONS/scene_0100/CAMERA/0000.npy, as graspnetAPI's dump folder has them.

            EXAMPLES
              vla grasp evaluate graspnet --predictions dump --camera realsense --split seen
              vla grasp evaluate graspnet --predictions dump --camera kinect --scene 100 --stride 8 --json
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The folder with 'scenes' and 'models'.", completion: .directory)
    var dataset: String

    @Option(help: "The folder of predictions.", completion: .directory)
    var predictions: String

    @Option(help: "kinect or realsense.")
    var camera: String = "realsense"

    @Option(help: "train, seen, similar or novel. Default: every scene that has predictions.")
    var split: String?

    @Option(help: "A scene's number; may be given several times.")
    var scene: [Int] = []

    @Option(help: "Every how many views of a scene are looked at; 1 is all, as in the benchmark.")
    var stride = 1

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Report: Codable {
        struct Scene: Codable {
            var scene: Int
            var summary: GraspNetBenchmark.Summary
        }
        var camera: String
        var total: GraspNetBenchmark.Summary
        var scenes: [Scene]
    }

    func validate() throws {
        guard GraspNetDataset.Camera(rawValue: camera) != nil else {
            throw ValidationError("--camera is '\(camera)'; it has to be kinect or realsense.")
        }
        if let split, GraspNetDataset.Split(rawValue: split) == nil {
            throw ValidationError("--split is '\(split)'; it has to be train, seen, similar or novel.")
        }
        guard split == nil || scene.isEmpty else { throw ValidationError("Give one of --split and --scene.") }
        guard stride > 0 else { throw ValidationError("--stride is \(stride); it has to be at least 1.") }
    }

    func run() throws {
        common.apply()
        let dataset = try GraspNetDataset(at: URL(fileURLWithPath: dataset))
        let camera = GraspNetDataset.Camera(rawValue: camera) ?? .realsense
        let benchmark = GraspNetBenchmark(dataset, camera: camera, predictions: URL(fileURLWithPath: predictions))
        var scenes = scene
        if let split = split.flatMap(GraspNetDataset.Split.init(rawValue:)) { scenes = Array(split.scenes) }
        if scenes.isEmpty {
            scenes = dataset.scenes.filter { number in
                dataset.views(scene: number, camera: camera).contains {
                    FileManager.default.fileExists(atPath: benchmark.prediction(scene: number, view: $0).path)
                }
            }
        }
        guard !scenes.isEmpty else { throw CommandError("There is no prediction for a scene below \(predictions).") }

        var reports: [Report.Scene] = []
        var results: [GraspEvaluator.ViewResult] = []
        for scene in scenes {
            let numbers = dataset.views(scene: scene, camera: camera)
            let chosen = Swift.stride(from: 0, to: numbers.count, by: stride).map { numbers[$0] }
            let views = try benchmark.evaluate(scenes: [scene], views: chosen)
            let summary = GraspNetBenchmark.Summary(views.map(\.result))
            results += views.map(\.result)
            reports.append(Report.Scene(scene: scene, summary: summary))
            if !json { print("scene \(scene)   \(summary.text)") }
        }
        let total = GraspNetBenchmark.Summary(results)
        if json {
            try printJSON(Report(camera: camera.rawValue, total: total, scenes: reports))
        } else {
            print("total       \(total.text)")
        }
    }
}

extension GraspNetBenchmark.Summary {
    /// Per cent, as in publications.
    var text: String {
        "AP \(numbers([100 * ap], "%.2f"))   AP0.8 \(numbers([100 * ap08], "%.2f"))   AP0.4 "
            + "\(numbers([100 * ap04], "%.2f"))   \(viewCount) views"
    }
}
