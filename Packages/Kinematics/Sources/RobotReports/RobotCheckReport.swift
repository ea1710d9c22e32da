public import FileSupport
public import Kinematics
import TensorCore

/// What is wrong with a robot's description, how its frames differ, and which arm it is.
public struct RobotCheckReport: Codable, TextReport, Sendable {
    /// How far the description is from a table of Denavit-Hartenberg parameters.
    public struct Comparison: Codable, Sendable {
        public var table: String
        public var frame: String
        /// Metres and radians.
        public var distanceAtZero, angleAtZero, largestDistance, largestAngle: Double
        public var verdict: String
    }

    public var findings: [String]
    public var errorCount: Int
    /// The fixed offsets between frames on one rigid body.
    public var offsets: [String]
    public var comparisons: [Comparison]

    /// - Parameters:
    ///   - model: The robot.
    ///   - source: Where its meshes are looked for, and its scene.
    ///   - table: The table to compare with: a name, or a JSON file; `nil` for those of the robot's own name.
    ///   - frame: The frame the table leads to; `nil` for the table's own.
    /// - Throws: `RequestError` for a table that does not fit.
    public init(_ model: RobotModel, from source: RobotSource, table: String? = nil, frame: String? = nil) throws {
        let findings = model.description.findings(searchPaths: source.searchPaths)
        let extra = model.warnings.filter { !model.description.warnings.contains($0) }
        let collision = try source.collision(model)
        self.findings =
            findings.map { "\($0)" } + (extra + (collision?.warnings ?? [])).map { "note: \($0)" }
        errorCount = findings.count { $0.severity == .error }
        offsets = try Self.offsets(model)
        comparisons = try DHTable.requested(table, frame: frame, for: model).map { try Self.compare($0, $1, model) }
    }

    /// Of every moving body, from its first frame to the others on it.
    private static func offsets(_ model: RobotModel) throws -> [String] {
        var bodies: [[RobotModel.Frame]] = []
        for frame in try model.frameNames.map({ try model.frame($0) }) where !model.joints(moving: frame).isEmpty {
            if let k = bodies.firstIndex(where: { model.fixedOffset(from: $0[0], to: frame) != nil }) {
                bodies[k].append(frame)
            } else {
                bodies.append([frame])
            }
        }
        return bodies.flatMap { body in body.dropFirst().map { "\(model.relation(from: body[0], to: $0))" } }
    }

    private static func compare(_ table: DHTable, _ name: String, _ model: RobotModel) throws -> Comparison {
        guard model.coordinateCount >= table.rows.count else {
            throw RequestError("The table has \(table.rows.count) joints, the robot \(model.coordinateCount).")
        }
        var generator = PhiloxGenerator(seed: 1)
        let found = try table.compare(model.frame(name), of: model, using: &generator)
        let agrees = found.largest.distance < 1e-3 && found.largest.angle < 5e-3
        return Comparison(
            table: table.name, frame: name, distanceAtZero: found.atZero.distance, angleAtZero: found.atZero.angle,
            largestDistance: found.largest.distance, largestAngle: found.largest.angle,
            verdict: agrees
                ? "the same arm" : "another arm: zeros, signs or lengths differ; poses of one are wrong for the other")
    }

    public var text: String {
        var lines = findings.isEmpty ? ["nothing found wrong"] : findings
        if !offsets.isEmpty { lines += ["", "frames on one body"] + offsets.map { "  \($0)" } }
        for c in comparisons {
            lines += [
                "",
                "\(c.table) against \(c.frame): \(numbers([1000 * c.distanceAtZero, 1000 * c.largestDistance], "%.3f")) mm, "
                    + "\(numbers([c.angleAtZero, c.largestAngle], "%.2e")) rad (at zero, at most): \(c.verdict)",
            ]
        }
        return lines.joined(separator: "\n")
    }
}
