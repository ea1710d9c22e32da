public import FileSupport
import Foundation
public import Kinematics

/// Grasps that were found, and those of them within a robot's reach.
public struct GraspDetectionReport: Codable, TextReport, Sendable {
    public var method: String
    public var pointCount: Int
    /// Found before the robot's reach was looked at.
    public var foundCount: Int
    public var grasps: [GraspReport]
    public var seconds: Double
    public var files: [String]

    private var robot: String?

    private enum CodingKeys: String, CodingKey {
        case method, pointCount, foundCount, grasps, seconds, files
    }

    /// Finds grasps, keeps those within reach, and writes them.
    ///
    /// - Parameters:
    ///   - input: What is grasped.
    ///   - method: The detector's name in the report.
    ///   - detector: Finds grasps in a cloud in the camera's frame, the best first.
    ///   - count: Grasps kept of a mesh.
    ///   - seed: Of what is drawn on a mesh.
    ///   - reach: A robot by its name, and where the camera or mesh is in its base; `nil` to keep all grasps.
    ///   - folder: Gets `grasps.npy`, `grasps.ply` and `grasps.png`; `nil` to write nothing.
    public init(
        _ input: GraspInput, method: String, detector: (PointCloud) throws -> GraspGroup, count: Int, seed: UInt64,
        within reach: (name: String, robot: GraspReachability, baseFromCamera: Pose)? = nil, to folder: URL? = nil
    ) throws {
        let begin = ContinuousClock.now
        let (cloud, found) = try input.detect(by: detector, count: count, seed: seed)
        let reachable = try reach.map { try $0.robot.mask(found.transformed(by: $0.baseFromCamera)) }
        let kept = reachable.map { found[mask: $0] } ?? found
        seconds = (ContinuousClock.now - begin) / .seconds(1)
        (self.method, pointCount, foundCount) = (input.isMesh ? "mesh" : method, cloud.count, found.count)
        grasps = kept.map { GraspReport($0, isReachable: reach == nil ? nil : true) }
        files = try folder.map { try kept.write(with: cloud, to: $0) } ?? []
        robot = reach?.name
    }

    public var text: String {
        var lines = ["\(foundCount) grasps by \(method) in \(pointCount) points, \(String(format: "%.2f", seconds)) s"]
        if let robot { lines.append("\(grasps.count) of \(foundCount) within the reach of \(robot)") }
        lines += grasps.prefix(10).map(\.text)
        if grasps.count > 10 { lines.append("… and \(grasps.count - 10) more") }
        return (lines + files.map { "wrote \($0)" }).joined(separator: "\n")
    }
}

extension GraspReachability {
    /// The reach of a robot with a tool.
    ///
    /// - Parameters:
    ///   - model: The robot.
    ///   - name: Of a built-in tool.
    ///   - frame: The tool frame of a robot without one: z is its approach, y its closing direction.
    ///   - collision: What is avoided.
    /// - Throws: `RequestError` where the tool is not known.
    public init(_ model: RobotModel, tool name: String, frame: String?, avoiding collision: CollisionModel?) throws {
        var tool = ToolConvention.builtIn[name]
        if let frame { tool = ToolConvention(frame: frame, graspFromTool: ToolConvention.panda.graspFromTool) }
        guard let tool else {
            throw RequestError(
                "Name the tool frame of \(name) with --frame: z its approach, y its closing direction.")
        }
        var solver = InverseKinematics(model, avoiding: collision)
        solver.options.startLimit = 30
        try self.init(solver, tool: tool)
    }
}
