import ArgumentParser
import FileSupport
import Kinematics
import RobotReports

struct RobotInverse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ik",
        abstract: "Find joint positions that bring a frame to a pose.",
        discussion: """
            Keeps limits, and the robot's own spheres and a scene's obstacles apart where they are known. A target that
            cannot be reached is a result, with its reason and the nearest posture; it is no error.

            EXAMPLES
              vla robot ik --robot piper --frame gripper_tip --xyz 0.3,0,0.1 --rpy 0,180,0
              vla robot ik --robot panda --frame panda_hand --xyz 0.5,0,0.4 --position-only --json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Option(help: "The frame. Default: the only tool frame.")
    var frame: String?

    @Option(help: "Target position x,y,z in the base frame, metres.")
    var xyz: NumberList

    @Option(help: "Roll, pitch and yaw about fixed axes, in degrees.")
    var rpy: NumberList?

    @Option(help: "A quaternion w,x,y,z.")
    var wxyz: NumberList?

    @Flag(help: "Any orientation.")
    var positionOnly = false

    @Option(help: "Initial joint positions, comma-separated, radians and metres.")
    var start: NumberList?

    @Option(help: "Tolerance in metres and radians.")
    var tolerance: Double = 1e-5

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard [rpy != nil, wxyz != nil, positionOnly].count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of --rpy, --wxyz and --position-only.")
        }
        try checkOptions { options throws(SettingError) in
            try options.check("--tolerance", tolerance, above: 0, upTo: 1)
        }
    }

    func run() throws {
        common.apply()
        let model = try options.source.model()
        let frame = try model.toolFrame(frame)
        let pose = try pose()
        let target = positionOnly ? PoseTarget.position(frame, pose.translation) : PoseTarget(frame, pose: pose)
        let report = try InverseReport(
            model, from: options.source, to: target, startingAt: start.map { try model.positions($0.values) },
            tolerance: tolerance)
        try show(report, asJSON: json)
    }

    private func pose() throws -> Pose {
        var pose = Pose(translation: try xyz.vector("xyz"))
        if let rpy {
            let angles = try rpy.vector("rpy") * (.pi / 180)
            pose.rotation = Rotation(roll: angles.x, pitch: angles.y, yaw: angles.z)
        } else if let q = wxyz?.values {
            guard q.count == 4 else { throw ValidationError("--wxyz needs four numbers.") }
            pose.rotation = try Rotation(Quaternion(SIMD4(q[0], q[1], q[2], q[3]), order: .wxyz))
        }
        return pose
    }
}
