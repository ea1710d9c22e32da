public import FileSupport
import Kinematics

/// What was planned, and what the checks at every sample found.
public struct MoveReport: Codable, TextReport, Sendable {
    public struct Line: Codable, Sendable {
        public var outcome: String
        /// The share of the line that can be gone.
        public var share: Double
        public var length: Double
    }

    public var robot: String
    public var frame: String
    public var isComplete: Bool
    public var lines: [Line]
    /// Seconds.
    public var duration: Double
    public var sampleCount: Int
    /// Shares of the limits in use; 1 is all.
    public var velocityUsage: Double
    public var accelerationUsage: Double
    public var isWithinLimits: Bool
    /// Metres, of the frame's origin to the line; radians to the orientation.
    public var largestLineError: Double
    public var largestRotationError: Double
    /// Metres to the nearest other part of the robot and obstacle; nil where nothing is known.
    public var selfClearance: Double?
    public var worldClearance: Double?
    public var files: [String] = []

    init(_ writer: MoveWriter, stepCount: Int) {
        let (model, frame, limits, collision) = (writer.model, writer.frame, writer.limits, writer.collision)
        let (moves, trajectory, ends) = (writer.plan.moves, writer.plan.trajectory, writer.plan.ends)
        robot = model.name
        self.frame = model.name(of: frame)
        isComplete = ends.count == stepCount
        lines = moves.map {
            Line(
                outcome: $0.outcome.text, share: $0.outcome.share,
                length: ($0.end.translation - $0.start.translation).length)
        }
        duration = trajectory.duration
        sampleCount = trajectory.states.count
        let usage = trajectory.usage(of: limits, model: model)
        (velocityUsage, accelerationUsage) = (usage.velocity, usage.acceleration)
        isWithinLimits = usage.isWithin()

        let (state, checker) = (model.makeState(), collision?.makeChecker())
        var (line, error, angle) = (0, 0.0, 0.0)
        var (selfGap, worldGap) = (Double.infinity, Double.infinity)
        for (index, sample) in trajectory.states.enumerated() {
            while line + 1 < ends.count && index >= ends[line] { line += 1 }
            state.update(sample.positions)
            let (move, pose) = (moves[line], state.pose(of: frame))
            // the nearest point of the line
            let way = move.end.translation - move.start.translation
            let square = way.dot(way)
            let share = square > 0 ? min(max((pose.translation - move.start.translation).dot(way) / square, 0), 1) : 0
            let difference = pose.difference(to: move.pose(at: share))
            (error, angle) = (max(error, difference.distance), max(angle, difference.angle))
            if let checker {
                checker.update(state)
                selfGap = min(selfGap, checker.selfDistance().distance)
                worldGap = min(worldGap, checker.worldDistance().distance)
            }
        }
        (largestLineError, largestRotationError) = (error, angle)
        selfClearance = selfGap.isFinite ? selfGap : nil
        worldClearance = worldGap.isFinite ? worldGap : nil
    }

    public var text: String {
        var text = "\(robot), \(frame): " + (isComplete ? "planned" : "no plan for the whole way") + "\n"
        for (index, line) in lines.enumerated() {
            text += "line \(index + 1)     \(numbers([line.length], "%.3f")) m, \(line.outcome)\n"
        }
        guard sampleCount > 0 else { return text + "nothing was written" }
        text += "duration   \(numbers([duration], "%.3f")) s, \(sampleCount) samples\n"
        text +=
            "limits     \(isWithinLimits ? "kept" : "NOT KEPT"): \(numbers([100 * velocityUsage], "%.1f")) % of the "
        text += "velocity, \(numbers([100 * accelerationUsage], "%.1f")) % of the acceleration\n"
        text += "line       \(numbers([1e6 * largestLineError], "%.2f")) um off at most, "
        text += "\(numbers([1e6 * largestRotationError], "%.2f")) urad\n"
        func gap(_ value: Double?, _ unknown: String) -> String {
            value.map { numbers([1000 * $0], "%.1f") + " mm" } ?? unknown
        }
        text += "clearance  to itself: \(gap(selfClearance, "not known, the robot has no spheres")), "
        text += "to the scene: \(gap(worldClearance, "none given"))"
        return files.isEmpty ? text : text + "\nwritten    " + files.joined(separator: " ")
    }
}

extension LinearMove.Outcome {
    /// The outcome in words.
    public var text: String {
        func percent(_ share: Double) -> String { "\(numbers([100 * share], "%.0f")) %" }
        return switch self {
        case .complete: "complete"
        case .unreachable(let share): "ends after \(percent(share)): the next pose cannot be reached"
        case .jump(let share, let joint): "ends after \(percent(share)): \(joint) would have to jump"
        case .collision(let share): "ends after \(percent(share)): the next pose collides"
        case .noStart: "the first pose cannot be reached"
        }
    }
}
