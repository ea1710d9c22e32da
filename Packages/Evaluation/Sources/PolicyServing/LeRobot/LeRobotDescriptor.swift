/// What an environment gives and takes, as LeRobot's clients read it.
struct LeRobotDescriptor {
    static let semantics = "libero-delta-v1"
    static let agentView = "observation.images.camera1"
    static let wrist = "observation.images.camera2"
    static let state = "observation.state"

    private let configuration: LeRobotEnvironmentConfiguration
    private let group: LeRobotEnvironmentConfiguration.TaskGroup

    init(_ configuration: LeRobotEnvironmentConfiguration, group: LeRobotEnvironmentConfiguration.TaskGroup) {
        (self.configuration, self.group) = (configuration, group)
    }

    private static func feature(
        _ name: String, _ shape: [Int], _ type: String, _ kind: String, names: [String] = []
    ) -> WireValue {
        [
            "name": .text(name), "shape": .list(shape.map { .integer(Int64($0)) }), "dtype": .text(type),
            "kind": .text(kind), "names": .list(names.map { .text($0) }), "semantics": .text(semantics),
        ]
    }

    var record: WireMap {
        func texts(_ texts: [String]) -> WireValue { .list(texts.map { .text($0) }) }
        let size = configuration.imageSize
        let angles = ["x", "y", "z"].map { "axis_angle." + $0 }
        let tasks = configuration.groups.map { group in
            (WireMap.Key.text(group.suite), texts((0..<group.taskCount).map(String.init)))
        }
        let build = configuration.build.sorted { $0.key < $1.key }
        return WireMap([
            (.text("sim_type"), "libero"), (.text("robot_type"), "libero"), (.text("semantics"), .text(Self.semantics)),
            (
                .text("features"),
                [
                    Self.feature(Self.agentView, [size, size, 3], "uint8", "rgb"),
                    Self.feature(Self.wrist, [size, size, 3], "uint8", "rgb"),
                    Self.feature(
                        Self.state, [8], "float32", "tensor",
                        names: (["x", "y", "z"] + angles).map { "eef." + $0 }
                            + ["gripper.left.pos", "gripper.right.pos"]),
                ]
            ),
            (
                .text("action_feature"),
                Self.feature(
                    "action", [7], "float32", "tensor",
                    names: (["x", "y", "z"] + angles).map { "eef.delta." + $0 } + ["gripper.command"])
            ), (.text("control"), "delta"), (.text("hold"), "command"), (.text("fps"), .double(20)),
            (.text("clocks"), ["lockstep"]), (.text("tasks"), .map(WireMap(tasks))),
            (.text("max_episode_steps"), .integer(Int64(group.stepLimit))),
            (.text("sim_build"), .map(WireMap(build.map { (.text($0.key), .text($0.value)) }))),
            (.text("gripper_indices"), [6]), (.text("command_retention_indices"), []),
            (.text("operations"), texts(["reset", "step", "snapshot", "render", "close"])),
        ])
    }
}
