import FileSupport
import Foundation
import Grasping
import Kinematics
import TensorCore
import Testing

@Suite struct EvaluationTests {
    /// Distances of a function in a grid of 2 mm around the origin.
    private static func grid(_ half: SIMD3<Int>, _ distance: (Vector3) -> Double) -> SignedDistanceGrid {
        let size = half &* 2 &+ 1
        let origin = -0.002 * Vector3(Double(half.x), Double(half.y), Double(half.z))
        var values: [Float] = []
        for x in 0..<size.x {
            for y in 0..<size.y {
                for z in 0..<size.z {
                    values.append(Float(distance(origin + 0.002 * Vector3(Double(x), Double(y), Double(z)))))
                }
            }
        }
        return SignedDistanceGrid(size: size, origin: origin, cellSize: 0.002, values: values)
    }

    /// A ball of 3 cm.
    private static let ball = grid(SIMD3(20, 20, 20)) { $0.length - 0.03 }

    /// The grid of a mesh holds the distances to it.
    @Test func gridOfAMeshIsItsDistance() {
        let mesh = TriangleMesh.box(Vector3(0.04, 0.04, 0.08))
        let grid = SignedDistanceGrid(mesh, cellSize: 0.01, margin: 2)
        let distance = MeshDistance(mesh)
        #expect(grid.size == SIMD3(9, 9, 13))
        for (i, j, k) in [(0, 0, 0), (4, 4, 6), (2, 4, 6), (8, 1, 12)] {
            let point = grid.point(atGrid: Vector3(Double(i), Double(j), Double(k)))
            #expect(abs(grid.distance(at: point) - distance.signedDistance(to: point)) < 1e-7)
        }
    }

    /// Contacts on a ball lie on it, with normals outward; the pair through the center holds with any friction.
    @Test func ballIsHeldThroughItsCenter() throws {
        var generator = PhiloxGenerator(seed: 4)
        var found = 0
        for _ in 0..<20 {
            let rotation = randomRotation(using: &generator).matrix
            let grasp = Grasp(width: 0.08, depth: 0.01, rotation: rotation, translation: -0.01 * rotation.columns.0)
            guard let (first, second) = Self.ball.contacts(of: grasp) else { continue }
            found += 1
            for contact in [first, second] {
                #expect(abs(contact.point.length - 0.03) < 0.002)
                #expect(contact.normal.dot(contact.point) / contact.point.length > 0.95)
            }
            #expect(Self.ball.benchmarkScore(of: grasp) > 0)
        }
        #expect(found > 5)
        // beside the ball
        #expect(Self.ball.contacts(of: Grasp(width: 0.08, translation: Vector3(0, 0, 0.05))) == nil)
        #expect(Self.ball.benchmarkScore(of: Grasp(width: 0.08, translation: Vector3(0, 0, 0.05))) == -1)
    }

    @Test func frictionIsTheTangent() {
        let first = GraspContact(point: Vector3(0, -0.02, 0), normal: Vector3(0, -1, 0))
        let second = GraspContact(point: Vector3(0.01, 0.02, 0), normal: Vector3(0, 1, 0))
        #expect(abs(ForceClosure.smallestFriction(first, second) - 0.25) < 1e-12)
        #expect(!ForceClosure.isAntipodal(first, second, friction: 0.24))
        #expect(ForceClosure.isAntipodal(first, second, friction: 0.26))
        #expect(ForceClosure.benchmarkScore(first, second) == 0.4)
        #expect(ForceClosure.smallestFriction(first, first) == .infinity)
    }

    /// Two soft fingers at the middle of a box resist every wrench; without torsion they cannot resist a turn about
    /// the line between them.
    @Test func softFingersResistEveryWrench() {
        let contacts = [-1.0, 1.0].map {
            GraspContact(point: Vector3(0, 0.02 * $0, 0), normal: Vector3(0, $0, 0))
        }
        func quality(_ friction: Double, torsion: Double) -> Double {
            ForceClosure.ferrariCannyQuality(
                contacts, friction: friction, center: .zero, scale: 0.02, torsionRadius: torsion)
        }
        #expect(quality(0.5, torsion: 0) < 1e-3)
        #expect(quality(0.5, torsion: 0.005) > 0.05)
        #expect(quality(0.8, torsion: 0.005) > quality(0.4, torsion: 0.005))
        // both on one side hold nothing
        let oneSided = [contacts[0], GraspContact(point: Vector3(0.01, -0.02, 0), normal: Vector3(0, -1, 0))]
        #expect(
            ForceClosure.ferrariCannyQuality(oneSided, friction: 0.5, center: .zero, scale: 0.02) < 1e-3)
    }

    /// Trilinear weights, 0 beyond the last cell, and the way to the surface outside.
    @Test func gridIsInterpolated() {
        let grid = SignedDistanceGrid(
            size: SIMD3(2, 2, 2), origin: Vector3(1, 0, 0), cellSize: 0.5, values: [0, 0, 0, 0, 4, 4, 4, 8])
        #expect(grid.distance(at: Vector3(1.25, 0, 0)) == 2)
        #expect(grid.distance(at: Vector3(1.5, 0.5, 0.5)) == 8)
        #expect(grid.distance(atGrid: Vector3(1.5, 0, 0)) == 2)
        #expect(grid.distance(atGrid: Vector3(-2, 0, 0)) == 1)
        #expect(grid.distance(atGrid: Vector3(.nan, 0, 0)) == .infinity)
    }

    @Test func gridTextRoundTrips() throws {
        let text = "2 1 2\n0.5 0 -1\n0.25\n1\n2\n3\n4\n"
        let grid = try SignedDistanceGrid(bytes: Array(text.utf8), name: "a.sdf")
        // x is fastest
        #expect(grid.values == [1, 3, 2, 4])
        #expect(grid.origin == Vector3(0.5, 0, -1))
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).sdf")
        defer { try? FileManager.default.removeItem(at: url) }
        try grid.write(to: url)
        #expect(try SignedDistanceGrid(at: url).values == grid.values)
        for bad in [
            "2 1\n", "99999999 99999999 99999999\n0 0 0\n1\n1\n", "1 1 1\n0 0 0\n0\n1\n", "1 1 1\n0 0 0\n1\nnan\n",
        ] {
            #expect(throws: SerializationError.self) {
                try SignedDistanceGrid(bytes: Array(bad.utf8), name: "bad.sdf")
            }
        }
    }

    /// A grasp around a box holds; one into it collides; one beside it is empty. Its view has the AP of one right grasp.
    @Test func oneGoodGraspIsCounted() throws {
        let box = Self.grid(SIMD3(15, 15, 25)) { max(abs($0.x) - 0.02, abs($0.y) - 0.02, abs($0.z) - 0.04) }
        var points: [Vector3] = []
        for x in -4...4 {
            for y in -4...4 {
                for z in -8...8 where abs(x) == 4 || abs(y) == 4 || abs(z) == 8 {
                    points.append(0.005 * Vector3(Double(x), Double(y), Double(z)))
                }
            }
        }
        let object = GraspEvaluator.Object(
            id: 0, points: PointCloud(points), distances: box,
            pose: MatrixPose(translation: Vector3(0, 0, 0.5)))
        // from above, that is along -z, closing along y
        let down = Matrix3(columns: Vector3(0, 0, -1), Vector3(0, 1, 0), Vector3(1, 0, 0))
        func grasp(_ score: Double, y: Double, width: Double) -> Grasp {
            Grasp(score: score, width: width, depth: 0.02, rotation: down, translation: Vector3(0, y, 0.54))
        }
        let result = GraspEvaluator().evaluate(
            [grasp(0.9, y: 0, width: 0.07), grasp(0.8, y: 0.035, width: 0.07), grasp(0.7, y: 0.2, width: 0.07)],
            objects: [object])
        #expect(result.collisions == [false, true, true])
        #expect(result.scores[1] == -1 && result.scores[2] == -1)
        #expect(GraspEvaluator().evaluate([], objects: [object]).averagePrecision == 0)
    }

    @Test func tableHasTheBenchmarksPoints() throws {
        let table = GraspEvaluator.tablePoints()
        #expect(table.count == 125 * 125 * 6)
        let (lower, upper) = try #require(table.bounds)
        #expect(lower == Vector3(-0.5, -0.5, -0.05))
        #expect((upper - Vector3(0.5, 0.5, 0)).length < 1e-12)
    }

    /// A finger, the bar, the swept space and the inside each see the one point put there.
    @Test(arguments: [
        (Vector3(0, 0.026, 0), true), (Vector3(-0.045, 0, 0), true), (Vector3(-0.07, 0.01, 0), true),
        (Vector3(0, 0, 0), false), (Vector3(0.03, 0, 0), false), (Vector3(0, 0.04, 0), false),
        (Vector3(0, 0.026, 0.02), false),
    ])
    func zonesAreWhereTheGripperIs(point: Vector3, isTouched: Bool) {
        let grasp = Grasp(width: 0.04, depth: 0.02)
        let detector = CloudCollisionDetector(PointCloud([point]), voxelSize: 0.01)
        #expect((detector.findings([grasp], approach: 0.05)[0].overlap > 0) == isTouched)
    }
}
