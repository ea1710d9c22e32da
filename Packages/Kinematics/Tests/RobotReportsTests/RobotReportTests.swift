import FileSupport
import Foundation
import Kinematics
import RobotReports
import Testing

/// Reports of the built-in robots, which need no file.
@Suite struct RobotReportTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("RobotReportTests-\(UUID())")

    private func model(_ description: RobotDescription, _ name: String) throws -> RobotModel {
        try RobotModel(description, configuration: RobotConfiguration.builtIn[name])
    }

    @Test func robotIsListedWithItsCoordinatesAndFrames() throws {
        let piper = try model(.piper, "piper")
        let report = try RobotReport(piper, collision: nil)
        #expect(report.coordinates.map(\.joint) == piper.coordinates.map(\.joint))
        #expect(report.frames.map(\.name) == piper.frameNames && report.sphereCount == 0)
        #expect(report.text.hasPrefix("\(piper.name): \(piper.coordinateCount) coordinates, "))
        // a column is ten characters wide
        let row = try #require(report.text.split(separator: "\n").first { $0.hasPrefix("joint1 ") })
        #expect(row.split(separator: " ").count == 8)
        let again = try JSONDecoder().decode(RobotReport.self, from: JSONEncoder().encode(report))
        #expect(again.text == report.text)
    }

    @Test func forwardAndInverseReportsAgree() throws {
        let piper = try model(.piper, "piper")
        let positions = [0, 1.2, -1.2, 0, 0.9, 0]
        let forward = try ForwardReport(piper, at: positions, frames: ["gripper_tip"])
        let pose = try #require(forward.poses.first?.pose)
        #expect(forward.isWithinLimits && forward.text == "gripper_tip  \(pose.text)")
        let q = pose.quaternionWXYZ
        let target = PoseTarget(
            try piper.frame("gripper_tip"),
            pose: Pose(
                rotation: try Rotation(Quaternion(SIMD4(q[0], q[1], q[2], q[3]), order: .wxyz)),
                translation: Vector3(pose.xyz)))
        let inverse = try InverseReport(piper, from: RobotSource("piper"), to: target, startingAt: positions)
        #expect(inverse.outcome == "reached" && inverse.positionError < 1e-5 && inverse.isWorldCollisionFree == nil)
        #expect(inverse.text.split(separator: "\n").count == 6)
    }

    @Test func piperIsItsOwnArmAndNoOther() throws {
        let piper = try model(.piper, "piper")
        let source = RobotSource("piper")
        let report = try RobotCheckReport(piper, from: source)
        #expect(report.errorCount == 0)
        #expect(report.comparisons.map { $0.verdict == "the same arm" } == [true, false])
        #expect(throws: RequestError.self) { try RobotCheckReport(piper, from: source, table: "/no/such/table.json") }
        #expect(throws: RequestError.self) { try RobotSource("r2d2").model() }
    }

    @Test func moveIsPlannedCheckedAndWritten() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var request = MoveRequest(RobotSource("piper"), steps: [Vector3(0, 0, 0.02), Vector3(0, 0, -0.02)])
        (request.frame, request.start, request.rate) = ("gripper_tip", [0, 1.2, -1.2, 0, 0.9, 0], 100)
        request.scale = 0.9
        let report = try request.plan(to: folder)
        #expect(report.isComplete && report.isWithinLimits && report.lines.map(\.outcome) == ["complete", "complete"])
        #expect(abs(report.lines[0].length - 0.02) < 1e-9 && report.largestLineError < 1e-4)
        let names = report.files.map { URL(fileURLWithPath: $0).lastPathComponent }
        #expect(names == ["motion.json", "motion.csv", "can.txt", "plot.svg", "motion.png", "steps.png"])
        let rows = try String(contentsOf: folder.appendingPathComponent("motion.csv"), encoding: .utf8)
            .split(separator: "\n")
        #expect(rows.count == 1 + report.sampleCount && rows[0].hasPrefix("time,joint1,"))
        let plot = try String(contentsOf: folder.appendingPathComponent("plot.svg"), encoding: .utf8)
        #expect(plot.components(separatedBy: "<polyline").count > 3 && plot.contains("gripper_tip, way from the start"))
    }

    @Test func movesEndWhenTold() throws {
        struct Stop: Error {}
        let request = MoveRequest(RobotSource("piper"), steps: [Vector3(0, 0, 0.02)])
        var asked = 0
        #expect(throws: Stop.self) {
            try request.plan {
                asked += 1
                throw Stop()
            }
        }
        #expect(asked == 1)
    }
}
