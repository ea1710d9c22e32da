import ArgumentParser
import FileSupport
import Foundation
import Grasping

struct GraspEvaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Compute the average precision of predictions on GraspNet-1Billion.",
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
    var camera: GraspNetDataset.Camera = .realsense

    @Option(help: "train, seen, similar or novel. Default: every scene that has predictions.")
    var split: GraspNetDataset.Split?

    @Option(help: "A scene's number; may be repeated.")
    var scene: [Int] = []

    @Option(help: "Use every n-th view of a scene; 1 for all, as in the benchmark.")
    var stride = 1

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard split == nil || scene.isEmpty else { throw ValidationError("Give one of --split and --scene.") }
        try checkOptions { options throws(SettingError) in try options.check("--stride", stride, in: 1...1_000_000) }
    }

    func run() throws {
        common.apply()
        let report = try GraspBenchmarkReport(
            GraspNetDataset(at: URL(fileURLWithPath: dataset)), camera: camera,
            predictions: URL(fileURLWithPath: predictions), scenes: split.map { Array($0.scenes) } ?? scene,
            stride: stride
        ) { scene in
            if !json { print(scene.text) }
            try Interruption.check()
        }
        if json { try printJSON(report) } else { print("total       \(report.total.text)") }
    }
}

extension GraspNetDataset.Camera: ExpressibleByArgument {}
extension GraspNetDataset.Split: ExpressibleByArgument {}
