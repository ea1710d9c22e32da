import FileSupport
import Foundation
import Grasping
import Kinematics
import TensorCore
import Testing

@Suite struct GraspGroupTests {
    private func grasp(_ score: Double, x: Double = 0, turn: Double = 0) -> Grasp {
        Grasp(
            score: score, rotation: Rotation(exponential: Vector3(0, 0, turn)).matrix, translation: Vector3(x, 0, 0))
    }

    @Test func defaultGraspIsTheBenchmarks() {
        let row = GraspGroup([Grasp()]).array.elements(of: Double.self)
        #expect(row == [0, 0.02, 0.02, 0.02, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, -1])
    }

    @Test func amongEqualScoresTheLaterComesFirst() {
        let group: GraspGroup = [grasp(0.5, x: 0), grasp(0.9, x: 1), grasp(0.5, x: 2), grasp(0.1, x: 3)]
        #expect(group.sortedByScore().map(\.translation.x) == [1, 2, 0, 3])
        #expect(group.sortedByScore(ascending: true).map(\.translation.x) == [3, 0, 2, 1])
    }

    @Test func subsetsKeepTheirOrder() {
        let group = GraspGroup((0..<5).map { grasp(0.1 * Double($0), x: Double($0)) })
        #expect(group[[4, 0]].map(\.translation.x) == [4, 0])
        #expect(group[mask: [true, false, false, true, false]].map(\.translation.x) == [0, 3])
        #expect(group.removing(at: [1, 2]).map(\.translation.x) == [0, 3, 4])
        var generator = PhiloxGenerator(seed: 3)
        let sample = group.randomSample(3, using: &generator)
        #expect(Set(sample.map(\.translation.x)).count == 3)
        #expect(group.randomSample(9, using: &generator).count == 5)
    }

    /// Both thresholds are strict: a grasp at exactly 3 cm, or at exactly 30°, stays.
    @Test func suppressionNeedsBothThresholds() {
        let group: GraspGroup = [
            grasp(1), grasp(0.9, x: 0.029), grasp(0.8, x: 0.03), grasp(0.7, x: 0.01, turn: 0.6),
            grasp(0.6, x: 0.01, turn: 0.5),
        ]
        #expect(group.nonMaximumSuppressed().map(\.score) == [1, 0.8, 0.7])
        #expect(group.nonMaximumSuppressed(distance: 0, angle: 0).count == 5)
    }

    /// What the grid of cells leaves out is far away: the plain loop over all pairs gives the same.
    @Test func suppressionMatchesAllPairs() {
        var generator = PhiloxGenerator(seed: 11)
        let grasps = (0..<300).map { _ -> Grasp in
            func draw() -> Double { Double.random(in: -0.08...0.08, using: &generator) }
            return Grasp(
                score: Double.random(in: 0...1, using: &generator),
                rotation: randomRotation(using: &generator).matrix, translation: Vector3(draw(), draw(), draw()))
        }
        for (distance, angle) in [(0.03, Double.pi / 6), (0.02, 3.2), (0.3, 0.5)] {
            var kept: [Grasp] = []
            for grasp in grasps.sorted(by: { $0.score > $1.score }) {
                let isNear = kept.contains { other in
                    let (d, a) = grasp.difference(to: other)
                    return d < distance && a < angle
                }
                if !isNear { kept.append(grasp) }
            }
            #expect(GraspGroup(grasps).nonMaximumSuppressed(distance: distance, angle: angle).grasps == kept)
        }
    }

    @Test func fileRoundTrips() throws {
        var generator = PhiloxGenerator(seed: 5)
        let group = GraspGroup(
            (0..<7).map { k in
                Grasp(
                    score: 0.1 * Double(k), width: 0.05, rotation: randomRotation(using: &generator).matrix,
                    translation: Vector3(0.1, -0.2, 0.3), objectID: k)
            })
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appendingPathComponent("0000.npy")
        try group.write(to: url)
        #expect(try GraspGroup(at: url) == group)

        // float32 is read too, to its precision
        let single = try NumPyArray.data(group.array.converted(to: .float32))
        let again = try GraspGroup(bytes: single, name: "single")
        #expect(zip(again, group).allSatisfy { deviation($0.row, $1.row) < 1e-6 })
        #expect(try GraspGroup(bytes: NumPyArray.data(GraspGroup().array), name: "none").isEmpty)
    }

    @Test func otherArraysAreRefused() throws {
        let wrong = try NumPyArray.data(Tensor(scalars: [Double](repeating: 0, count: 16), [1, 16]))
        #expect(throws: SerializationError.self) { try GraspGroup(bytes: wrong, name: "16 columns") }
        var row = Grasp().row
        row[5] = .nan
        let damaged = try NumPyArray.data(Tensor(scalars: row, [1, 17]))
        #expect(throws: SerializationError.self) { try GraspGroup(bytes: damaged, name: "NaN") }
    }

    @Test func gripperMeshSpansTheJaw() throws {
        let grasp = Grasp(width: 0.06, depth: 0.03, translation: Vector3(1, 2, 3))
        let (lower, upper) = try #require(GripperShape().mesh(at: grasp).bounds)
        #expect(abs(upper.x - 1.03) < 1e-12)
        #expect(abs(upper.y - lower.y - 0.068) < 1e-12)
        #expect(GripperShape().segments(at: grasp).count == 4)
    }
}
