import Foundation
import Kinematics
import TensorTestSupport
import Testing

/// `golden/kinematics/lie.json`, written by Pinocchio 4.1 or, in the repository, by SciPy.
private struct LieGolden: Decodable {
    struct Case: Decodable {
        let omega, v, log3, log6, rpy: [Double]
        let quat_wxyz: [Double]
        let R, Jexp3, exp6, adjoint, inverse: [[Double]]
        /// Empty entries where the reference has no value (it divides by sin θ near π).
        let Jlog3, Jlog6: [[Double]?]?
    }
    struct Pair: Decodable {
        let A, B, AB, AinvB, interp_half: [[Double]]
        let error6_local, slerp_half_wxyz: [Double]
        let pos_err, ang_err: Double
    }
    struct Angles: Decodable {
        let rpy: [Double]
        let R: [[Double]]
    }

    let cases: [Case]
    let pairs: [Pair]
    let rpy: [Angles]

    static let all = SharedFixtures.all("golden/kinematics/lie.json").compactMap { url -> LieGolden? in
        try? Golden.json(url)
    }
    static let allCases = all.flatMap(\.cases)
    static let allPairs = all.flatMap(\.pairs)
    static let allAngles = all.flatMap(\.rpy)
}

/// Tolerances of the specification, section 1: 1e-12 for exp, 1e-9 for log, 1e-8 for the Jacobians.
@Suite struct LieGoldenTests {
    @Test(arguments: Array(LieGolden.allCases.indices))
    func rotationMapsMatchPinocchio(index: Int) throws {
        let golden = LieGolden.allCases[index]
        let omega = Vector3(golden.omega)
        let rotation = Rotation(exponential: omega)
        let expected = golden.R.flatMap { $0 }

        #expect(deviation(rotation.matrix.array, expected) < 1e-12)
        let quaternion = Quaternion(SIMD4(golden.quat_wxyz), order: .wxyz)
        #expect(deviation(try Rotation(quaternion).matrix.array, expected) < 1e-12)
        #expect(deviation(Rotation.rightJacobian(omega).array, golden.Jexp3.flatMap { $0 }) < 1e-8)

        let fromMatrix = try Rotation(matrix: Matrix3(rows: golden.R))
        let logarithm = fromMatrix.logarithm
        #expect(deviation(Rotation(exponential: logarithm).matrix.array, expected) < 1e-12)
        if omega.length < .pi - 1e-6 { #expect(deviation(logarithm.array, golden.log3) < 1e-9) }
        if let reference = complete(golden.Jlog3) {
            #expect(deviation(Rotation.rightJacobianInverse(logarithm).array, reference) < 1e-8)
        }
        let identity = Rotation.rightJacobian(logarithm) * Rotation.rightJacobianInverse(logarithm)
        #expect(deviation(identity.array, Matrix3.identity.array) < 1e-12)

        // angles near ±π/2 of pitch are not unique: the rotation they make is
        let angles = fromMatrix.rollPitchYaw
        let again = Rotation(roll: angles.roll, pitch: angles.pitch, yaw: angles.yaw)
        #expect(deviation(again.matrix.array, expected) < 1e-12)
        let reference = Rotation(roll: golden.rpy[0], pitch: golden.rpy[1], yaw: golden.rpy[2])
        #expect(deviation(reference.matrix.array, expected) < 1e-9)
    }

    @Test(arguments: Array(LieGolden.allCases.indices))
    func rigidMotionMapsMatchPinocchio(index: Int) throws {
        let golden = LieGolden.allCases[index]
        let twist = Twist(linear: Vector3(golden.v), angular: Vector3(golden.omega))
        let pose = Pose(exponential: twist)
        let expected = golden.exp6.flatMap { $0 }

        #expect(deviation(pose.array, expected) < 1e-12)
        #expect(deviation(pose.inverse.array, golden.inverse.flatMap { $0 }) < 1e-12)
        #expect(deviation(pose.adjoint.array, golden.adjoint.flatMap { $0 }) < 1e-12)

        let logarithm = try Pose(rows: golden.exp6).logarithm
        #expect(deviation(Pose(exponential: logarithm).array, expected) < 1e-12)
        if twist.angular.length < .pi - 1e-6 { #expect(deviation(logarithm.array, golden.log6) < 1e-9) }
        if let reference = complete(golden.Jlog6) {
            // below some 1e-2 rad Pinocchio cuts its series after the constant: at 1e-3 its entries are 3.5e-8 from the
            // values summed with 60 digits, to which ours are equal
            let angle = logarithm.angular.length
            let tolerance = angle < 1e-2 ? max(1e-8, 0.1 * angle * angle) : 1e-8
            #expect(deviation(Pose.rightJacobianInverse(logarithm).array, reference) < tolerance)
        }
        let identity = Pose.rightJacobian(logarithm) * Pose.rightJacobianInverse(logarithm)
        #expect(deviation(identity.array, SpatialMatrix.identity.array) < 1e-12)
    }

    @Test(arguments: Array(LieGolden.allPairs.indices))
    func productsAndDifferencesMatchPinocchio(index: Int) throws {
        let golden = LieGolden.allPairs[index]
        let (a, b) = (try Pose(rows: golden.A), try Pose(rows: golden.B))

        #expect(deviation((a * b).array, golden.AB.flatMap { $0 }) < 1e-12)
        #expect(deviation((a.inverse * b).array, golden.AinvB.flatMap { $0 }) < 1e-12)
        #expect(deviation((a.inverse * b).logarithm.array, golden.error6_local) < 1e-9)
        let difference = a.difference(to: b)
        #expect(abs(difference.distance - golden.pos_err) < 1e-9)
        #expect(abs(difference.angle - golden.ang_err) < 1e-9)

        #expect(deviation(a.interpolated(to: b, fraction: 0.5).array, golden.interp_half.flatMap { $0 }) < 1e-9)
        let half = try Rotation(Quaternion(SIMD4(golden.slerp_half_wxyz), order: .wxyz))
        let slerp = a.rotation.interpolated(to: b.rotation, fraction: 0.5)
        #expect(deviation(slerp.matrix.array, half.matrix.array) < 1e-9)
    }

    @Test(arguments: Array(LieGolden.allAngles.indices))
    func fixedAxisAnglesMatchPinocchio(index: Int) throws {
        let golden = LieGolden.allAngles[index]
        let rotation = Rotation(roll: golden.rpy[0], pitch: golden.rpy[1], yaw: golden.rpy[2])
        #expect(deviation(rotation.matrix.array, golden.R.flatMap { $0 }) < 1e-12)
    }

    /// The rows of a matrix one after the other, nil where the reference left it out.
    private func complete(_ rows: [[Double]?]?) -> [Double]? {
        guard let rows, rows.allSatisfy({ $0 != nil }) else { return nil }
        return rows.flatMap { $0 ?? [] }
    }
}

extension Matrix3 {
    fileprivate init(rows: [[Double]]) {
        self.init(rows: Vector3(rows[0]), Vector3(rows[1]), Vector3(rows[2]))
    }
}
