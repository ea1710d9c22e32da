import ArgumentParser
import FileSupport
import Foundation
import Grasping

struct GraspFuse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuse",
        abstract: "Fuse the grasps of a sequence of depth images with known camera poses.",
        discussion: """
            The sequence is a JSON file: camera [fx, fy, cx, cy], depthScale, target [x, y, z] in the world, and frames of
            depth, worldFromCamera (16 numbers, row by row) and, where they are known, grasps. Grasps near the target are
            merged over the frames (GAMMA, arXiv:2309.15459); those that a later frame sees through lose their score.

            EXAMPLES
              vla grasp fuse sequence/frames.json -o out
              vla grasp fuse sequence/frames.json --target 0.5,0,0.05 --weights checkpoint-rs.tar --preset paper --json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var method: GraspMethodOptions

    @Argument(help: "The list of frames.", completion: .file())
    var sequence: String

    @Option(
        help:
            "The middle of the field: x,y,z in the world. Default: the file's, else that of the first cloud's largest cluster."
    )
    var target: NumberList?

    @Option(help: "Rule set of the field: default or paper.")
    var preset = "default"

    @Option(help: "Cell size of the field in metres.")
    var cell = 0.03

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(name: .shortAndLong, help: "Folder for the fused grasps.", completion: .directory)
    var output: String?

    func validate() throws {
        guard ["default", "paper"].contains(preset) else {
            throw ValidationError("--preset is '\(preset)'; it has to be default or paper.")
        }
        try checkOptions { options throws(SettingError) in try options.check("--cell", cell, in: 1e-4...10) }
    }

    func run() throws {
        common.apply()
        var parameters = preset == "paper" ? GraspField.Parameters.paper : GraspField.Parameters()
        parameters.cellSize = cell
        let report = try GraspFusionReport(
            URL(fileURLWithPath: sequence), detector: method.detector(), parameters: parameters,
            target: target?.vector("target"), count: method.count,
            to: output.map { URL(fileURLWithPath: $0, isDirectory: true) }
        ) { frame, index in
            if !json { print(frame.text(index)) }
            try Interruption.check()
        }
        if json || !report.text.isEmpty { try show(report, asJSON: json) }
    }
}
