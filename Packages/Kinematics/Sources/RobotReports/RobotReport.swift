public import FileSupport
public import Kinematics

/// A robot's coordinates, limits and frames.
public struct RobotReport: Codable, TextReport, Sendable {
    public struct Coordinate: Codable, Sendable {
        public var joint: String
        /// `revolute`, `continuous` or `prismatic`.
        public var kind: String
        /// `nil` where there is no limit.
        public var lower, upper, velocity, acceleration, jerk: Double?
        public var effort: Double
        public var preferred: Double
    }

    public struct Frame: Codable, Sendable {
        public var name: String
        /// The last joint that moves it; `nil` on the base.
        public var movedBy: String?
        /// At the preferred posture.
        public var pose: PoseReport
    }

    public var name: String
    public var file: String
    public var baseLink: String
    public var coordinates: [Coordinate]
    public var frames: [Frame]
    /// Kilograms.
    public var movingMass: Double
    public var sphereCount: Int
    public var selfPairCount: Int
    public var warnings: [String]

    public init(_ model: RobotModel, collision: CollisionModel?) throws {
        let state = model.makeState()
        func known(_ value: Double) -> Double? { value.isFinite ? value : nil }
        (name, file, baseLink) = (model.name, model.description.file, model.baseLink)
        coordinates = model.coordinates.map {
            Coordinate(
                joint: $0.joint, kind: $0.isPrismatic ? "prismatic" : $0.isContinuous ? "continuous" : "revolute",
                lower: known($0.lower), upper: known($0.upper), velocity: known($0.velocity),
                acceleration: known($0.acceleration), jerk: known($0.jerk), effort: $0.effort,
                preferred: $0.preferred)
        }
        frames = try model.frameNames.map { name in
            let frame = try model.frame(name)
            return Frame(
                name: name, movedBy: model.joints(moving: frame).last.map { model.jointNames[$0] },
                pose: PoseReport(state.pose(of: frame)))
        }
        movingMass = state.movingMass
        sphereCount = collision?.spheres.count ?? 0
        selfPairCount = collision?.selfPairs.count ?? 0
        warnings = (model.warnings + (collision?.warnings ?? [])).map { "\($0)" }
    }

    public var text: String {
        func column(_ text: String) -> String { " " + text.right(9) }
        var lines = [
            "\(name): \(coordinates.count) coordinates, \(frames.count) frames, base \(baseLink), "
                + "\(numbers([movingMass], "%.3f")) kg moving",
            file, "",
        ]
        let width = (coordinates.map(\.joint.count) + frames.map(\.name.count)).max() ?? 0
        let heads = ["lower", "upper", "velocity", "accel.", "jerk", "effort", "preferred"]
        lines.append("joint (rad, m)".left(width) + heads.map(column).joined())
        for c in coordinates {
            let values = [c.lower, c.upper, c.velocity, c.acceleration, c.jerk, c.effort, c.preferred]
            lines.append(
                c.joint.left(width)
                    + values.map { column($0.map { numbers([$0], "%.4f") } ?? "none") }.joined())
        }
        lines += ["", "frame".left(width) + "  moved by, and where it is at the preferred posture"]
        for frame in frames {
            lines.append("\(frame.name.left(width))  \((frame.movedBy ?? "(base)").left(20))  \(frame.pose.text)")
        }
        lines += ["", "\(sphereCount) collision spheres, \(selfPairCount) pairs tested"]
        return (lines + warnings.map { "warning: \($0)" }).joined(separator: "\n")
    }
}
