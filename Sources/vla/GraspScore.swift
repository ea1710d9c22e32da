import ArgumentParser
import Foundation
import Grasping
import Kinematics

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

    @Option(help: "The cell of the grid that is made of a mesh; metres.")
    var cellSize = 0.002

    @Option(help: "Points of the scene in the object's frame: PLY or .npy.", completion: .file())
    var cloud: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Report: Codable {
        /// The smallest friction that holds, or -1; in the order of the file.
        var scores: [Double]
        /// Nil without a cloud.
        var collisions: [Bool]?
        var heldCount: Int
    }

    func validate() throws {
        guard (mesh == nil) != (sdf == nil) else { throw ValidationError("Give one of --mesh and --sdf.") }
        guard cellSize > 0, cellSize.isFinite else {
            throw ValidationError("--cell-size is \(cellSize); it has to be above 0.")
        }
    }

    func run() throws {
        common.apply()
        let group = try GraspGroup(at: URL(fileURLWithPath: grasps))
        let grid: SignedDistanceGrid
        if let mesh {
            let solid = try TriangleMesh.read(URL(fileURLWithPath: mesh))
            // a mesh in millimetres would take a grid of terabytes
            let extent = solid.bounds.map { $0.upper - $0.lower } ?? .zero
            guard extent.max() / cellSize <= 1000 else {
                throw CommandError(
                    "\(mesh) is \(extent.max()) m large. Is it in millimetres? Meshes are read in metres.")
            }
            grid = SignedDistanceGrid(solid, cellSize: cellSize)
        } else {
            grid = try SignedDistanceGrid(at: URL(fileURLWithPath: sdf ?? ""))
        }
        let scores = group.map { grid.benchmarkScore(of: $0) }
        let collisions = try cloud.map { path -> [Bool] in
            let scene = try PointCloud(at: URL(fileURLWithPath: path))
            return group.map { BenchmarkGripper().collides($0, cloud: scene) }
        }
        let held = zip(scores, collisions ?? [Bool](repeating: false, count: scores.count)).count { $0 > 0 && !$1 }
        let report = Report(scores: scores, collisions: collisions, heldCount: held)
        if json {
            try printJSON(report)
            return
        }
        for (index, score) in scores.enumerated() {
            let collision = collisions.map { $0[index] ? "   collides" : "" } ?? ""
            print("\(index)   \(score > 0 ? "holds from friction \(score)" : "does not hold")\(collision)")
        }
        print("\(held) of \(scores.count) grasps hold")
    }
}
