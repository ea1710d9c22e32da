import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import ImageProcessing
import TensorCore
import VLAPolicy

/// A hand over a table that has to grasp the red of two blocks: LIBERO's numbers and two cameras, no simulator.
struct ToyWorld: SceneObserving {
    let description = EnvironmentDescription(
        suite: "toy", tasks: ["take_the_red_block"], actionSpace: .libero,
        cameras: [.agentView: Self.camera, .wrist: Self.camera],
        stateParts: StateLayout.libero.parts, initialStateCounts: [0], provenance: [:])

    static let side = 24
    static let camera = CameraDescription(width: side, height: side, orientation: .raw, renderProfile: "toy")

    private(set) var instruction = ""
    private(set) var hand = SIMD3<Double>.zero
    private var blocks: [SIMD2<Double>] = []
    private var goal = 0
    private var opening = 0.04
    private var stepCount: UInt64 = 0

    mutating func reset(to start: EpisodeStart) throws -> Observation {
        guard case .drawn(let seed) = start.placement else { fatalError("the toy world draws its starts") }
        var generator = PhiloxGenerator(seed: seed, stream: UInt64(start.task))
        goal = start.task
        instruction = description.tasks[goal].replacingOccurrences(of: "_", with: " ")
        hand = SIMD3(.random(in: -0.06...0.06, using: &generator), .random(in: -0.06...0.06, using: &generator), 1.12)
        // red on one side, blue on the other, each anywhere there
        let sides: [ClosedRange<Double>] = [-0.18 ... -0.04, 0.04...0.18]
        blocks = sides.map { SIMD2(.random(in: -0.15...0.15, using: &generator), .random(in: $0, using: &generator)) }
        (opening, stepCount) = (0.04, 0)
        return observation
    }

    mutating func step(_ action: [Double]) throws -> EnvironmentStep {
        for d in 0..<3 { hand[d] += 0.03 * min(max(action[d], -1), 1) }
        let isOver =
            (SIMD2(hand.x, hand.y) - blocks[goal]).max() < 0.02
            && (SIMD2(hand.x, hand.y) - blocks[goal]).min() > -0.02 && hand.z < 0.96
        let closed = action[6] > 0 ? (isOver ? 0.02 : 0) : action[6] < 0 ? 0.04 : opening
        opening += min(max(closed - opening, -0.01), 0.01)
        stepCount += 1
        return EnvironmentStep(observation: observation, isSuccess: isOver && action[6] > 0 && opening < 0.025)
    }

    var stateHash: UInt64 {
        [hand.x, hand.y, hand.z, opening].reduce(stepCount) { ($0 ^ $1.bitPattern) &* 0x9e37_79b9_7f4a_7c15 }
    }

    /// What leads to the goal: over the block, down, close.
    var expertAction: [Double] {
        let way = blocks[goal] - SIMD2(hand.x, hand.y)
        let isNear = abs(way.x) < 0.01 && abs(way.y) < 0.01
        let down = isNear ? 0.94 - hand.z : 1.12 - hand.z
        func command(_ metres: Double) -> Double { min(max(metres / 0.03, -1), 1) }
        return [command(way.x), command(way.y), command(down), 0, 0, 0, isNear && hand.z < 0.955 ? 1 : -1]
    }

    /// To the cubes of 2 cm about the blocks' middles.
    var objectDistances: [ObjectDistance] {
        zip(["red_block", "blue_block"], blocks).enumerated().map { place, block in
            let way = hand - SIMD3(block.1.x, block.1.y, 0.94)
            let outside = (0..<3).map { max(abs(way[$0]) - 0.01, 0) }
            let square = outside.reduce(0) { $0 + $1 * $1 }
            return ObjectDistance(object: block.0, isGoal: place == goal, distance: square.squareRoot())
        }
    }

    private var observation: Observation {
        let (hand, blocks, side) = (hand, blocks, Self.side)
        @Sendable func image(_ center: SIMD2<Double>, _ width: Double, mirrored: Bool) -> RGBImage {
            // a floor that is not the same on all sides
            var image = RGBImage(width: side, height: side)
            for y in 0..<side { for x in 0..<side { image[x, y] = [UInt8(60 + 4 * x), UInt8(50 + 3 * y), 90] } }
            func draw(_ p: SIMD2<Double>, _ color: SIMD3<UInt8>, _ size: Int) {
                let q = (p - center) / width + 0.5
                let (x, y) = (
                    Int(q.x * Double(side)) - size / 2, Int((mirrored ? 1 - q.y : q.y) * Double(side)) - size / 2
                )
                guard x > -size, y > -size, x < side, y < side else { return }
                image.draw(RGBImage(width: size, height: size, color: color), x: max(x, 0), y: max(y, 0))
            }
            draw(blocks[0], [230, 30, 20], 4)
            draw(blocks[1], [20, 40, 230], 4)
            draw(SIMD2(hand.x, hand.y), [240, 240, 240], 2)
            return image
        }
        let frames: [CameraName: CameraFrame] = [
            .agentView: CameraFrame(Self.camera) { image(.zero, 0.5, mirrored: false) },
            .wrist: CameraFrame(Self.camera) { image(SIMD2(hand.x, hand.y), 0.3, mirrored: true) },
        ]
        // the wrist leans a little with the hand's place
        let half = (3.0 + 0.5 * hand.x) / 2
        let axis = SIMD3(1, 0.2 + hand.y, 0.1) / (1 + (0.2 + hand.y) * (0.2 + hand.y) + 0.01).squareRoot()
        let state = RobotState(
            endEffectorPosition: hand,
            endEffectorOrientation: .quaternionXYZW(
                SIMD4(axis.x * sin(half), axis.y * sin(half), axis.z * sin(half), cos(half))),
            fingerPositions: [opening, -opening])
        return Observation(cameras: frames, state: state, instruction: instruction)
    }
}
