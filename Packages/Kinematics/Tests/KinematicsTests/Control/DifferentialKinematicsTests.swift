import Foundation
import Kinematics
import Testing

@Suite struct DifferentialKinematicsTests {
    @Test(arguments: [41, 42] as [UInt64]) func poseErrorHasItsExactDerivative(seed: UInt64) throws {
        let model = try TestRobots.random(seed: seed)
        let state = model.makeState()
        var generator = SeededGenerator(state: seed)
        let frame = try model.frame("l5")
        let q = model.randomPositions(using: &generator)
        let target = Pose(
            rotation: Rotation(exponential: generator.vector(-1...1)), translation: generator.vector(-1...1))
        state.update(q)
        let (error, jacobian) = state.poseError(of: frame, to: target)
        #expect(deviation(error.array, (state.pose(of: frame).inverse * target).logarithm.array) < 1e-14)
        for i in q.indices {
            func moved(_ step: Double) -> [Double] {
                var positions = q
                positions[i] += step
                state.update(positions)
                return state.poseError(of: frame, to: target).error.array
            }
            let column = zip(moved(1e-6), moved(-1e-6)).map { ($0 - $1) / 2e-6 }
            #expect(deviation(column, (0..<6).map { jacobian[$0, i] }) < 1e-7)
        }
    }

    @Test(arguments: [43, 44] as [UInt64]) func manipulabilityHasItsGradient(seed: UInt64) throws {
        let model = try TestRobots.random(seed: seed, jointCount: 8)
        let state = model.makeState()
        var generator = SeededGenerator(state: seed)
        let frame = try model.frame("l7")
        let q = model.randomPositions(using: &generator)
        state.update(q)
        let (value, gradient) = state.manipulability(of: frame)
        let j = state.jacobian(of: frame)
        let product = (j * j.transposed).symmetricEigenvalues.reduce(1, *).squareRoot()
        #expect(value > 0 && abs(value - product) < 1e-9 * value)
        for i in q.indices {
            func moved(_ step: Double) -> Double {
                var positions = q
                positions[i] += step
                state.update(positions)
                return state.manipulability(of: frame).value
            }
            #expect(abs((moved(1e-6) - moved(-1e-6)) / 2e-6 - gradient[i]) < 1e-6)
        }
        #expect(
            try TestRobots.planarModel().makeState().manipulability(of: TestRobots.planarModel().frame("tool")).value
                == 0)
    }

    @Test func framesFollowATwist() throws {
        let model = try TestRobots.random(seed: 45, jointCount: 7)
        let state = model.makeState()
        let frame = try model.frame("l6")
        var controller = ResolvedRateController(model, frame: frame)
        controller.damping = 1e-6
        state.update([0.1, 0.2, 0.05, 0.3, -0.2, 0.4, 0.1])
        let twist = Twist(linear: Vector3(0.001, 0.002, -0.001), angular: Vector3(0.003, 0, 0.001))
        let velocities = controller.velocities(for: twist, at: state, period: 0.01)
        #expect(deviation(state.velocity(of: frame, velocities: velocities).array, twist.array) < 1e-6)

        // too fast: the direction is kept
        let fast = controller.velocities(for: 1e5 * twist, at: state, period: 1e-6)
        let found = state.velocity(of: frame, velocities: fast)
        #expect(fast.allSatisfy { abs($0) <= 1 + 1e-12 } && fast.contains { abs($0) > 0.999 })
        #expect(found.linear.cross(twist.linear).length < 1e-4 * found.linear.length * twist.linear.length)
    }

    @Test func impedanceCarriesTheWeight() throws {
        let state = try TestRobots.random(seed: 46).makeState()
        let n = state.model.coordinateCount
        let controller = JointImpedanceController(
            stiffness: [Double](repeating: 10, count: n), damping: [Double](repeating: 2, count: n))
        let q = state.positions
        let zeros = [Double](repeating: 0, count: n)
        #expect(deviation(controller.torques(to: q, at: state, velocities: zeros), state.gravityTorques()) == 0)
        let pushed = controller.torques(
            to: q.map { $0 + 0.1 }, at: state, velocities: [Double](repeating: 0.5, count: n))
        #expect(deviation(pushed, state.gravityTorques()) < 1e-12)
    }
}
