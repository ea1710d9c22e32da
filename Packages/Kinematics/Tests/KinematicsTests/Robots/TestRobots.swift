import Foundation
import Kinematics

/// Small robots written for the tests.
enum TestRobots {
    /// Two links of length 1 in the plane x–y, point masses of 2 kg at their ends, and a fixed tool 0.5 beyond.
    static let planar = """
        <?xml version="1.0"?>
        <robot name="planar" xmlns:xacro="http://www.ros.org/wiki/xacro">
          <link name="base"/>
          <link name="upper"><inertial><origin xyz=" 1  0 0. "/><mass value="2"/>
            <inertia ixx="0" iyy="0" izz="0"/></inertial></link>
          <link name="fore"><inertial><origin xyz="1 0 0"/><mass value="2"/><inertia ixx="0" iyy="0" izz="0"/></inertial></link>
          <link name="tool"/>
          <joint name="shoulder" type="revolute"><parent link="base"/><child link="upper"/><axis xyz="0 0 1"/>
            <limit lower="-3" upper="3" effort="10" velocity="2"/></joint>
          <joint name="elbow" type="revolute"><parent link="upper"/><child link="fore"/><origin xyz="1 0 0"/>
            <axis xyz="0 0 2"/><limit lower="-2.5" upper="2.5E0" effort="5" velocity="0"/></joint>
          <joint name="wrist" type="fixed"><parent link="fore"/><child link="tool"/><origin xyz="1.5 0 0"/></joint>
        </robot>
        """

    static func parse(_ text: String) throws -> RobotDescription {
        try URDFParser.parse(Data(text.utf8), name: "test.urdf")
    }

    static func planarModel(_ configuration: RobotConfiguration? = nil) throws -> RobotModel {
        try RobotModel(parse(planar), configuration: configuration)
    }

    /// A chain of random joints and inertias with a branch, an oblique axis and a sliding joint.
    static func random(seed: UInt64, jointCount: Int = 6) throws -> RobotModel {
        var generator = SeededGenerator(state: seed)
        func word(_ v: Vector3) -> String { "\(v.x) \(v.y) \(v.z)" }
        var text = "<robot name=\"random\"><link name=\"l0\"/>"
        for i in 1...jointCount {
            let parent = i == jointCount ? max(i - 3, 0) : i - 1
            let type = i == 3 ? "prismatic" : "revolute"
            text += """
                <link name="l\(i)"><inertial>
                <origin xyz="\(word(0.2 * generator.vector(-1...1)))" rpy="\(word(generator.vector(-1...1)))"/>
                <mass value="\(Double.random(in: 0.5...3, using: &generator))"/>
                <inertia ixx="0.02" iyy="0.03" izz="0.025" ixy="0.001" ixz="-0.002" iyz="0.003"/></inertial></link>
                <joint name="j\(i)" type="\(type)"><parent link="l\(parent)"/><child link="l\(i)"/>
                <origin xyz="\(word(0.4 * generator.vector(-1...1)))" rpy="\(word(2 * generator.vector(-1...1)))"/>
                <axis xyz="\(word(generator.vector(-1...1)))"/><limit lower="-1" upper="1" effort="1" velocity="1"/></joint>
                """
        }
        return try RobotModel(parse(text + "</robot>"))
    }
}
