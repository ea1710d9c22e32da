import ArgumentParser
import Foundation
import Kinematics
import TensorCore

struct RobotCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with a robot's description, how its tool frames differ, and which arm it is.",
        discussion: """
            Reports inertias no body has, limits, missing meshes; the fixed offsets between frames on one rigid body
            (hand, flange, gripper, tool centre); and how far the description is from a table of Denavit-Hartenberg
            parameters: 'panda', 'piper', 'piper-early' (firmware without the 2° offset), 'ur10e', or a JSON file

              {"name": "arm", "frame": "link6", "convention": "modified",
               "rows": [{"alpha": -90, "a": 0, "theta": 0, "d": 0.123}, …]}

            of degrees and metres; the convention is 'modified' or 'classic'. Ends with 1 when there is an error.

            EXAMPLES
              vla robot check --robot piper
              vla robot check --robot piper_2024.urdf --dh piper --frame link6
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Option(help: "The table to compare with; by the robot's name when left out.")
    var dh: String?

    @Option(help: "The frame the table leads to.")
    var frame: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Table: Codable {
        struct Row: Codable {
            var alpha: Double
            var a: Double
            var theta: Double
            var d: Double
        }
        enum Convention: String, Codable { case modified, classic }
        var name: String
        var frame: String?
        /// Modified when left out.
        var convention: Convention?
        var rows: [Row]
    }

    struct Report: Codable {
        struct Comparison: Codable {
            var table: String
            var frame: String
            /// Metres and radians.
            var distanceAtZero: Double
            var angleAtZero: Double
            var largestDistance: Double
            var largestAngle: Double
            var verdict: String
        }

        var findings: [String]
        var errorCount: Int
        var offsets: [String]
        var comparisons: [Comparison]
    }

    func run() throws {
        common.apply()
        let model = try options.model()
        let findings = model.description.findings(searchPaths: options.searchPaths)
        let extra = model.warnings.filter { !model.description.warnings.contains($0) }
        let collision = try options.collision(model)
        var report = Report(
            findings: findings.map { "\($0)" } + (extra + (collision?.warnings ?? [])).map { "note: \($0)" },
            errorCount: findings.count { $0.severity == .error }, offsets: try offsets(model), comparisons: [])
        for (table, frame) in try tables(model) {
            report.comparisons.append(try compare(table, frame, model))
        }
        if json { try printJSON(report) } else { print(text(report)) }
        if report.errorCount > 0 { throw ExitCode(1) }
    }

    /// Of every moving body, from its first frame to the others on it.
    private func offsets(_ model: RobotModel) throws -> [String] {
        var (bodies, rest): ([[RobotModel.Frame]], [String]) = ([], [])
        for frame in try model.frameNames.map({ try model.frame($0) }) where !model.joints(moving: frame).isEmpty {
            if let k = bodies.firstIndex(where: { model.fixedOffset(from: $0[0], to: frame) != nil }) {
                bodies[k].append(frame)
            } else {
                bodies.append([frame])
            }
        }
        for body in bodies { rest += body.dropFirst().map { "\(model.relation(from: body[0], to: $0))" } }
        return rest
    }

    private func tables(_ model: RobotModel) throws -> [(DHTable, String)] {
        let name = dh ?? ["panda", "piper", "ur10e"].first { model.name.lowercased().contains($0) }
        switch name {
        case nil: return []
        case "panda": return [(.panda, frame ?? "panda_link8")]
        case "piper":
            return [(.piper(), frame ?? "link6")] + (dh == nil ? [(.piper(hasOffset: false), frame ?? "link6")] : [])
        case "ur10e": return [(.ur10e, frame ?? "tool0")]
        case "piper-early": return [(.piper(hasOffset: false), frame ?? "link6")]
        case let file?:
            let data: Data
            do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
                throw ValidationError(
                    "--dh \(file): no such table or file. There are panda, piper, piper-early and ur10e.")
            }
            let table: Table
            do { table = try JSONDecoder().decode(Table.self, from: data) } catch {
                throw ValidationError("--dh \(file) is no table: \(error)")
            }
            guard let frame = frame ?? table.frame else {
                throw ValidationError("Name the table's frame with --frame.")
            }
            let rows = table.rows.map {
                DHTable.Row(twist: $0.alpha * .pi / 180, length: $0.a, offset: $0.theta * .pi / 180, distance: $0.d)
            }
            let isClassic = table.convention == .classic
            return [(isClassic ? DHTable(table.name, classic: rows) : DHTable(table.name, rows: rows), frame)]
        }
    }

    private func compare(_ table: DHTable, _ name: String, _ model: RobotModel) throws -> Report.Comparison {
        guard model.coordinateCount >= table.rows.count else {
            throw ValidationError(
                "The table has \(table.rows.count) joints, the robot \(model.coordinateCount).")
        }
        var generator = PhiloxGenerator(seed: 1)
        let found = try table.compare(model.frame(name), of: model, using: &generator)
        let agrees = found.largest.distance < 1e-3 && found.largest.angle < 5e-3
        return .init(
            table: table.name, frame: name, distanceAtZero: found.atZero.distance, angleAtZero: found.atZero.angle,
            largestDistance: found.largest.distance, largestAngle: found.largest.angle,
            verdict: agrees
                ? "the same arm" : "another arm: zeros, signs or lengths differ; poses of one are wrong for the other")
    }

    private func text(_ report: Report) -> String {
        var lines = report.findings.isEmpty ? ["nothing found wrong"] : report.findings
        if !report.offsets.isEmpty { lines += ["", "frames on one body"] + report.offsets.map { "  \($0)" } }
        for c in report.comparisons {
            lines += [
                "",
                "\(c.table) against \(c.frame): \(numbers([1000 * c.distanceAtZero, 1000 * c.largestDistance], "%.3f")) mm, "
                    + "\(numbers([c.angleAtZero, c.largestAngle], "%.2e")) rad (at zero, at most): \(c.verdict)",
            ]
        }
        return lines.joined(separator: "\n")
    }
}
