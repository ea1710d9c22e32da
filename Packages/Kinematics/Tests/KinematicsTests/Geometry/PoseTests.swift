import Foundation
import Kinematics
import Testing

@Suite struct PoseTests {
    @Test func neighbouringFramesCancel() {
        // the hand is 1 m above the world's origin, turned by 90° about z; the grasp 0.1 m along the hand's x
        let worldFromHand = Pose(
            rotation: Rotation(exponential: Vector3(0, 0, .pi / 2)), translation: Vector3(0, 0, 1))
        let handFromGrasp = Pose(translation: Vector3(0.1, 0, 0))
        let worldFromGrasp = worldFromHand * handFromGrasp
        #expect(deviation(worldFromGrasp.translation.array, [0, 0.1, 1]) < 1e-15)
        #expect(deviation((worldFromHand.inverse * worldFromGrasp).array, handFromGrasp.array) < 1e-15)
        #expect(deviation((worldFromHand * Vector3(1, 0, 0)).array, [0, 1, 1]) < 1e-15)
    }

    @Test func translationAloneIsItsOwnLogarithm() {
        let pose = Pose(translation: Vector3(1, -2, 3))
        #expect(pose.logarithm == Twist(linear: Vector3(1, -2, 3), angular: .zero))
        #expect(Pose(exponential: pose.logarithm).translation == pose.translation)
    }

    @Test func groupAxiomsHold() {
        var generator = SeededGenerator(state: 4)
        for _ in 0..<100 {
            let (a, b, c) = (generator.pose(), generator.pose(), generator.pose())
            #expect(deviation(((a * b) * c).array, (a * (b * c)).array) < 1e-12)
            #expect(deviation((a * a.inverse).array, Pose.identity.array) < 1e-12)
            #expect(deviation((a.inverse * a).array, Pose.identity.array) < 1e-12)
        }
    }

    @Test func adjointMovesTwistsBetweenFrames() {
        var generator = SeededGenerator(state: 5)
        for _ in 0..<50 {
            let (pose, twist) = (generator.pose(), generator.twist())
            let conjugate = pose * Pose(exponential: twist) * pose.inverse
            #expect(deviation(conjugate.array, Pose(exponential: pose.adjoint * twist).array) < 1e-12)
            let other = generator.pose()
            #expect(deviation((pose * other).adjoint.array, (pose.adjoint * other.adjoint).array) < 1e-12)
        }
    }

    @Test func bracketIsTheDerivativeOfTheAdjoint() {
        var generator = SeededGenerator(state: 6)
        let (a, b) = (generator.twist(), generator.twist())
        let h = 1e-6
        let difference = Pose(exponential: h * a).adjoint * b - Pose(exponential: -h * a).adjoint * b
        #expect(deviation((1 / (2 * h) * difference).array, (a.bracket * b).array) < 1e-9)
        #expect((a.bracket * a).array == Twist.zero.array)
    }

    @Test func jacobiansAreDerivatives() {
        var generator = SeededGenerator(state: 7)
        for angle in [0, 1e-6, 0.3, 0.499_9, 0.500_1, 2, 3] {
            let twist = Twist(linear: generator.vector(-1...1), angular: generator.vector(length: angle))
            let delta = Twist(linear: generator.vector(length: 1e-6), angular: generator.vector(length: 1e-6))
            let (plus, minus) = (Pose(exponential: twist + delta), Pose(exponential: twist - delta))
            let left = 0.5 * (plus * minus.inverse).logarithm
            let right = 0.5 * (minus.inverse * plus).logarithm
            #expect(deviation(left.array, (Pose.leftJacobian(twist) * delta).array) < 1e-14)
            #expect(deviation(right.array, (Pose.rightJacobian(twist) * delta).array) < 1e-14)
            let product = Pose.leftJacobian(twist) * Pose.leftJacobianInverse(twist)
            #expect(deviation(product.array, SpatialMatrix.identity.array) < 1e-12)
        }
    }

    @Test func screwMotionKeepsItsAxis() {
        // half a turn about the vertical line through (0.5, 0): the origin moves on a circle around it
        let half = Pose(rotation: Rotation(exponential: Vector3(0, 0, .pi)), translation: Vector3(1, 0, 0))
        let quarter = Pose.identity.interpolated(to: half, fraction: 0.5)
        #expect(abs(abs(quarter.translation.y) - 0.5) < 1e-12)
        #expect(abs(quarter.translation.x - 0.5) < 1e-12)
    }
}

extension SeededGenerator {
    fileprivate mutating func pose() -> Pose {
        Pose(rotation: Rotation(exponential: vector(-3...3)), translation: vector(-2...2))
    }

    fileprivate mutating func twist() -> Twist { Twist(linear: vector(-1...1), angular: vector(-1.5...1.5)) }
}
