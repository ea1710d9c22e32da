import ArgumentParser
import Foundation
import Kinematics

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

    @Option(help: "The frame; the only tool frame when left out.")
    var frame: String?

    @Option(help: "Where its origin shall be: x,y,z in metres in the base.")
    var xyz: NumberList

    @Option(help: "Roll, pitch and yaw about fixed axes, in degrees.")
    var rpy: NumberList?

    @Option(help: "A quaternion w,x,y,z.")
    var wxyz: NumberList?

    @Flag(help: "Any orientation.")
    var positionOnly = false

    @Option(help: "Joint positions to start from, radians and metres with commas.")
    var start: NumberList?

    @Option(help: "Metres and radians that count as reached.")
    var tolerance: Double = 1e-5

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Report: Codable {
        var outcome: String
        var joints: [String: Double]
        var positionError: Double
        var rotationError: Double
        /// Nil where the robot has no spheres.
        var isSelfCollisionFree: Bool?
        /// Nil where no scene is given.
        var isWorldCollisionFree: Bool?
        var starts: Int
        var iterations: Int
        var microseconds: Double
    }

    func validate() throws {
        guard [rpy != nil, wxyz != nil, positionOnly].count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of --rpy, --wxyz and --position-only.")
        }
        guard tolerance > 0 else { throw ValidationError("--tolerance is \(tolerance); it has to be above 0.") }
    }

    func run() throws {
        common.apply()
        let model = try options.model()
        let frame = try model.toolFrame(frame)
        var pose = Pose(translation: try xyz.vector("xyz"))
        if let rpy {
            let angles = try rpy.vector("rpy") * (.pi / 180)
            pose.rotation = Rotation(roll: angles.x, pitch: angles.y, yaw: angles.z)
        } else if let wxyz {
            guard wxyz.values.count == 4 else { throw ValidationError("--wxyz needs four numbers.") }
            let q = wxyz.values
            pose.rotation = try Rotation(Quaternion(SIMD4(q[0], q[1], q[2], q[3]), order: .wxyz))
        }
        let collision = try options.collision(model)
        let solver = InverseKinematics(
            model, options: .init(positionTolerance: tolerance, rotationTolerance: tolerance), avoiding: collision)
        let target = positionOnly ? PoseTarget.position(frame, pose.translation) : PoseTarget(frame, pose: pose)
        let first = try start.map { try model.positions($0, degrees: false) }
        let solution = solver.solve(target, startingAt: first)
        let report = Report(
            outcome: solution.outcome.text,
            joints: Dictionary(
                uniqueKeysWithValues: zip(model.coordinates.map(\.joint), solution.positions)),
            positionError: solution.positionError, rotationError: solution.rotationError,
            isSelfCollisionFree: collision.map { _ in solution.isSelfCollisionFree },
            isWorldCollisionFree: options.scene == nil ? nil : solution.isWorldCollisionFree,
            starts: solution.startCount, iterations: solution.iterationCount, microseconds: solution.seconds * 1e6)
        if json {
            try printJSON(report)
            return
        }
        print("\(report.outcome)")
        print("joints     \(numbers(solution.positions, "%.6f"))")
        print("           \(model.coordinates.map(\.joint).joined(separator: " "))")
        print(
            "error      \(numbers([1000 * report.positionError], "%.6f")) mm, "
                + "\(numbers([report.rotationError], "%.2e")) rad")
        func text(_ isFree: Bool?, _ unknown: String) -> String { isFree.map { $0 ? "free" : "YES" } ?? unknown }
        print(
            "collision  itself: \(text(report.isSelfCollisionFree, "not known, the robot has no spheres")), "
                + "scene: \(text(report.isWorldCollisionFree, "none given"))")
        print("search     \(report.starts) starts, \(report.iterations) steps, \(Int(report.microseconds)) us")
    }
}

extension InverseKinematics.Outcome {
    var text: String {
        switch self {
        case .converged: "reached"
        case .outOfReach: "out of reach: the position alone cannot be had"
        case .limits: "beyond the joint limits: the pose is reached only without them"
        case .collision: "in collision: every posture found for the pose collides"
        case .localMinimum(let starts): "not reached from \(starts) starts; the position alone can be had"
        case .timeLimit(let starts): "not reached in time, after \(starts) starts"
        }
    }
}
