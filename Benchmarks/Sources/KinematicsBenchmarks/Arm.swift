import Foundation
import Kinematics
import TensorCore

/// An arm of the fixtures with the targets of its inverse kinematics.
struct Arm {
    let name: String
    let frameName: String
    /// All joints, the fingers independent: what Pinocchio computes with.
    let full: RobotModel
    /// As its robot file says, the fingers locked.
    let arm: RobotModel
    let folder: URL

    init(_ name: String, frame: String) throws {
        let environment = ProcessInfo.processInfo.environment["VLA_SHARED"]
        let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        folder =
            environment.map { URL(fileURLWithPath: $0) }
            ?? project.deletingLastPathComponent().appendingPathComponent("shared")
        self.name = name
        frameName = frame
        let file = folder.appendingPathComponent("robots/\(name)/\(name).robot.json")
        arm = try RobotModel(at: file)
        full = try RobotModel(arm.description, mimic: .independent)
    }

    /// Targets and starts of the protocol.
    func targets() throws -> (targets: [PoseTarget], starts: [[Double]]) {
        let file = try SafetensorsFile(at: folder.appendingPathComponent("golden/kinematics/\(name).safetensors"))
        func rows(_ tensor: String) throws -> [[Double]] {
            let values = try file.tensor(tensor).elements(of: Double.self)
            let count = try file.info(tensor).shape.sizes[0]
            let width = values.count / count
            return (0..<count).map { Array(values[$0 * width..<($0 + 1) * width]) }
        }
        let frame = try arm.frame(frameName)
        let targets = try rows("ik_target/\(frameName)").map { m in
            let rotation = try Rotation(
                matrix: Matrix3(rows: Vector3(m[0], m[1], m[2]), Vector3(m[4], m[5], m[6]), Vector3(m[8], m[9], m[10])))
            return PoseTarget(frame, pose: Pose(rotation: rotation, translation: Vector3(m[3], m[7], m[11])))
        }
        let columns = arm.coordinates.map { full.coordinate(ofJoint: $0.joint)! }
        return (targets, try rows("ik_seed").map { row in columns.map { row[$0] } })
    }
}
