import Foundation
import Kinematics
import TensorTestSupport
import Testing

/// Spheres of the fixtures in `golden/kinematics`, section 6.1 of the specification.
@Suite struct CollisionGoldenTests {
    @Test(arguments: RobotGolden.withSpheres) func spheresMatchTheReference(case golden: RobotGolden) throws {
        let golden = try golden.open()
        let model = try golden.model()
        let collision = try CollisionModel(model, configuration: golden.configuration())
        #expect(collision.spheres.map(\.link) == (try golden.list("sphere_links")))
        #expect(collision.selfPairs.count == Int(try golden.text("n_pairs")))

        let (state, checker) = (model.makeState(), collision.makeChecker())
        let (positions, spheres) = (try golden.rows("spheres_q"), try golden.rows("spheres_world"))
        let (distances, depths) = (try golden.values("self_signed_distance"), try golden.values("self_penetration"))
        let pairs = try golden.rows("self_worst_pair")
        for i in positions.indices {
            state.update(positions[i])
            checker.update(state)
            let found = collision.spheres.indices.flatMap { checker.center($0).array + [collision.spheres[$0].radius] }
            #expect(deviation(found, spheres[i]) < 1e-12)

            let nearest = checker.selfDistance()
            #expect(abs(nearest.distance - distances[i]) < 1e-12)
            #expect(abs(max(0, -nearest.distance) - depths[i]) < 1e-12)
            // another pair may be as near
            let expected = (Int(pairs[i][0]), Int(pairs[i][1]))
            let pair = try #require(nearest.pair)
            if pair != expected {
                let (a, b) = (collision.spheres[expected.0], collision.spheres[expected.1])
                let gap = (checker.center(expected.0) - checker.center(expected.1)).length - a.selfRadius - b.selfRadius
                #expect(abs(gap - nearest.distance) < 1e-12)
            }
        }
    }
}

/// `golden/kinematics/signed_distance.json`: formulas for the solids, trimesh for the meshes.
private struct DistanceGolden: Decodable {
    struct Case: Decodable {
        let type: String
        let dims, base, tip, pose_xyz_wxyz: [Double]?
        let radius, height: Double?
        let file: String?
        let watertight: Bool?
        let points: [[Double]]
        let sd: [Double]
    }
    let cases: [Case]

    static let all: [Case] = SharedFixtures.all("golden/kinematics/signed_distance.json").flatMap { url in
        (try? Golden.json(url, as: DistanceGolden.self))?.cases ?? []
    }
}

@Suite struct SignedDistanceGoldenTests {
    private func shape(_ golden: DistanceGolden.Case) throws -> Obstacle.Shape {
        switch golden.type {
        case "cuboid": return .cuboid(Vector3(try #require(golden.dims)))
        case "sphere": return .sphere(radius: try #require(golden.radius))
        case "capsule":
            return .capsule(
                base: Vector3(try #require(golden.base)), tip: Vector3(try #require(golden.tip)),
                radius: try #require(golden.radius))
        case "cylinder":
            return .cylinder(radius: try #require(golden.radius), height: try #require(golden.height))
        case "mesh":
            let path = try #require(golden.file)
            let file = try #require(SharedFixtures.all(path).last)
            return .mesh(MeshDistance(try TriangleMesh.read(file)))
        default: throw FixtureError(description: "solids of type \(golden.type)")
        }
    }

    @Test(arguments: Array(DistanceGolden.all.indices)) func distancesMatchTheReference(index: Int) throws {
        let golden = DistanceGolden.all[index]
        var pose = Pose.identity
        if let p = golden.pose_xyz_wxyz {
            pose = Pose(
                rotation: try Rotation(Quaternion(SIMD4(p[3], p[4], p[5], p[6]), order: .wxyz)),
                translation: Vector3(p))
        }
        let obstacle = Obstacle("golden", try shape(golden), pose: pose)
        let isMesh = golden.type == "mesh"
        let isSigned = golden.watertight ?? true
        var worst = 0.0
        for (point, expected) in zip(golden.points, golden.sd) {
            let p = Vector3(point)
            let (distance, gradient) = obstacle.signedDistanceAndGradient(at: p)
            #expect(
                distance == obstacle.signedDistance(to: p) || abs(distance - obstacle.signedDistance(to: p)) < 1e-14)
            worst = max(worst, isSigned ? abs(distance - expected) : abs(abs(distance) - abs(expected)))

            // the gradient is the derivative, where the nearest point is one
            guard abs(distance) > 1e-3 else { continue }
            #expect(abs(gradient.length - 1) < 1e-9)
            let h = 1e-6
            let ahead = obstacle.signedDistance(to: p + h * gradient)
            let behind = obstacle.signedDistance(to: p - h * gradient)
            if !isMesh { #expect(abs((ahead - behind) / (2 * h) - 1) < 1e-6) }
        }
        #expect(worst < (isMesh ? 1e-6 : 1e-12))
    }
}
