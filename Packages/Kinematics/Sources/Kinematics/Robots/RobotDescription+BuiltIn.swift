/// Arms that are known without a file: their joints by the vendor's tables, their limits, and the frames of their hands.
///
/// They have neither inertias nor shapes; a robot file brings those.
extension RobotDescription {
    /// What is built in, by name.
    public static let builtIn: [String: RobotDescription] = ["panda": .panda, "piper": .piper]

    /// A chain of revolute joints along a DH table.
    private static func chain(
        _ name: String, _ table: DHTable, joint: (Int) -> String, link: (Int) -> String,
        limits: [(lower: Double, upper: Double, velocity: Double, effort: Double)]
    ) -> RobotDescription {
        var result = RobotDescription(
            name: name, file: "built-in \(name)", links: [bare(link(0))], joints: [], warnings: [])
        for (i, row) in table.rows.enumerated() {
            // a row is Rx(α) Tx(a) Rz(offset) Tz(d) with the joint's turn about z behind it
            let x = Pose(
                rotation: Rotation(exponential: Vector3(row.twist, 0, 0)), translation: Vector3(row.length, 0, 0))
            let z = Pose(
                rotation: Rotation(exponential: Vector3(0, 0, row.offset)), translation: Vector3(0, 0, row.distance))
            let limit = limits[i]
            result.links.append(bare(link(i + 1)))
            result.joints.append(
                Joint(
                    name: joint(i + 1), line: nil, kind: .revolute, parent: link(i), child: link(i + 1), origin: x * z,
                    axis: Vector3(0, 0, 1),
                    limits: Limits(
                        lower: limit.lower, upper: limit.upper, effort: limit.effort, velocity: limit.velocity),
                    mimic: nil, damping: 0, friction: 0, softLimits: nil))
        }
        return result
    }

    private static func bare(_ name: String) -> Link {
        Link(name: name, line: nil, inertial: nil, collisions: [], visuals: [])
    }

    private mutating func add(
        _ link: String, to parent: String, _ origin: Pose, kind: Joint.Kind = .fixed, joint: String? = nil,
        axis: Vector3 = Vector3(0, 0, 1), limits: Limits? = nil, mimic: Mimic? = nil
    ) {
        links.append(Self.bare(link))
        joints.append(
            Joint(
                name: joint ?? link + "_joint", line: nil, kind: kind, parent: parent, child: link, origin: origin,
                axis: axis, limits: limits, mimic: mimic, damping: 0, friction: 0, softLimits: nil))
    }

    /// Franka Emika's Panda with its hand: the vendor's table and limits.
    public static let panda: RobotDescription = {
        let limits: [(Double, Double, Double, Double)] = [
            (-2.8973, 2.8973, 2.175, 87), (-1.7628, 1.7628, 2.175, 87), (-2.8973, 2.8973, 2.175, 87),
            (-3.0718, -0.0698, 2.175, 87), (-2.8973, 2.8973, 2.61, 12), (-0.0175, 3.7525, 2.61, 12),
            (-2.8973, 2.8973, 2.61, 12),
        ]
        var robot = chain(
            "panda", .panda, joint: { "panda_joint\($0)" }, link: { "panda_link\($0)" },
            limits: limits.map { (lower: $0.0, upper: $0.1, velocity: $0.2, effort: $0.3) })
        func turned(_ degrees: Double, _ z: Double) -> Pose {
            Pose(
                rotation: Rotation(exponential: Vector3(0, 0, degrees * .pi / 180)), translation: Vector3(0, 0, z))
        }
        robot.add("panda_link8", to: "panda_link7", turned(0, 0.107))
        robot.add("panda_hand", to: "panda_link8", turned(-45, 0))
        robot.add("panda_hand_tcp", to: "panda_hand", turned(0, 0.1034))
        robot.add("robosuite_right_hand", to: "panda_link7", turned(-45, 0.1065))
        robot.add("libero_grip_site", to: "robosuite_right_hand", turned(-90, 0.097))
        let opening = Limits(lower: 0, upper: 0.04, effort: 20, velocity: 0.2)
        robot.add(
            "panda_leftfinger", to: "panda_hand", turned(0, 0.0584), kind: .prismatic, joint: "panda_finger_joint1",
            axis: Vector3(0, 1, 0), limits: opening)
        robot.add(
            "panda_rightfinger", to: "panda_hand", turned(0, 0.0584), kind: .prismatic, joint: "panda_finger_joint2",
            axis: Vector3(0, -1, 0), limits: opening,
            mimic: Mimic(joint: "panda_finger_joint1", multiplier: 1, offset: 0))
        return robot
    }()

    /// AgileX' Piper with its gripper: the table of its controller, present firmware.
    public static let piper: RobotDescription = {
        let limits: [(Double, Double, Double)] = [
            (-2.618, 2.618, 5), (0, 3.14, 5), (-2.967, 0, 5), (-1.745, 1.745, 5), (-1.22, 1.22, 5),
            (-2.0944, 2.0944, 3),
        ]
        var robot = chain(
            "piper", .piper(), joint: { "joint\($0)" }, link: { $0 == 0 ? "base_link" : "link\($0)" },
            limits: limits.map { (lower: $0.0, upper: $0.1, velocity: $0.2, effort: 100) })
        let tip = Pose(translation: Vector3(0, 0, 0.1358))
        robot.add("gripper_base", to: "link6", .identity)
        robot.add("gripper_tip", to: "gripper_base", tip)
        let opening = Limits(lower: 0, upper: 0.035, effort: 10, velocity: 1)
        robot.add(
            "link7", to: "gripper_base", tip, kind: .prismatic, joint: "joint7", axis: Vector3(0, -1, 0),
            limits: opening)
        robot.add(
            "link8", to: "gripper_base", tip, kind: .prismatic, joint: "joint8", axis: Vector3(0, 1, 0),
            limits: opening, mimic: Mimic(joint: "joint7", multiplier: 1, offset: 0))
        return robot
    }()
}

extension RobotConfiguration {
    /// Postures and limits of the built-in arms; the fingers are locked open.
    public static let builtIn: [String: RobotConfiguration] = {
        var panda = RobotConfiguration(file: "built-in panda")
        panda.toolFrames = ["panda_hand"]
        panda.jointNames = (1...7).map { "panda_joint\($0)" } + ["panda_finger_joint1"]
        panda.lockedJoints = ["panda_finger_joint1": 0.04]
        panda.defaultPositions = [0, -1.3, 0, -2.5, 0, 1.5, 0.8, 0.04]
        (panda.maximumAcceleration, panda.maximumJerk) = ([15], [500])
        var piper = RobotConfiguration(file: "built-in piper")
        piper.toolFrames = ["gripper_base"]
        piper.jointNames = (1...7).map { "joint\($0)" }
        piper.lockedJoints = ["joint7": 0.035]
        piper.defaultPositions = [0, 1.2, -1.2, 0, 0.9, 0, 0.035]
        (piper.maximumAcceleration, piper.maximumJerk) = ([15], [500])
        return ["panda": panda, "piper": piper]
    }()
}
