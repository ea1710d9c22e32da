import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import ImageProcessing
import Synchronization
import TensorCore
import VLAPolicy

/// A point on a table that has to reach another one: two tasks, all rules of an environment, no simulator.
struct ReachingWorld: Environment {
    /// Counts the images that were made.
    final class Counter: Sendable { let value = Atomic<Int>(0) }
    let images = Counter()

    var description: EnvironmentDescription
    private(set) var instruction = ""
    private(set) var hand = SIMD2<Double>.zero
    private(set) var goal = SIMD2<Double>.zero
    private var stepCount: UInt64 = 0
    /// Added to each action; another physics.
    var drift = 0.0

    static let camera = CameraDescription(width: 16, height: 16, orientation: .upright, renderProfile: "faithful")
    static let actionSpace = ActionSpace(
        dimensionNames: ["x", "y"], command: .endEffectorDelta, frame: .world, rotationFormat: .axisAngle,
        translationScale: 0.05, rotationScale: 0.5, limit: 1, gripperConvention: .environment, controlRate: 20)

    init() {
        description = EnvironmentDescription(
            suite: "reaching", tasks: ["reach_left", "reach_right"], actionSpace: Self.actionSpace,
            cameras: [.agentView: Self.camera], stateParts: [.endEffectorPosition], initialStateCounts: [3, 3],
            provenance: ["world": "1"])
    }

    mutating func reset(to start: EpisodeStart) throws -> Observation {
        let seed: UInt64 =
            switch start.placement {
            case .stored(let index): UInt64(index)
            case .drawn(let seed): seed
            }
        var generator = PhiloxGenerator(seed: seed, stream: UInt64(start.task))
        instruction = description.tasks[start.task].replacingOccurrences(of: "_", with: " ")
        hand = .zero
        goal = SIMD2(start.task == 0 ? -0.4 : 0.4, .random(in: -0.2...0.2, using: &generator))
        if let perturbation = start.perturbation {
            var generator = PhiloxGenerator(seed: perturbation.seed)
            let range = perturbation.targetRange
            goal += SIMD2(
                .random(in: -range...range, using: &generator), .random(in: -range...range, using: &generator))
        }
        stepCount = 0
        return observation
    }

    mutating func step(_ action: [Double]) throws -> EnvironmentStep {
        hand += 0.05 * SIMD2(min(max(action[0], -1), 1), min(max(action[1], -1), 1)) + drift
        stepCount += 1
        let gap = goal - hand
        return EnvironmentStep(observation: observation, isSuccess: (gap * gap).sum() < 0.01 * 0.01)
    }

    var stateHash: UInt64 {
        [hand.x, hand.y, goal.x, goal.y].reduce(stepCount) { ($0 ^ $1.bitPattern) &* 0x9e37_79b9_7f4a_7c15 }
    }

    private var observation: Observation {
        let (hand, goal, images) = (hand, goal, images)
        let frame = CameraFrame(Self.camera) {
            images.value.add(1, ordering: .relaxed)
            var image = RGBImage(width: 16, height: 16)
            func place(_ x: Double) -> Int { min(max(Int((x + 0.5) * 16), 0), 15) }
            image.draw(RGBImage(width: 1, height: 1, color: [255, 0, 0]), x: place(goal.x), y: place(goal.y))
            image.draw(RGBImage(width: 1, height: 1, color: [0, 255, 0]), x: place(hand.x), y: place(hand.y))
            return image
        }
        let state = RobotState(
            endEffectorPosition: SIMD3(hand.x, hand.y, 0), endEffectorOrientation: .axisAngle(.zero),
            fingerPositions: [])
        return Observation(cameras: [.agentView: frame], state: state, instruction: instruction)
    }
}

/// Knows where the goal is; disturbed on purpose, labels stay right.
struct ReachingExpert: Agent {
    var noise = 0.0

    func begin(_ episode: PlannedEpisode, in world: ReachingWorld) {}

    func decide(
        for observation: Observation, in world: ReachingWorld, using generator: inout PhiloxGenerator
    ) -> Decision {
        let gap = (world.goal - world.hand) / 0.05
        let label = [min(max(gap.x, -1), 1), min(max(gap.y, -1), 1)]
        let action = label.map { $0 + .random(in: -noise...noise, using: &generator) }
        return Decision(action: action, label: noise == 0 ? nil : label)
    }
}

/// Goes to the side the instruction says, in the row where it sees the goal.
struct ReachingPolicy: Policy {
    var horizon = 4
    var requirements = PolicyRequirements(
        actionSpace: ReachingWorld.actionSpace, cameras: [.agentView: ReachingWorld.camera],
        stateLayout: StateLayout([.endEffectorPosition]))
    var noise = 0.0
    var looks = true

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        try observations.indices.map { i in
            let observation = observations[i]
            // the goal's row and column in the image
            var target = SIMD2(observation.instruction.hasSuffix("left") ? -0.4 : 0.4, 0.0)
            if looks, let image = try observation.cameras[.agentView]?.image() {
                for y in 0..<16 {
                    for x in 0..<16 where image.pixels[(y * 16 + x) * 3] == 255 {
                        target = SIMD2(target.x, (Double(y) + 0.5) / 16 - 0.5)
                    }
                }
            }
            var hand = SIMD2(observation.state!.endEffectorPosition.x, observation.state!.endEffectorPosition.y)
            var actions: [[Double]] = []
            for _ in 0..<horizon {
                let gap = (target - hand) / 0.05
                let action = [gap.x, gap.y].map {
                    min(max($0 + .random(in: -noise...noise, using: &generators[i]), -1), 1)
                }
                actions.append(action)
                hand += 0.05 * SIMD2(action[0], action[1])
            }
            return ActionChunk(actions)
        }
    }
}

/// A folder that is removed at the end of `body`.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("evaluation-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
