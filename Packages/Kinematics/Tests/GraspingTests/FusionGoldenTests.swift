import Foundation
import Grasping
import Kinematics
import TensorTestSupport
import Testing

/// Files like `fusion.json`: the state of a field after every frame, by a NumPy reference.
struct FusionGolden: Decodable {
    struct Parameters: Decodable {
        let cells, minCluster: Int
        let cell, angle, clusterAngle, roi, seeThrough, decay, floor: Double
        let symmetric, oncePerFrame: Bool
    }
    struct Gripper: Decodable {
        let t, R: [Double]
    }
    struct Item: Decodable {
        let score, width, depth: Double
        let R, t: [Double]
    }
    struct Frame: Decodable {
        let grasps: [Item]
        let T: [[Double]]
        let depth: [[Double]]?
        let K: [Double]?
    }
    struct Fused: Decodable {
        let id, n: Int
        let t, R: [Double]
        let width, depth, S, rank: Double
        let frames, cell: [Int]
        let valid: Bool
    }
    struct State: Decodable {
        let counts: [String: Int]
        let graspability, growth: Double
        let validCount: Int
        let best: Int?
        let grasps: [Fused]
        let Dgg: Double?
    }
    struct Case: Decodable {
        let name: String
        let target: [Double]
        let params: Parameters
        let gripper: Gripper?
        let frames: [Frame]
        let expected: [State]
    }
    struct Reward: Decodable {
        let t_over_tmax, sigma, r_go, r_gg, r: Double
    }

    let cases: [Case]
    let reward: [Reward]

    static let all = GraspFixtures.json(FusionGolden.self)
    static let cases = all.flatMap(\.value.cases)
}

/// Positions and scores to 1e-9, rotations and distances to 1e-7, everything else exact.
@Suite struct FusionGoldenTests {
    @Test(arguments: FusionGolden.cases.map(\.name))
    func fieldMatches(name: String) throws {
        let test = try #require(FusionGolden.cases.first { $0.name == name })
        var parameters = GraspField.Parameters()
        (parameters.cellCount, parameters.cellSize) = (test.params.cells, test.params.cell)
        (parameters.angle, parameters.clusterAngle) = (test.params.angle, test.params.clusterAngle)
        parameters.minimumClusterCount = test.params.minCluster
        parameters.isSymmetric = test.params.symmetric
        parameters.addsOncePerFrame = test.params.oncePerFrame
        parameters.regionRadius = test.params.roi
        parameters.seeThroughDistance = test.params.seeThrough
        (parameters.decay, parameters.scoreFloor) = (test.params.decay, test.params.floor)
        var field = GraspField(target: Vector3(test.target), parameters: parameters)

        for (frame, expected) in zip(test.frames, test.expected) {
            let group = GraspGroup(
                frame.grasps.map { item in
                    Grasp(
                        score: item.score, width: item.width, depth: item.depth,
                        rotation: matrix(item.R), translation: Vector3(item.t))
                })
            let view = frame.depth.map { rows in
                GraspField.View(
                    depth: DepthImage(
                        width: rows[0].count, height: rows.count, values: rows.flatMap { $0 }),
                    camera: PinholeCamera(
                        width: rows[0].count, height: rows.count, focalLength: SIMD2(frame.K![0], frame.K![1]),
                        principalPoint: SIMD2(frame.K![2], frame.K![3])))
            }
            field.insert(group, worldFromCamera: MatrixPose(rowMajor: frame.T.flatMap { $0 }), view: view)
            compare(field, expected)
            if let gripper = test.gripper, let distance = expected.Dgg {
                let found = try #require(
                    field.distance(to: MatrixPose(rotation: matrix(gripper.R), translation: Vector3(gripper.t))))
                #expect(abs(found - distance) < 1e-7)
            }
        }
    }

    private func compare(_ field: GraspField, _ expected: FusionGolden.State) {
        let counts = [
            "added": field.counts.added, "merged": field.counts.merged, "duplicate": field.counts.duplicate,
            "outside": field.counts.outside, "rejected": field.counts.rejected, "joined": field.counts.joined,
            "removed": field.counts.removed,
        ]
        #expect(counts == expected.counts)
        #expect(abs(field.graspability - expected.graspability) < 1e-9)
        #expect(abs(field.growth - expected.growth) < 1e-9)
        #expect(field.validity.count { $0 } == expected.validCount)
        #expect(field.best?.id == expected.best)
        #expect(field.grasps.map(\.id) == expected.grasps.map(\.id))
        for (found, reference) in zip(field.grasps, expected.grasps) {
            #expect(deviation(found.translation.array, reference.t) < 1e-9)
            #expect(deviation(found.rotation.array, reference.R) < 1e-7)
            #expect(abs(found.width - reference.width) < 1e-9 && abs(found.depth - reference.depth) < 1e-9)
            #expect(abs(found.score - reference.S) < 1e-9 && abs(found.rank - reference.rank) < 1e-9)
            #expect(found.count == reference.n && found.frames.sorted() == reference.frames)
            #expect([found.cell.x, found.cell.y, found.cell.z] == reference.cell)
        }
        #expect(field.validity == expected.grasps.map(\.valid))
    }

    private func matrix(_ v: [Double]) -> Matrix3 {
        Matrix3([Array(v[0..<3]), Array(v[3..<6]), Array(v[6..<9])])
    }

    @Test(arguments: FusionGolden.all.indices)
    func rewardsMatch(index: Int) {
        for row in FusionGolden.all[index].value.reward {
            #expect(abs(GraspabilityReward.weight(timeShare: row.t_over_tmax) - row.sigma) < 1e-9)
            let value = GraspabilityReward.value(growth: row.r_go, approach: row.r_gg, timeShare: row.t_over_tmax)
            #expect(abs(value - row.r) < 1e-9)
        }
    }
}
