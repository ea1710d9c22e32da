import BenchmarkKit
import CAllocationCounter
import Kinematics

/// The distance of an arm's spheres to themselves and to ten boxes, against the time that a planner can spend on it,
/// 6 us.
enum CollisionDistances {
    static func benchmark(_ arm: Arm) -> BenchmarkCase {
        BenchmarkCase("collision") {
            var generator = SplitMix(state: 3)
            func number(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &generator) }
            let boxes = (0..<10).map { index in
                Obstacle(
                    "box \(index)", .cuboid(Vector3(number(0.05...0.4), number(0.05...0.4), number(0.05...0.4))),
                    pose: Pose(
                        rotation: Rotation(exponential: Vector3(number(-1...1), number(-1...1), number(-1...1))),
                        translation: Vector3(number(-0.8...0.8), number(-0.8...0.8), number(0...1))))
            }
            let collision = try CollisionModel(arm.arm, world: CollisionWorld(boxes))
            let (state, checker) = (arm.arm.makeState(), collision.makeChecker())
            let postures = (0..<256).map { _ in arm.arm.randomPositions(using: &generator) }
            let count = 20_000
            var nearest = 0.0
            func check(_ i: Int) {
                state.update(postures[i & 255])
                checker.update(state)
                nearest += min(checker.selfDistance().distance, checker.worldDistance().distance)
            }
            return {
                for i in 0..<256 { check(i) }
                let before = counted_allocations()
                for i in 0..<1000 { check(i) }
                let allocations = Double(counted_allocations() - before)
                let seconds = secondsToRun { for i in 0..<count { check(i) } } / Double(count)
                return [
                    MeasuredValue("collision", seconds, unit: "s"),
                    MeasuredValue("collision", 6e-6, unit: "s", role: .peer),
                    MeasuredValue("collision/allocations_and_1", allocations + 1, unit: "count"),
                    MeasuredValue("collision/allocations_and_1", 1, unit: "count", role: .peer),
                ]
            }
        }
    }
}
