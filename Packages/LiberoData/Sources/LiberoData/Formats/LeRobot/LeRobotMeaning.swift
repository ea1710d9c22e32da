import RobotInterface

/// What the numbers of a LeRobot set mean where no writer of this program noted it.
///
/// LIBERO's sets are told by their widths, robot and names; all others are numbers with names and nothing more. A guess by
/// width alone would take the joint angles of another arm for changes of an end effector's pose.
struct LeRobotMeaning {
    let isLibero: Bool
    let actionNames: [String]
    let stateNames: [String]

    /// Robots under whose names LIBERO's demonstrations are published.
    private static let robots = ["panda", "franka", "libero", "unknown"]
    /// Parts of names that no position, rotation or finger has.
    private static let foreign = [
        "joint", "shoulder", "elbow", "flex", "waist", "forearm", "base", "motor_", "velocity",
    ]

    init(_ info: LeRobotInfo, _ names: LeRobotFeatureNames) {
        func dimensions(_ feature: String) -> [String] {
            let found = info.feature(feature)
            let width = found?.width ?? 0
            let stated = found?.dimensionNames ?? []
            if stated.count == width { return stated }
            return (0..<width).map { "\(feature) \($0)" }
        }
        (actionNames, stateNames) = (dimensions(names.action), dimensions(names.state))
        let robot = info.robotType?.lowercased() ?? ""
        let isKnownRobot = robot.isEmpty || Self.robots.contains { robot.contains($0) }
        let hasForeignName = [names.action, names.state].contains { feature in
            info.feature(feature)?.dimensionNames.contains { name in
                Self.foreign.contains { name.lowercased().contains($0) }
            } == true
        }
        isLibero =
            info.feature(names.action)?.shape == [ActionSpace.libero.dimensionCount]
            && info.feature(names.state)?.shape == [StateLayout.libero.count] && isKnownRobot && !hasForeignName
    }

    func actionSpace(_ convention: GripperConvention?, rate: Double) -> ActionSpace {
        guard isLibero else { return .unspecified(dimensionNames: actionNames, controlRate: rate) }
        var space = ActionSpace.libero
        space.gripperConvention = convention ?? .environment
        return space
    }

    var stateLayout: StateLayout { isLibero ? .libero : StateLayout(unspecified: stateNames) }
}
