import ArgumentParser
import Foundation
import Kinematics
import TensorCore

struct RobotMove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Plan straight lines of a frame, check them, and write them out.",
        discussion: """
            Goes --up, then --down, then along --by, each from rest to rest, with the orientation kept. Checks limits,
            the robot's own spheres, a scene, and how far the frame is from the line, at every sample. Without --start it
            begins at the preferred posture, moved back along the first line where the way does not fit. Writes motion.json,
            motion.csv, plot.svg, motion.png (animated), steps.png, and for a Piper can.txt for its bus.

            EXAMPLES
              vla robot move --robot piper --frame gripper_tip --up 0.10 --down 0.10 -o out/
              vla robot move --robot panda --frame panda_hand_tcp --by 0.1,0.1,0 --law time-optimal -o out/
            """)

    enum Law: String, ExpressibleByArgument, CaseIterable {
        case minimumJerk = "minimum-jerk"
        case timeOptimal = "time-optimal"
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Option(help: "The frame that moves; the only tool frame when left out.")
    var frame: String?

    @Option(help: "Metres along the base's z.")
    var up: Double?

    @Option(help: "Metres against the base's z.")
    var down: Double?

    @Option(help: "x,y,z in metres in the base.")
    var by: NumberList?

    @Option(help: "How often it is done.")
    var count: Int = 1

    @Option(help: "Joint positions to start from, radians and metres with commas.")
    var start: NumberList?

    @Flag(help: "The start is in degrees.")
    var degrees = false

    @Option(help: "The time law: minimum-jerk or time-optimal.")
    var law: Law = .minimumJerk

    @Option(help: "The share of the limits that is used, 0…1.")
    var scale: Double = 0.5

    @Option(help: "Samples in a second.")
    var rate: Double = 200

    @Option(name: .shortAndLong, help: "The folder to write to.", completion: .directory)
    var output: String?

    @Flag(help: "Print the report as one JSON object.")
    var json = false

    func validate() throws {
        guard up != nil || down != nil || by != nil else { throw ValidationError("Give --up, --down or --by.") }
        guard scale > 0, scale <= 1 else {
            throw ValidationError("--scale is \(scale); it is a share above 0, at most 1.")
        }
        guard rate > 0, rate <= 10_000 else { throw ValidationError("--rate is \(rate) Hz.") }
        guard 1...100 ~= count else { throw ValidationError("--count is \(count); 1 to 100 are planned.") }
        for (name, value) in [("up", up), ("down", down)] {
            if let value, !(value.isFinite && value >= 0) { throw ValidationError("--\(name) is \(value).") }
        }
    }

    func run() throws {
        common.apply()
        let model = try options.model()
        let frame = try model.toolFrame(frame)
        let collision = try options.collision(model)
        let limits = MotionLimits(of: model, scale: scale)
        var steps: [Vector3] = []
        for _ in 0..<count {
            if let up { steps.append(Vector3(0, 0, up)) }
            if let down { steps.append(Vector3(0, 0, -down)) }
            if let by { steps.append(try by.vector("by")) }
        }

        let positions = try model.positions(start, degrees: degrees)
        guard model.isWithinLimits(positions) else { throw ValidationError("The start is beyond the joint limits.") }
        var planner = LinearMovePlanner(model, avoiding: collision)
        planner.positionStep = 0.005
        var plan = try plan(steps, frame, from: positions, planner, limits)

        // a start that is not given is moved back along the first line until the whole way fits
        let state = model.makeState()
        state.update(positions)
        let preferred = state.pose(of: frame)
        for attempt in 1...8 where start == nil && plan.ends.count < steps.count {
            var pose = preferred
            pose.translation -= 0.2 * Double(attempt) * steps[0]
            let solver = InverseKinematics(model, avoiding: collision)
            let solution = solver.solve(PoseTarget(frame, pose: pose), startingAt: positions)
            guard solution.isConverged else { continue }
            let other = try self.plan(steps, frame, from: solution.positions, planner, limits)
            if other.ends.count > plan.ends.count { plan = other }
        }
        let (moves, trajectory, ends) = (plan.moves, plan.trajectory, plan.ends)
        var report = MoveReport(
            model: model, frame: frame, moves: moves, stepCount: steps.count, trajectory: trajectory, ends: ends,
            limits: limits, collision: collision)
        if let output, !trajectory.states.isEmpty {
            let writer = MoveWriter(
                model: model, frame: frame, trajectory: trajectory, limits: limits, collision: collision, moves: moves,
                ends: ends)
            report.files = try writer.write(to: URL(fileURLWithPath: output), report: report)
        }
        if json { try printJSON(report) } else { print(report.text) }
    }

    private struct Plan {
        var moves: [LinearMove] = []
        var trajectory = JointTrajectory(times: [], states: [])
        /// How many samples there are at the end of each line that is complete.
        var ends: [Int] = []
    }

    /// Line after line, each from where the one before ends.
    private func plan(
        _ steps: [Vector3], _ frame: RobotModel.Frame, from start: [Double], _ planner: LinearMovePlanner,
        _ limits: MotionLimits
    ) throws -> Plan {
        var (plan, positions) = (Plan(), start)
        let state = planner.model.makeState()
        for step in steps {
            try Interruption.check()
            state.update(positions)
            var end = state.pose(of: frame)
            end.translation += step
            let move = planner.move(frame, from: positions, to: end)
            plan.moves.append(move)
            guard move.outcome == .complete, let path = move.path else { break }
            plan.trajectory = plan.trajectory.followed(by: try motion(path, limits).sampled(rate: rate))
            plan.ends.append(plan.trajectory.states.count)
            positions = plan.trajectory.states.last!.positions
        }
        return plan
    }

    private func motion(_ path: JointPath, _ limits: MotionLimits) throws -> any JointMotion {
        switch law {
        case .minimumJerk: return PathMotion(path, limits: limits)
        case .timeOptimal:
            // the grid keeps its limits; between its points they can be passed by a hair
            let inner = MotionLimits(
                velocities: limits.velocities.map { 0.99 * $0 }, accelerations: limits.accelerations.map { 0.97 * $0 })
            guard let motion = TimeOptimalMotion(path, limits: inner, gridCount: 801) else {
                throw ValidationError("The path cannot be timed within the limits.")
            }
            return motion
        }
    }
}
