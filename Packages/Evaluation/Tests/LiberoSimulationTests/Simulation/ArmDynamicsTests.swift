import Kinematics
import TensorCore
import TensorTestSupport
import Testing

@testable import LiberoSimulation

/// The torques without allocations against the plain ones.
@Suite struct ArmDynamicsTests {
    static let posture = [0, -0.161037389, 0, -2.44459747, 0, 2.22675220, Double.pi / 4]
    let law = OperationalSpaceController(posture: posture)

    /// A random arm: Jacobians of about a metre, a positive definite mass matrix.
    func state(_ seed: UInt64, singular: Bool = false) -> OperationalSpaceController.State {
        var draws = PhiloxGenerator(seed: seed)
        func matrix(_ rows: Int, _ columns: Int) -> Matrix {
            let numbers = (0..<rows * columns).map { _ in Double.random(in: -1...1, using: &draws) }
            return Matrix(rowCount: rows, columnCount: columns, elements: numbers)
        }
        func vector() -> Vector3 {
            Vector3(
                .random(in: -1...1, using: &draws), .random(in: -1...1, using: &draws),
                .random(in: -1...1, using: &draws))
        }
        let root = matrix(7, 7)
        var mass = root * root.transposed
        for i in 0..<7 { mass[i, i] += 0.5 }
        var turning = matrix(3, 7)
        // the hand cannot be turned about one axis
        if singular { for c in 0..<7 { turning[2, c] = 0 } }
        return OperationalSpaceController.State(
            linearJacobian: matrix(3, 7), angularJacobian: turning, massMatrix: mass,
            jointPositions: (0..<7).map { _ in .random(in: -2...2, using: &draws) },
            jointVelocities: (0..<7).map { _ in .random(in: -1...1, using: &draws) }, position: vector(),
            rotation: OperationalSpaceController.rotationStep(vector()), linearVelocity: vector(),
            angularVelocity: vector())
    }

    /// Each entry to 1e-11 of the largest, also where the task is singular and the pseudo-inverse decides.
    @Test(arguments: [(0, false), (1, false), (2, false), (3, true), (4, true)] as [(UInt64, Bool)])
    func torquesAreTheControllers(seed: UInt64, singular: Bool) {
        let state = state(seed, singular: singular)
        let goal = OperationalSpaceController.Goal(
            position: Vector3(0.1, 0.2, -0.3), rotation: OperationalSpaceController.rotationStep(Vector3(0.3, 1, 0)))
        let bias = (0..<7).map { Double($0) - 3 }
        let dynamics = ArmDynamics(law)
        dynamics.state = state
        // twice: nothing is left over from the first time
        for _ in 0..<2 {
            for i in 0..<7 { dynamics.torques[i] = bias[i] }
            dynamics.computeTorques(for: goal)
            let expected = law.torques(for: state, goal: goal, bias: bias)
            let scale = expected.map { abs($0) }.max() ?? 0
            expectClose(
                (0..<7).map { dynamics.torques[$0] / scale }, expected.map { $0 / scale },
                within: Tolerance(relative: 0, absolute: 1e-11))
        }
    }

    @Test func statesAreKept() {
        let dynamics = ArmDynamics(law)
        let state = state(9)
        dynamics.state = state
        #expect(dynamics.state.linearJacobian == state.linearJacobian)
        #expect(dynamics.state.angularJacobian == state.angularJacobian)
        #expect(dynamics.state.massMatrix == state.massMatrix)
        #expect(dynamics.state.jointPositions == state.jointPositions)
        #expect(dynamics.state.angularVelocity == state.angularVelocity)
    }
}
