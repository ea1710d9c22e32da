import Foundation
import Kinematics
import TensorTestSupport
import Testing

@Suite struct RobotConfigurationTests {
    private func parse(_ text: String) throws -> RobotConfiguration {
        try RobotConfiguration.parse(Data(text.utf8), name: "robot.yml")
    }

    static let curobo = """
        # a comment
        robot_cfg:
          kinematics:
            urdf_path: robot/arm.urdf
            asset_root_path: robot
            base_link: base
            ee_link: tool
            lock_joints: null
            collision_link_names: [upper, fore]
            collision_sphere_buffer: {upper: 0.01}
            collision_spheres:
              upper:
                - "center": [0.5, -0, 0]
                  radius: 1.0e-1 # metres
            extra_collision_spheres: {held: 2}
            self_collision_buffer:
              upper: 0.05
            self_collision_ignore: {upper: [fore]}
            extra_links:
              held:
                parent_link_name: tool
                fixed_transform: [0, 0, 0.1, 2, 0, 0, 0]
                joint_type: FIXED
            cspace:
              joint_names: [shoulder, elbow]
              retract_config: [0.1, 0.2]
              max_acceleration: 12
              max_jerk: [500, 400]
              position_limit_clip: 0.1
        """

    @Test func curoboFileIsRead() throws {
        let configuration = try parse(Self.curobo)
        #expect(configuration.urdf == "robot/arm.urdf")
        #expect(configuration.toolFrames == ["tool"])
        #expect(configuration.collisionSpheres["upper"] == [.init(center: Vector3(0.5, 0, 0), radius: 0.1)])
        #expect(configuration.collisionSpheres["held"]?.map(\.radius) == [-10, -10])
        #expect(configuration.linkSphereBuffers == ["upper": 0.01])
        #expect(configuration.selfCollisionIgnore == ["upper": ["fore"]])
        #expect(configuration.extraFrames.map(\.name) == ["held"])
        #expect(configuration.maximumJerk == [500, 400])

        let model = try TestRobots.planarModel(configuration)
        #expect(model.preferredPositions == [0.1, 0.2])
        #expect(model.coordinates.map(\.acceleration) == [12, 12])
        #expect(model.coordinates.map(\.jerk) == [500, 400])
        #expect(model.coordinates[0].upper == 2.9)
        let (tool, held) = (try model.frame("tool"), try model.frame("held"))
        #expect(model.fixedOffset(from: tool, to: held)?.translation == Vector3(0, 0, 0.1))
    }

    @Test(arguments: [
        ("joint_names: [a, a]", RobotFileError.Kind.duplicateName), ("joint_names: 3", .invalidValue),
        ("a: [1, 2", .malformed), ("", .malformed), ("- 1", .wrongRoot), ("a: 1\na: 2", .malformed),
        ("collision_spheres: {a: [{center: [0, 0], radius: 1}]}", .invalidValue),
        ("collision_spheres: {a: [{center: [0, 0, 0]}]}", .missing),
        ("collision_spheres: {a: [{center: [0, 0, 0], radius: x}]}", .invalidValue),
        ("collision_spheres: nowhere.yml", .cannotRead), ("lock_joints: {a: .inf}", .invalidValue),
        ("extra_frames: {f: {xyz: [0, 0, 0]}}", .missing),
        ("extra_frames: {f: {parent: a, quat_wxyz: [0, 0, 0, 0]}}", .invalidValue),
        ("max_jerk: 0", .invalidValue), ("position_limit_clip: -1", .invalidValue),
        (String(repeating: "[", count: 500), .limitExceeded),
        (String(repeating: "- ", count: 2000) + "a", .limitExceeded),
    ])
    func malformedFileNamesItsKind(text: String, kind: RobotFileError.Kind) {
        let error = #expect(throws: RobotFileError.self) { try parse(text) }
        #expect(error?.kind == kind)
        #expect(error?.file == "robot.yml")
    }

    @Test func errorsNameLineAndKey() throws {
        let error = #expect(throws: RobotFileError.self) { try parse("name: r\ncspace:\n  max_jerk: fast\n") }
        #expect(error?.line == 3)
        #expect(error?.element == "key 'cspace.max_jerk'")
        let unknown = try parse("joint_names: [shoulder]\nlock_joints: {elbwo: 1}")
        let missing = #expect(throws: RobotFileError.self) { try TestRobots.planarModel(unknown) }
        #expect(missing?.kind == .unknownName)
        #expect(missing?.description.contains("elbow") == true)
    }
}
