import Foundation
import Kinematics
import Testing

@Suite struct OperationalSpaceControllerTests {
    /// Seven joints that push along and turn about x, y and z, and one of no effect; the unit mass matrix.
    private func state(position: Vector3 = .zero, velocity: Double = 0) -> OperationalSpaceController.State {
        var (linear, angular) = (Matrix(rowCount: 3, columnCount: 7), Matrix(rowCount: 3, columnCount: 7))
        for i in 0..<3 {
            linear[i, i] = 1
            angular[i, 3 + i] = 1
        }
        return .init(
            linearJacobian: linear, angularJacobian: angular, massMatrix: .identity(7),
            jointPositions: [Double](repeating: 0, count: 7),
            jointVelocities: [Double](repeating: velocity, count: 7),
            position: position, rotation: .identity, linearVelocity: Vector3(repeating: velocity),
            angularVelocity: Vector3(repeating: velocity))
    }

    /// Every task direction is one joint: the torque is the spring and damper of that joint; the seventh follows the
    /// posture alone.
    @Test func torquesOfADiagonalArmOnPaper() {
        let controller = OperationalSpaceController(posture: [1, 1, 1, 1, 1, 1, 1])
        let turned = Rotation(exponential: Vector3(0, 0, 0.1)).matrix
        let torques = controller.torques(
            for: state(velocity: 0.5), goal: .init(position: Vector3(0.1, 0, 0), rotation: turned),
            bias: [0, 0, 0, 0, 0, 0, 2])
        let damping = 2 * 150.0.squareRoot() * 0.5
        let expected = [
            15 - damping, -damping, -damping, -damping, -damping, 150 * sin(0.1) - damping,
            2 + 10 - 2 * 10.0.squareRoot() * 0.5,
        ]
        #expect(deviation(torques, expected) < 1e-12)
    }

    @Test func goalKeepsItsRotationWithoutATurn() {
        let old = Rotation(exponential: Vector3(0.3, 0, 0)).matrix
        var goal = OperationalSpaceController.Goal(position: .zero, rotation: old)
        goal.move(step: Vector3(0.05, 0, 0), turn: .zero, from: state(position: Vector3(1, 2, 3)))
        #expect(goal.position == Vector3(1.05, 2, 3) && goal.rotation == old)
        goal.move(step: .zero, turn: Vector3(0, 0, 0.5), from: state())
        #expect(goal.rotation == OperationalSpaceController.rotationStep(Vector3(0, 0, 0.5)))
    }

    /// NumPy 2.4 on the steps of robosuite's `quat2mat(axisangle2quat([0.1, -0.2, 0.3]))`, rounding to float32 included.
    @Test func rotationStepRoundsAsRobosuite() {
        let vector = Vector3(0.1, -0.2, 0.3)
        let found = OperationalSpaceController.rotationStep(vector)
        let exact = Rotation(exponential: vector).matrix
        #expect(deviation(found.array, exact.array) < 2e-7)
        #expect(deviation(found.array, exact.array) > 1e-10)
        let expected = [
            0.9357548039406538, -0.3029327392578125, -0.180540069937706,
            0.28316497802734375, 0.950580617878586, -0.1273345798254013,
            0.21019171178340912, 0.06803131848573685, 0.9752903101034462,
        ]
        #expect(found.array == expected)
        #expect(OperationalSpaceController.rotationStep(.zero) == .identity)
    }
}
