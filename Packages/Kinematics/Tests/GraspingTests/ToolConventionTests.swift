import Foundation
import Grasping
import Kinematics
import TensorCore
import Testing

@Suite struct ToolConventionTests {
    /// The robot, its tool frame, and a finger's frame whose joint moves along its axis.
    private static let hands: [(robot: RobotDescription, tool: ToolConvention, joint: String)] = [
        (.panda, .panda, "panda_finger_joint1"), (.panda, .robosuiteGripSite, "panda_finger_joint1"),
        (.piper, .piper, "joint7"),
    ]

    /// With the tool frame at the grasp, a finger's travel is along the closing direction and the hand looks along x.
    @Test(arguments: hands.indices)
    func fingersCloseAlongTheClosingDirection(index: Int) throws {
        let (robot, tool, joint) = Self.hands[index]
        let model = try RobotModel(robot)
        let frame = try model.frame(tool.frame)
        let finger = try model.frame(try #require(robot.joints.first { $0.name == joint }).child)
        let coordinate = try #require(model.coordinates.firstIndex { $0.joint == joint })

        var generator = PhiloxGenerator(seed: 2)
        let grasp = Grasp(
            depth: 0.03, rotation: randomRotation(using: &generator).matrix, translation: Vector3(0.4, 0.1, 0.2))
        let worldFromTool = try grasp.toolPose(tool)

        let state = model.makeState()
        var positions = model.preferredPositions
        func fingerInTool(_ opening: Double) -> Vector3 {
            positions[coordinate] = opening
            state.update(positions)
            return state.pose(of: frame).inverse * state.position(of: finger)
        }
        let travel = fingerInTool(0.03) - fingerInTool(0.01)
        let inWorld = worldFromTool.rotation * travel
        #expect(abs(abs(inWorld.dot(grasp.closingDirection)) - 0.02) < 1e-9)

        // the fingers lie before the hand, on the approach
        let hand = try model.frame(robot.name == "panda" ? "panda_hand" : "gripper_base")
        let behind = state.pose(of: frame).inverse * state.position(of: hand)
        let direction = worldFromTool.rotation * (-1 * behind)
        #expect(direction.dot(grasp.approach) > 0.09)

        // the tips are where the grasp wants them
        let tip = worldFromTool.translation + tool.tipDistance * grasp.approach
        #expect((tip - grasp.tip).length < 1e-12)
    }

    /// The tip of robosuite's grip site is where Franka's TCP is.
    @Test func gripSiteLiesBehindTheTip() throws {
        let model = try RobotModel(.panda)
        let relation = model.relation(
            from: try model.frame("libero_grip_site"), to: try model.frame("panda_hand_tcp"))
        let offset = try #require(relation.offset)
        #expect(abs(offset.translation.z - ToolConvention.robosuiteGripSite.tipDistance) < 1e-9)
    }

    @Test func mirroredGraspHasNoToolPose() {
        var grasp = Grasp()
        grasp.rotation = Matrix3(columns: Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, -1))
        #expect(throws: RotationError.self) { try grasp.toolPose(.panda) }
    }

    @Test func rectangleRoundTrips() throws {
        let camera = PinholeCamera.realsense
        let grasp = Grasp(
            score: 0.7, width: 0.05, depth: 0.02,
            rotation: Matrix3(columns: Vector3(0, 0, 1), Vector3(0.6, 0.8, 0), Vector3(-0.8, 0.6, 0)),
            translation: Vector3(0.1, -0.05, 0.6), objectID: 4)
        let rectangle = try #require(RectangleGrasp(grasp, camera: camera))
        let again = rectangle.grasp(camera: camera, depth: grasp.tip.z, reaching: grasp.depth)
        #expect(deviation(again.row, grasp.row) < 1e-6)
        #expect(RectangleGrasp(Grasp(translation: Vector3(0, 0, 1)), camera: camera) == nil)
    }
}
