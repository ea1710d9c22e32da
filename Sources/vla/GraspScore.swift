import ArgumentParser
import FileSupport
import Foundation
import Grasping

struct GraspScore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Score grasps on a known object, as GraspNet-1Billion does.",
        discussion: """
            The score is the smallest coefficient of friction, of 0.2, 0.4 … 1.2, that holds; -1 where none does. With a
            cloud of the scene, grasps whose gripper meets a point count as colliding.

            EXAMPLES
              vla grasp score grasps.npy --mesh mug.obj
              vla grasp score grasps.npy --sdf textured.sdf --cloud scene.ply --json
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "Grasps in the object's frame: .npy of [N, 17].", completion: .file())
    var grasps: String

    @Option(help: "The object: a closed mesh, STL or OBJ, in metres.", completion: .file())
    var mesh: String?

    @Option(help: "The object: a grid of signed distances.", completion: .file())
    var sdf: String?

    @Option(help: "Cell size of the grid computed from a mesh, metres.")
    var cellSize = 0.002

    @Option(help: "Points of the scene in the object's frame: PLY or .npy.", completion: .file())
    var cloud: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (mesh == nil) != (sdf == nil) else { throw ValidationError("Give one of --mesh and --sdf.") }
        try checkOptions { options throws(SettingError) in try options.check("--cell-size", cellSize, in: 1e-4...10) }
    }

    func run() throws {
        common.apply()
        let solid: GraspScoreReport.Solid =
            mesh.map { .mesh(URL(fileURLWithPath: $0), cellSize: cellSize) }
            ?? .distances(URL(fileURLWithPath: sdf ?? ""))
        let report = try GraspScoreReport(
            GraspGroup(at: URL(fileURLWithPath: grasps)), on: solid, in: cloud.map { URL(fileURLWithPath: $0) })
        try show(report, asJSON: json)
    }
}
