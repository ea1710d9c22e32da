import FileSupport
public import Foundation
public import Kinematics

/// Straight lines of a frame, one after another, each from rest to rest with the orientation kept.
public struct MoveRequest: Sendable {
    /// How the lines are gone along.
    public enum Law: String, CaseIterable, Sendable {
        case minimumJerk = "minimum-jerk"
        case timeOptimal = "time-optimal"
    }

    public var source: RobotSource
    /// The frame that moves; `nil` for the only tool frame.
    public var frame: String?
    /// The ways, metres in the base.
    public var steps: [Vector3]
    /// Joint positions to start from. `nil` for the preferred posture, moved back along the first line where the way does
    /// not fit.
    public var start: [Double]?
    /// Whether angles of ``start`` are in degrees.
    public var isInDegrees = false
    public var law = Law.minimumJerk
    /// The share of the limits that is used, above 0 and at most 1.
    public var scale = 0.5
    /// Samples in a second.
    public var rate = 200.0

    public init(_ source: RobotSource, steps: [Vector3]) {
        self.source = source
        self.steps = steps
    }

    /// Plans the lines, checks them at every sample, and writes them into a folder.
    ///
    /// - Parameters:
    ///   - folder: Gets `motion.json`, `motion.csv`, `plot.svg`, `motion.png`, `steps.png`, and `can.txt` for a Piper;
    ///     `nil` to write nothing.
    ///   - shouldContinue: Asked between lines and images; what it throws ends the work.
    /// - Throws: `RequestError` for a start beyond the limits, or a path that cannot be timed.
    public func plan(to folder: URL? = nil, shouldContinue: () throws -> Void = {}) throws -> MoveReport {
        let model = try source.model()
        let frame = try model.toolFrame(frame)
        let collision = try source.collision(model)
        let limits = MotionLimits(of: model, scale: scale)

        let positions = try model.positions(start, inDegrees: isInDegrees)
        guard model.isWithinLimits(positions) else { throw RequestError("The start is beyond the joint limits.") }
        var planner = LinearMovePlanner(model, avoiding: collision)
        planner.positionStep = 0.005
        var plan = try lines(of: frame, from: positions, planner, limits, shouldContinue)

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
            let other = try lines(of: frame, from: solution.positions, planner, limits, shouldContinue)
            if other.ends.count > plan.ends.count { plan = other }
        }
        let writer = MoveWriter(model: model, frame: frame, limits: limits, collision: collision, plan: plan)
        var report = MoveReport(writer, stepCount: steps.count)
        if let folder, !plan.trajectory.states.isEmpty {
            report.files = try writer.write(to: folder, report: report, shouldContinue: shouldContinue)
        }
        return report
    }

    /// Line after line, each from where the one before ends.
    private func lines(
        of frame: RobotModel.Frame, from start: [Double], _ planner: LinearMovePlanner, _ limits: MotionLimits,
        _ shouldContinue: () throws -> Void
    ) throws -> MovePlan {
        var (plan, positions) = (MovePlan(), start)
        let state = planner.model.makeState()
        for step in steps {
            try shouldContinue()
            state.update(positions)
            var end = state.pose(of: frame)
            end.translation += step
            let move = planner.move(frame, from: positions, to: end)
            plan.moves.append(move)
            guard move.outcome == .complete, let path = move.path else { break }
            let motion = try motion(path, limits)
            guard motion.sampleCount(rate: rate) != nil else {
                throw RequestError("The motion takes \(motion.duration) s within the robot's limits; check them.")
            }
            plan.trajectory = plan.trajectory.followed(by: motion.sampled(rate: rate))
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
                throw RequestError("The path cannot be timed within the limits.")
            }
            return motion
        }
    }
}

/// Lines, and how they are gone along.
struct MovePlan {
    var moves: [LinearMove] = []
    var trajectory = JointTrajectory(times: [], states: [])
    /// How many samples there are at the end of each line that is complete.
    var ends: [Int] = []
}
