import Foundation
import Grasping
import Kinematics
import TensorCore
import TensorTestSupport
import Testing

/// Files like `eval_scene_1.safetensors`: graspnetAPI's evaluation of grasps on synthetic scenes.
@Suite struct EvaluationGoldenTests {
    private struct Scene {
        let golden: Golden
        let objects: [GraspEvaluator.Object]
        let table: PointCloud

        init(_ url: URL) throws {
            let golden = try Golden(url)
            func doubles(_ name: String) throws -> [Double] { try golden(name).elements(of: Double.self) }
            let poses = try doubles("poses")
            let numbers = (0..<poses.count / 16).prefix { golden.file.contains("sdf_\($0)") }
            objects = try numbers.map { i in
                let values = try golden("sdf_\(i)")
                let grid = SignedDistanceGrid(
                    size: SIMD3(values.shape[0], values.shape[1], values.shape[2]),
                    origin: Vector3(try doubles("sdf_origin_\(i)")), cellSize: try doubles("sdf_resolution_\(i)")[0],
                    values: values.elements())
                return GraspEvaluator.Object(
                    id: i, points: PointCloud(Scene.vectors(try golden("model_\(i)"))), distances: grid,
                    pose: MatrixPose(rowMajor: Array(poses[16 * i..<16 * (i + 1)])))
            }
            table = MatrixPose(rowMajor: try doubles("table_to_camera"))(GraspEvaluator.tablePoints())
            self.golden = golden
        }

        func doubles(_ name: String) throws -> [Double] { try golden(name).elements(of: Double.self) }

        func grasps(_ name: String) throws -> GraspGroup { try GraspGroup(golden(name), file: name) }

        static func vectors(_ tensor: Tensor) -> [Vector3] {
            let v = tensor.elements(of: Double.self)
            return (0..<tensor.shape[0]).map { Vector3(v[3 * $0], v[3 * $0 + 1], v[3 * $0 + 2]) }
        }
    }

    static let scenes = GraspFixtures.tensorFiles(with: "sdf_0")

    @Test(arguments: scenes)
    func suppressionMatches(url: URL) throws {
        let scene = try Scene(url)
        let grasps = try scene.grasps("grasps")
        #expect(grasps.nonMaximumSuppressed() == (try scene.grasps("nms_default")))
        #expect(
            grasps.nonMaximumSuppressed(distance: 0.01, angle: 10 * .pi / 180) == (try scene.grasps("nms_tight")))
    }

    /// Selected grasps and collisions are exact; of the scores 95 % are, as the order of sums in the grid matters.
    @Test(arguments: scenes)
    func evaluationMatches(url: URL) throws {
        let scene = try Scene(url)
        let result = GraspEvaluator().evaluate(
            try scene.grasps("grasps"), objects: scene.objects, table: scene.table)

        var (equal, count) = (0, 0)
        for (i, object) in result.objects.enumerated() {
            guard scene.golden.file.contains("selected_\(i)") else { continue }
            #expect(object.grasps == (try scene.grasps("selected_\(i)")))
            #expect(object.collisions == (try scene.golden("collision_\(i)").elements(of: Bool.self)))
            let expected = try scene.doubles("score_\(i)")
            equal += zip(object.scores, expected).count { $0 == $1 }
            count += expected.count
        }
        #expect(equal * 100 >= count * 95, "\(equal) of \(count) scores")

        #expect(result.grasps == (try scene.grasps("final_grasps")))
        #expect(result.collisions == (try scene.golden("final_collision").elements(of: Bool.self)))
        let accuracy = try scene.doubles("accuracy")
        let expected = accuracy.reduce(0, +) / Double(accuracy.count)
        #expect(abs(result.averagePrecision - expected) < 0.01)
        if result.scores == (try scene.doubles("final_scores")) {
            #expect(deviation(result.accuracy.flatMap { $0 }, accuracy) < 1e-12)
        }
    }
}
