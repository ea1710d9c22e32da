import ArgumentParser
import Foundation
import Kinematics

struct RobotInfo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Print a robot's coordinates, limits and frames.",
        discussion: """
            EXAMPLES
              vla robot info --robot panda
              vla robot info --robot arm.urdf --json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Report: Codable {
        struct Coordinate: Codable {
            var joint: String
            var kind: String
            var lower: Double?
            var upper: Double?
            var velocity: Double?
            var acceleration: Double?
            var jerk: Double?
            var effort: Double
            var preferred: Double
        }

        struct Frame: Codable {
            var name: String
            /// The last joint that moves it, nil on the base.
            var movedBy: String?
            var pose: PoseReport
        }

        var name: String
        var file: String
        var baseLink: String
        var coordinates: [Coordinate]
        var frames: [Frame]
        var movingMass: Double
        var sphereCount: Int
        var selfPairCount: Int
        var warnings: [String]
    }

    func run() throws {
        common.apply()
        let model = try options.model()
        let collision = try options.collision(model)
        let state = model.makeState()
        func known(_ value: Double) -> Double? { value.isFinite ? value : nil }
        let report = Report(
            name: model.name, file: model.description.file, baseLink: model.baseLink,
            coordinates: model.coordinates.map {
                .init(
                    joint: $0.joint, kind: $0.isPrismatic ? "prismatic" : $0.isContinuous ? "continuous" : "revolute",
                    lower: known($0.lower), upper: known($0.upper), velocity: known($0.velocity),
                    acceleration: known($0.acceleration), jerk: known($0.jerk), effort: $0.effort,
                    preferred: $0.preferred)
            },
            frames: try model.frameNames.map { name in
                let frame = try model.frame(name)
                return .init(
                    name: name, movedBy: model.joints(moving: frame).last.map { model.jointNames[$0] },
                    pose: PoseReport(state.pose(of: frame)))
            },
            movingMass: state.movingMass, sphereCount: collision?.spheres.count ?? 0,
            selfPairCount: collision?.selfPairs.count ?? 0,
            warnings: (model.warnings + (collision?.warnings ?? [])).map { "\($0)" })
        if json { try printJSON(report) } else { print(text(report)) }
    }

    private func text(_ report: Report) -> String {
        func column(_ text: String, _ width: Int) -> String {
            text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
        }
        func number(_ value: Double?) -> String {
            let text = value.map { numbers([$0], "%.4f") } ?? "none"
            return String(repeating: " ", count: max(10 - text.count, 1)) + text
        }
        var lines = [
            "\(report.name): \(report.coordinates.count) coordinates, \(report.frames.count) frames, base "
                + "\(report.baseLink), \(numbers([report.movingMass], "%.3f")) kg moving",
            report.file, "",
        ]
        let width = (report.coordinates.map(\.joint.count) + report.frames.map(\.name.count)).max() ?? 0
        let heads = ["lower", "upper", "velocity", "accel.", "jerk", "effort", "preferred"]
        lines.append(
            column("joint (rad, m)", width)
                + heads.map { String(repeating: " ", count: max(10 - $0.count, 1)) + $0 }.joined())
        for c in report.coordinates {
            let values = [c.lower, c.upper, c.velocity, c.acceleration, c.jerk, c.effort, c.preferred]
            lines.append(column(c.joint, width) + values.map(number).joined())
        }
        lines += ["", column("frame", width) + "  moved by, and where it is at the preferred posture"]
        for frame in report.frames {
            lines.append("\(column(frame.name, width))  \(column(frame.movedBy ?? "(base)", 20))  \(frame.pose.text)")
        }
        lines += ["", "\(report.sphereCount) collision spheres, \(report.selfPairCount) pairs tested"]
        return (lines + report.warnings.map { "warning: \($0)" }).joined(separator: "\n")
    }
}
