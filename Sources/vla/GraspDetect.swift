import ArgumentParser
import Foundation
import Grasping
import Kinematics
import TensorCore

struct GraspDetect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Find grasps in a depth image, a cloud or on a mesh.",
        discussion: """
            Writes grasps.npy, grasps.ply and grasps.png (the cloud with the best grippers, from the camera and from the
            side). With --robot, and the camera's pose in its base, grasps out of the arm's reach are left out.

            EXAMPLES
              vla grasp detect --depth depth.png --camera 631.5,631.2,638.4,366.5 -o out
              vla grasp detect --depth depth.png --meta meta.mat --weights checkpoint-kn.tar --robot panda \\
                --camera-pose 0.5,0,0.7,180,0,90 -o out
              vla grasp detect --mesh mug.stl --count 200 --json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var method: GraspMethodOptions

    @OptionGroup var input: GraspInputOptions

    @Option(help: "panda, piper, a URDF or a robot file: keep grasps within its reach.", completion: .file())
    var robot: String?

    @Option(help: "The tool frame of a robot file; z is its approach, y its closing direction.")
    var frame: String?

    @Option(help: "The camera (or mesh) in the robot's base: x,y,z,roll,pitch,yaw in metres and degrees.")
    var cameraPose: NumberList?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(name: .shortAndLong, help: "Folder for the results.", completion: .directory)
    var output: String?

    struct Report: Codable {
        var method: String
        var pointCount: Int
        /// Found before the robot's reach was looked at.
        var foundCount: Int
        var grasps: [GraspReport]
        var seconds: Double
        var files: [String]
    }

    func validate() throws {
        guard (robot == nil) == (cameraPose == nil) else {
            throw ValidationError("--robot and --camera-pose go together.")
        }
        guard cameraPose?.values.count ?? 6 == 6 else {
            throw ValidationError("--camera-pose needs six numbers: x,y,z,roll,pitch,yaw.")
        }
        if input.mesh != nil, method.method != nil || method.weights != nil {
            throw ValidationError(
                "On a mesh grasps are found by opposite contacts; --method and --weights are for clouds.")
        }
    }

    func run() throws {
        common.apply()
        let begin = ContinuousClock.now
        let (cloud, found) = try detect()
        let reachable = try robot.map { try reach($0).mask(found.transformed(by: baseFromCamera)) }
        let grasps = reachable.map { found[mask: $0] } ?? found
        let elapsed = (ContinuousClock.now - begin) / .seconds(1)
        let files = try output.map { try writeGrasps(grasps, cloud: cloud, to: $0) } ?? []

        let name = input.mesh == nil ? method.chosen.rawValue : "mesh"
        let report = Report(
            method: name, pointCount: cloud.count, foundCount: found.count,
            grasps: grasps.map { GraspReport($0, isReachable: robot == nil ? nil : true) }, seconds: elapsed,
            files: files)
        if json {
            try printJSON(report)
            return
        }
        print("\(found.count) grasps by \(name) in \(cloud.count) points, \(String(format: "%.2f", elapsed)) s")
        if let robot { print("\(grasps.count) of \(found.count) within the reach of \(robot)") }
        for grasp in report.grasps.prefix(10) { print(grasp.text) }
        if report.grasps.count > 10 { print("… and \(report.grasps.count - 10) more") }
        for file in files { print("wrote \(file)") }
    }

    private func detect() throws -> (cloud: PointCloud, grasps: GraspGroup) {
        guard let mesh = input.mesh else {
            let cloud = try input.load()
            return (cloud, try method.detector()(cloud))
        }
        var generator = PhiloxGenerator(seed: method.seed)
        let solid = try TriangleMesh.read(URL(fileURLWithPath: mesh))
        let grasps = AntipodalSampler().grasps(on: solid, pointCount: 200, using: &generator)
        let surface = MeshSurface(solid).points(4000, using: &generator)
        return (surface, GraspGroup(grasps.nonMaximumSuppressed(distance: 0.01).prefix(method.count)))
    }

    private var baseFromCamera: Pose {
        guard let v = cameraPose?.values else { return .identity }
        let degrees = Double.pi / 180
        return Pose(
            rotation: Rotation(roll: v[3] * degrees, pitch: v[4] * degrees, yaw: v[5] * degrees),
            translation: Vector3(v[0], v[1], v[2]))
    }

    private func reach(_ name: String) throws -> GraspReachability {
        let options = try RobotOptions.parse(["--robot", name])
        let model = try options.model()
        var tool = ToolConvention.builtIn[name]
        if let frame { tool = ToolConvention(frame: frame, graspFromTool: ToolConvention.panda.graspFromTool) }
        guard let tool else {
            throw ValidationError(
                "Name the tool frame of \(name) with --frame: z its approach, y its closing direction.")
        }
        var solver = InverseKinematics(model, avoiding: try options.collision(model))
        solver.options.startLimit = 30
        return try GraspReachability(solver, tool: tool)
    }
}
