import Foundation
import Kinematics
import Testing

@Suite struct RotationTests {
    let quarterTurn = Rotation(exponential: Vector3(0, 0, .pi / 2))

    @Test func quarterTurnAboutZTakesXToY() {
        #expect(deviation((quarterTurn * Vector3(1, 0, 0)).array, [0, 1, 0]) < 1e-15)
        #expect(deviation((quarterTurn.inverse * Vector3(0, 1, 0)).array, [1, 0, 0]) < 1e-15)
    }

    @Test func orderOfFourNumbersIsTheCallersWord() throws {
        let half = 0.5.squareRoot()
        let wxyz = try Rotation(Quaternion(SIMD4(half, 0, 0, half), order: .wxyz))
        let xyzw = try Rotation(Quaternion(SIMD4(0, 0, half, half), order: .xyzw))
        #expect(wxyz.angle(to: quarterTurn) < 1e-15)
        #expect(xyzw.angle(to: quarterTurn) < 1e-15)
        #expect(quarterTurn.quaternion.values(order: .wxyz)[3] == quarterTurn.quaternion.values(order: .xyzw)[2])
        // read in the wrong order, the same numbers are another rotation
        let wrong = try Rotation(Quaternion(SIMD4(half, 0, 0, half), order: .xyzw))
        #expect(wrong.angle(to: quarterTurn) > 1)
    }

    @Test func quaternionIsNormalizedAndNonNegative() throws {
        // robosuite's right_hand, as its file has it
        let hand = try Rotation(Quaternion(SIMD4(0.924, 0, 0, -0.383), order: .wxyz))
        let q = hand.quaternion
        #expect(abs(q.w * q.w + q.vector.dot(q.vector) - 1) < 1e-15)
        #expect(try Rotation(Quaternion(SIMD4(-1, 0, 0, 0), order: .wxyz)).quaternion.w == 1)
    }

    @Test func zeroAndInfiniteQuaternionsAreRefused() {
        for bad in [SIMD4<Double>.zero, SIMD4(.nan, 0, 0, 1), SIMD4(.infinity, 0, 0, 1), SIMD4(repeating: 1e-200)] {
            #expect(throws: RotationError.self) { try Rotation(Quaternion(bad, order: .wxyz)) }
        }
        #expect(throws: RotationError.axisLength(0)) { try Rotation(axis: .zero, angle: 1) }
    }

    @Test func matricesThatAreNoRotationsAreRefused() {
        let mirror = Matrix3(columns: Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, -1))
        #expect(throws: RotationError.notOrthonormal(deviation: 0, determinant: -1)) { try Rotation(matrix: mirror) }
        #expect(throws: RotationError.self) { try Rotation(matrix: 1.001 * .identity) }
        #expect(throws: RotationError.self) { try Rotation(matrix: .nan * .identity) }
    }

    @Test func axisAndAngleComeBack() throws {
        let rotation = try Rotation(axis: Vector3(0, 3, 0), angle: 2)
        #expect(deviation(rotation.axisAngle.axis.array, [0, 1, 0]) < 1e-15)
        #expect(abs(rotation.axisAngle.angle - 2) < 1e-15)
        #expect(Rotation.identity.axisAngle.angle == 0)
    }

    @Test func pitchOfAQuarterTurnKeepsTheRotation() {
        for pitch in [Double.pi / 2, -.pi / 2] {
            let rotation = Rotation(roll: 0.3, pitch: pitch, yaw: -1.1)
            let angles = rotation.rollPitchYaw
            let again = Rotation(roll: angles.roll, pitch: angles.pitch, yaw: angles.yaw)
            #expect(rotation.angle(to: again) < 1e-7)
        }
    }

    /// 1e-12: what the tolerance table asks of the group axioms.
    @Test func groupAxiomsHold() {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<100 {
            let a = Rotation(exponential: generator.vector(-3...3))
            let b = Rotation(exponential: generator.vector(-3...3))
            let c = Rotation(exponential: generator.vector(-3...3))
            #expect(((a * b) * c).angle(to: a * (b * c)) < 1e-12)
            #expect((a * a.inverse).angle(to: .identity) < 1e-12)
            #expect((a.inverse * a).angle(to: .identity) < 1e-12)
            let v = generator.vector(-1...1)
            #expect(deviation(((a * b) * v).array, (a * (b * v)).array) < 1e-12)
            #expect(deviation((a * v).array, (a.matrix * v).array) < 1e-12)
        }
    }

    @Test func manyProductsStayOnTheSphere() {
        let step = Rotation(exponential: Vector3(0.001, -0.002, 0.0015))
        var rotation = Rotation.identity
        for _ in 0..<100_000 { rotation = rotation * step }
        let q = rotation.quaternion
        #expect(abs(q.w * q.w + q.vector.dot(q.vector) - 1) < 1e-14)
    }

    @Test(arguments: [0, 1e-300, 1e-12, 1e-8, 1e-5, 1e-4, 0.1, 0.499_999, 0.500_001, 1, 3, 3.141_592, Double.pi])
    func logarithmInvertsTheExponential(angle: Double) {
        var generator = SeededGenerator(state: 2)
        for _ in 0..<20 {
            let omega = generator.vector(length: angle)
            let rotation = Rotation(exponential: omega)
            #expect(rotation.logarithm.length < .pi + 1e-15)
            #expect(Rotation(exponential: rotation.logarithm).angle(to: rotation) < 1e-12)
            if angle < 3.141_6 - 1e-4 { #expect(deviation(rotation.logarithm.array, omega.array) < 1e-12) }
        }
    }

    @Test func jacobiansAreDerivatives() {
        var generator = SeededGenerator(state: 3)
        for angle in [0, 1e-6, 0.3, 0.499_9, 0.500_1, 2, 3] {
            let (omega, delta) = (generator.vector(length: angle), generator.vector(length: 1e-6))
            let (plus, minus) = (Rotation(exponential: omega + delta), Rotation(exponential: omega - delta))
            // central difference, half of log(exp(ω + δ) exp(ω − δ)⁻¹), exact to the third order
            let left = 0.5 * (plus * minus.inverse).logarithm
            let right = 0.5 * (minus.inverse * plus).logarithm
            #expect(deviation(left.array, (Rotation.leftJacobian(omega) * delta).array) < 1e-14)
            #expect(deviation(right.array, (Rotation.rightJacobian(omega) * delta).array) < 1e-14)
            let product = Rotation.leftJacobian(omega) * Rotation.leftJacobianInverse(omega)
            #expect(deviation(product.array, Matrix3.identity.array) < 1e-13)
        }
    }

    @Test func interpolationEndsWhereItShould() {
        let (a, b) = (Rotation(exponential: Vector3(1, 2, 0.5)), Rotation(exponential: Vector3(-0.4, 1, 2)))
        #expect(a.interpolated(to: b, fraction: 0).angle(to: a) < 1e-15)
        #expect(a.interpolated(to: b, fraction: 1).angle(to: b) < 1e-14)
        let third = a.interpolated(to: b, fraction: 1.0 / 3)
        #expect(abs(a.angle(to: third) * 3 - a.angle(to: b)) < 1e-14)
    }
}
