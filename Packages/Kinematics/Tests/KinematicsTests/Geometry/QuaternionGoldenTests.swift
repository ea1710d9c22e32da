import Foundation
import Kinematics
import TensorTestSupport
import Testing

/// Files of `data/samples/rotations`: quaternions in xyzw order with robosuite's rotation vectors.
@Suite struct QuaternionGoldenTests {
    private struct File: Decodable {
        struct Case: Decodable {
            let q, axisangle: [Double]
        }
        let cases: [Case]
    }

    static let files = SharedFixtures.entries(in: "data/samples/rotations").filter {
        $0.lastPathComponent.hasSuffix("quat_xyzw_to_axisangle.golden.json")
    }

    @Test(arguments: files)
    func rotationVectorsMatchRobosuite(file: URL) throws {
        let cases = try JSONDecoder().decode(File.self, from: Data(contentsOf: file)).cases
        #expect(!cases.isEmpty)
        for golden in cases {
            let quaternion = Quaternion(SIMD4(golden.q), order: .xyzw)
            #expect(deviation(quaternion.robosuiteAxisAngle.array, golden.axisangle) < 1e-12, "\(golden.q)")
        }
    }

    @Test func longWayRoundIsKept() {
        // −90° about x, written with w < 0: robosuite says 270° about x
        let half = 0.5.squareRoot()
        let vector = Quaternion(SIMD4(half, 0, 0, -half), order: .xyzw).robosuiteAxisAngle
        #expect(abs(vector.x - 1.5 * .pi) < 1e-12)
    }
}
