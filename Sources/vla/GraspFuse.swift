import ArgumentParser
import Foundation
import Grasping
import Kinematics
import TensorCore

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

    @Option(help: "default or paper: which rules of the field are on.")
    var preset = "default"

    @Option(help: "The field's cell in metres.")
    var cell = 0.03

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(name: .shortAndLong, help: "Folder for the fused grasps.", completion: .directory)
    var output: String?

    struct Report: Codable {
        struct Frame: Codable {
            var detected: Int
            var fused: Int
            var valid: Int
            var graspability: Double
            var growth: Double
        }
        var target: [Double]
        var frames: [Frame]
        /// In the world, the best first; scores are ranks.
        var grasps: [GraspReport]
        var files: [String]
    }

    func validate() throws {
        guard ["default", "paper"].contains(preset) else {
            throw ValidationError("--preset is '\(preset)'; it has to be default or paper.")
        }
        guard cell > 0, cell.isFinite else { throw ValidationError("--cell is \(cell); it has to be above 0.") }
    }

    func run() throws {
        common.apply()
        let url = URL(fileURLWithPath: sequence)
        let list = try GraspSequence.read(url)
        let detector = try method.detector()
        var parameters = preset == "paper" ? GraspField.Parameters.paper : GraspField.Parameters()
        parameters.cellSize = cell
        var field: GraspField?
        var reports: [Report.Frame] = []
        var world = PointCloud()
        for frame in list.frames {
            let file = url.deletingLastPathComponent().appendingPathComponent(frame.depth)
            let depth = try DepthImage(at: file, scale: list.depthScale)
            try depth.checkUnits()
            let camera = list.pinhole(width: depth.width, height: depth.height)
            let cloud = depth.pointCloud(camera)
            let seen = frame.pose(cloud)
            let middle = try target.map { try $0.vector("target") } ?? list.target.map { Vector3($0[0], $0[1], $0[2]) }
            var current = try field ?? GraspField(target: middle ?? Self.middle(of: seen), parameters: parameters)

            let region = frame.pose.inverse(current.region(of: seen))
            let grasps = try frame.grasps.map { name in
                try GraspGroup(at: url.deletingLastPathComponent().appendingPathComponent(name))
            }
            let found = try grasps ?? detector(region)
            current.insert(found, worldFromCamera: frame.pose, view: .init(depth: depth, camera: camera))
            reports.append(
                Report.Frame(
                    detected: found.count, fused: current.grasps.count, valid: current.validity.count { $0 },
                    graspability: current.graspability, growth: current.growth))
            world.points += current.region(of: seen).points
            field = current
            if !json, let last = reports.last {
                print(
                    "frame \(reports.count - 1)   \(last.detected) detected   \(last.fused) fused   \(last.valid) valid   "
                        + "G \(numbers([last.graspability, last.growth], "%.3f"))")
            }
        }
        guard let field else { return }
        let grasps = GraspGroup(field.group.prefix(method.count))
        let files = try output.map { try writeGrasps(grasps, cloud: world, to: $0) } ?? []
        if json {
            let place = field.target
            try printJSON(
                Report(
                    target: [place.x, place.y, place.z], frames: reports, grasps: grasps.map { GraspReport($0) },
                    files: files))
            return
        }
        for grasp in grasps.prefix(10) { print(GraspReport(grasp).text) }
        for file in files { print("wrote \(file)") }
    }

    /// The middle of the largest cluster above the dominant plane, or of everything.
    private static func middle(of cloud: PointCloud) throws -> Vector3 {
        var generator = PhiloxGenerator(seed: 0)
        let thin = cloud.voxelDownsampled(0.005)
        guard thin.count > 0 else { throw CommandError("The first depth image is empty; name a --target.") }
        let plane = thin.dominantPlane(towards: Vector3(0, 0, 1e3), using: &generator)
        let above = plane.map { thin.above($0, by: 0.01) } ?? thin
        guard let cluster = above.clusters(distance: 0.015).first else { return thin.centroid }
        return PointCloud(cluster.map { above.points[$0] }).centroid
    }
}
