import BenchmarkKit
import CAllocationCounter
import Kinematics

/// Forward kinematics, a frame's Jacobian with it, and the dynamics, each from the joint positions on, as Pinocchio's
/// functions do; and the allocations of a thousand calls of each.
enum Recursions {
    static func benchmark(_ arm: Arm) -> BenchmarkCase {
        BenchmarkCase("\(arm.name)_recursions") {
            let model = arm.full
            let state = model.makeState()
            let frame = try model.frame(arm.frameName)
            var generator = SplitMix(state: 1)
            let postures = (0..<256).map { _ in model.randomPositions(using: &generator) }
            var jacobian = Matrix(rowCount: 6, columnCount: model.coordinateCount)
            var mass = Matrix(rowCount: model.coordinateCount, columnCount: model.coordinateCount)
            var result = [Double](repeating: 0, count: model.coordinateCount)
            let count = 20_000

            func calls(_ body: (Int) -> Void) -> (seconds: Double, allocations: Double) {
                for i in 0..<256 { body(i) }
                let before = counted_allocations()
                for i in 0..<1000 { body(i) }
                let allocations = counted_allocations() - before
                // the best of five loops, as for the peer
                var best = Double.infinity
                for _ in 0..<5 { best = min(best, secondsToRun { for i in 0..<count { body(i) } } / Double(count)) }
                return (best, Double(allocations))
            }
            return {
                let measured: [(String, (seconds: Double, allocations: Double))] = [
                    ("forward", calls { state.update(postures[$0 & 255]) }),
                    (
                        "jacobian",
                        calls {
                            state.update(postures[$0 & 255])
                            state.jacobian(of: frame, into: &jacobian)
                        }
                    ),
                    (
                        "rnea",
                        calls {
                            state.update(postures[$0 & 255])
                            state.inverseDynamics(
                                velocities: postures[($0 + 1) & 255], accelerations: postures[($0 + 2) & 255],
                                into: &result)
                        }
                    ),
                    (
                        "crba",
                        calls {
                            state.update(postures[$0 & 255])
                            state.massMatrix(into: &mass)
                        }
                    ),
                    (
                        "aba",
                        calls {
                            state.update(postures[$0 & 255])
                            state.forwardDynamics(
                                velocities: postures[($0 + 1) & 255], torques: postures[($0 + 2) & 255], into: &result)
                        }
                    ),
                ]
                let total = measured.reduce(0) { $0 + $1.1.allocations }
                // one more than the allocations, so that none is a ratio of 1
                return measured.map { MeasuredValue("\(arm.name)_recursions/\($0.0)", $0.1.seconds, unit: "s") } + [
                    MeasuredValue("\(arm.name)_recursions/allocations_and_1", total + 1, unit: "count"),
                    MeasuredValue("\(arm.name)_recursions/allocations_and_1", 1, unit: "count", role: .peer),
                ]
            }
        }
    }
}

/// Steele, Lea & Flood 2014.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
