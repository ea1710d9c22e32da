import Evaluation
import ImageProcessing
import RobotInterface
import TensorCore

/// A hand that has to reach a point on a table, with LIBERO's actions, cameras and state, and no simulator.
struct TableWorld: Environment {
    let description: EnvironmentDescription
    private(set) var instruction = ""
    private var hand = SIMD3<Double>.zero
    private var goal = SIMD3<Double>.zero
    private var gripper = -1.0
    private var stepCount: UInt64 = 0

    static let size = 16
    static let camera = CameraDescription(width: size, height: size, orientation: .raw, renderProfile: "fast")

    init() {
        description = EnvironmentDescription(
            suite: "table", tasks: ["reach_left", "reach_right"], actionSpace: .libero,
            cameras: [.agentView: Self.camera, .wrist: Self.camera], stateParts: StateLayout.Part.allCases,
            initialStateCounts: [4, 4], provenance: ["world": "table"])
    }

    mutating func reset(to start: EpisodeStart) -> Observation {
        let seed: UInt64 =
            switch start.placement {
            case .stored(let index): UInt64(index)
            case .drawn(let seed): seed
            }
        var generator = PhiloxGenerator(seed: seed, stream: UInt64(start.task))
        instruction = description.tasks[start.task].replacingOccurrences(of: "_", with: " ")
        (hand, gripper, stepCount) = (.zero, -1, 0)
        goal = SIMD3(start.task == 0 ? -0.4 : 0.4, .random(in: -0.2...0.2, using: &generator), 0)
        return observation
    }

    mutating func step(_ action: [Double]) -> EnvironmentStep {
        for axis in 0..<3 { hand[axis] += 0.05 * min(max(action[axis], -1), 1) }
        gripper = action[6]
        stepCount += 1
        let gap = goal - hand
        return EnvironmentStep(observation: observation, isSuccess: (gap * gap).sum() < 0.02 * 0.02)
    }

    var stateHash: UInt64 {
        [hand.x, hand.y, hand.z, goal.x, goal.y, gripper].reduce(stepCount) {
            ($0 ^ $1.bitPattern) &* 0x9E37_79B9_7F4A_7C15
        }
    }

    private var observation: Observation {
        let (hand, goal) = (hand, goal)
        func frame(_ color: SIMD3<UInt8>) -> CameraFrame {
            CameraFrame(Self.camera) {
                var image = RGBImage(width: Self.size, height: Self.size, color: color)
                func place(_ x: Double) -> Int { min(max(Int((x + 0.5) * Double(Self.size)), 0), Self.size - 1) }
                image.draw(RGBImage(width: 1, height: 1, color: [255, 0, 0]), x: place(goal.x), y: place(goal.y))
                image.draw(RGBImage(width: 1, height: 1, color: [0, 255, 0]), x: place(hand.x), y: place(hand.y))
                return image
            }
        }
        // an orientation that needs all its bits, and whose angle lies above π
        let orientation = SIMD4(0.1 + hand.x / 10, 0.7, 0.2, -0.3)
        let unit = orientation / (orientation * orientation).sum().squareRoot()
        return Observation(
            cameras: [.agentView: frame([0, 0, 0]), .wrist: frame([9, 8, 7])],
            state: RobotState(
                endEffectorPosition: hand, endEffectorOrientation: .quaternionXYZW(unit),
                fingerPositions: [0.04 / 3, -0.04 / 3], jointPositions: (0..<7).map { Double($0) / 7 + hand.x }),
            instruction: instruction)
    }
}

/// Goes to the side it is told, in the row where it sees the goal, with noise of its draws.
struct TablePolicy: Policy {
    var noise = 0.3
    var gate: EchoPolicy.Gate?
    let requirements = PolicyRequirements(
        actionSpace: .libero, cameras: [.agentView: TableWorld.camera, .wrist: TableWorld.camera],
        stateLayout: .libero)

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        gate?.wait()
        return try observations.indices.map { i in
            guard let state = observations[i].state, let image = try observations[i].cameras[.agentView]?.image() else {
                throw ObservationError.missingState("state or camera")
            }
            var target = SIMD2(observations[i].instruction.hasSuffix("left") ? -0.4 : 0.4, 0.0)
            for y in 0..<TableWorld.size {
                for x in 0..<TableWorld.size where image.pixels[(y * TableWorld.size + x) * 3] == 255 {
                    target.y = (Double(y) + 0.5) / Double(TableWorld.size) - 0.5
                }
            }
            var hand = SIMD2(state.endEffectorPosition.x, state.endEffectorPosition.y)
            return ActionChunk(
                (0..<4).map { _ in
                    let gap = (target - hand) / 0.05
                    let motion = [gap.x, gap.y].map {
                        min(max($0 + .random(in: -noise...noise, using: &generators[i]), -1), 1)
                    }
                    hand += 0.05 * SIMD2(motion[0], motion[1])
                    // the numbers of the state come back, so that a lost bit is found
                    return motion + [0, state.axisAngle.x, state.axisAngle.y, state.axisAngle.z / 3, 1]
                })
        }
    }
}
