import ArgumentParser

struct Robot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Inspect robot arms, compute kinematics, and plan motions within limits.",
        discussion: """
            A robot is 'panda' or 'piper', a URDF, or a robot file (*.robot.json, cuRobo's YAML). The names are looked up
            as NAME/NAME.robot.json below VLA_ROBOTS, or below 'robots' in VLA_SHARED; where neither is there, the
            built-in joints and limits are used, which have no shapes and no masses.

            EXAMPLES
              vla robot info --robot panda
              vla robot check --robot arm.urdf
              vla robot move --robot piper --frame gripper_tip --up 0.10 --down 0.10 -o out/
            """,
        subcommands: [
            RobotInfo.self, RobotCheck.self, RobotForward.self, RobotInverse.self, RobotMove.self, RobotSpheres.self,
        ])
}
