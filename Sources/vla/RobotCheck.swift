import ArgumentParser
import Foundation
import Kinematics
import TensorCore

struct RobotCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with a robot's description, how its tool frames differ, and which arm it is.",
        discussion: """
            Reports inertias no body has, limits, missing meshes; the fixed offsets between all frames behind the last
            joint (hand, flange, gripper, tool centre); and how far the description is from a table of Denavit-Hartenberg
            parameters: 'panda', 'piper', 'piper-early' (firmware without the 2° offset), or a JSON file

              {"name": "arm", "frame": "link6", "rows": [{"alpha": -90, "a": 0, "theta": 0, "d": 0.123}, …]}

            of modified parameters, degrees and metres. Ends with 1 when there is an error.

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
        var name: String
        var frame: String?
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

    /// From the last moving link to every other frame on it.
    private func offsets(_ model: RobotModel) throws -> [String] {
        let frames = try model.frameNames.map { try model.frame($0) }
        guard let deepest = frames.max(by: { model.joints(moving: $0).count < model.joints(moving: $1).count }),
            let first = frames.first(where: { model.fixedOffset(from: $0, to: deepest) != nil })
        else { return [] }
        return frames.filter { $0 != first && model.fixedOffset(from: first, to: $0) != nil }
            .map { "\(model.relation(from: first, to: $0))" }
    }

    private func tables(_ model: RobotModel) throws -> [(DHTable, String)] {
        let name = dh ?? ["panda", "piper"].first { model.name.lowercased().contains($0) }
        switch name {
        case nil: return []
        case "panda": return [(.panda, frame ?? "panda_link8")]
        case "piper":
            return [(.piper(), frame ?? "link6")] + (dh == nil ? [(.piper(hasOffset: false), frame ?? "link6")] : [])
        case "piper-early": return [(.piper(hasOffset: false), frame ?? "link6")]
        case let file?:
            let data: Data
            do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
                throw ValidationError("--dh \(file): no such table or file. There are panda, piper and piper-early.")
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
            return [(DHTable(table.name, rows: rows), frame)]
        }
    }

    private func compare(_ table: DHTable, _ name: String, _ model: RobotModel) throws -> Report.Comparison {
        guard model.coordinateCount >= table.rows.count else {
            throw ValidationError(
                "The table has \(table.rows.count) joints, the robot \(model.coordinateCount).")
        }
        var generator = CounterGenerator(seed: 1)
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
        lines += ["", "frames behind the last joint"] + report.offsets.map { "  \($0)" }
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
