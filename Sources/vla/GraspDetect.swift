import ArgumentParser
import Foundation
import Grasping
import Kinematics
import RobotReports

struct GraspDetect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Detect grasps in a depth image, a point cloud or on a mesh.",
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

    @Option(help: "panda, piper, a URDF or a robot file: keep only reachable grasps.", completion: .file())
    var robot: String?

    @Option(help: "The tool frame of a robot file; z is its approach, y its closing direction.")
    var frame: String?

    @Option(help: "The camera (or mesh) in the robot's base: x,y,z,roll,pitch,yaw in metres and degrees.")
    var cameraPose: NumberList?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(name: .shortAndLong, help: "Folder for the results.", completion: .directory)
    var output: String?

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
        let report = try GraspDetectionReport(
            input.input, method: method.chosen.rawValue, detector: method.detector(), count: method.count,
            seed: method.seed, within: reach(), to: output.map { URL(fileURLWithPath: $0, isDirectory: true) })
        try show(report, asJSON: json)
    }

    private func reach() throws -> (name: String, robot: GraspReachability, baseFromCamera: Pose)? {
        guard let robot, let v = cameraPose?.values else { return nil }
        let source = RobotSource(robot)
        let model = try source.model()
        let degrees = Double.pi / 180
        let camera = Pose(
            rotation: Rotation(roll: v[3] * degrees, pitch: v[4] * degrees, yaw: v[5] * degrees),
            translation: Vector3(v[0], v[1], v[2]))
        let reach = try GraspReachability(model, tool: robot, frame: frame, avoiding: source.collision(model))
        return (robot, reach, camera)
    }
}
