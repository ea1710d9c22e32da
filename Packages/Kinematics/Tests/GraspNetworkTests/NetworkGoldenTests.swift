import Foundation
import GraspNetwork
import Grasping
import Kinematics
import TensorCore
import TensorTestSupport
import Testing

/// Files like `network_seed0.safetensors`: the network with published weights on one cloud, by a PyTorch implementation
/// in `float32`. Names that end in `_0` hold the first items only.
@Suite struct NetworkGoldenTests {
    static let files = entries(with: "grasps_raw")
    static let weights = entries(with: "view_estimator.vpmodule.conv1.weight").first

    private static func entries(with name: String) -> [URL] {
        SharedFixtures.entries(in: "golden/grasping").filter { url in
            url.pathExtension == "safetensors" && (try? SafetensorsFile(at: url))?.contains(name) == true
        }
    }

    private struct Case {
        let golden: Golden
        let detector: GraspNetDetector
        let points: [Float]

        init(_ url: URL) throws {
            golden = try Golden(url)
            points = try golden("points").elements()
            var configuration = GraspNetBaseline.Configuration()
            let counts = [try golden("fps1").elementCount, try golden("fps2").elementCount]
            configuration.levels[0].centerCount = counts[0]
            configuration.levels[1].centerCount = counts[1]
            configuration.levels[2].centerCount = counts[1] / 2
            configuration.levels[3].centerCount = try golden("sa4_features").shape[1]
            configuration.pointCount = points.count / 3
            let weights = try #require(NetworkGoldenTests.weights)
            detector = GraspNetDetector(try GraspNetBaseline.load(weights, configuration: configuration))
        }

        /// Columns of `[channels, items]` as rows.
        func rows(_ name: String) throws -> [Float] {
            let tensor = try golden(name)
            return tensor.reshaped([tensor.shape[0], -1]).transposed().elements()
        }

        func grasps(_ name: String) throws -> GraspGroup { try GraspGroup(golden(name), file: name) }
    }

    private static func largestDifference(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Float {
        zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test(arguments: files)
    func networkMatches(url: URL) throws {
        let test = try Case(url)
        let golden = test.golden
        var trace: GraspNetPredictor.Trace? = .init()
        let prediction = test.detector.predictor.predict(test.points, trace: &trace)
        let found = try #require(trace)

        // centers and groups
        #expect(found.centers.map(Int64.init) == (try golden("fps1").elements(of: Int64.self)))
        #expect((try golden("fps2").elements(of: Int64.self)) == (0..<prediction.seedCount).map(Int64.init))
        let groups = try golden("group1_first8")
        let (groupCount, size) = (groups.shape[0], groups.shape[1])
        let expected = groups.elements(of: Int64.self)
        for i in 0..<groupCount {
            // the reference repeats the first point
            let list = found.firstGroups[i].map(Int64.init)
            let filled = list + [Int64](repeating: list[0], count: size - list.count)
            #expect(filled == Array(expected[i * size..<(i + 1) * size]))
        }

        // features
        for (name, values) in [
            ("sa1_feat_0", found.levelFeatures[0]), ("sa4_features", found.levelFeatures[3]),
            ("fp2_features_0", found.seedFeatures),
        ] {
            let reference = try test.rows(name)
            #expect(Self.largestDifference(values, reference) < 1e-4, "\(name)")
        }
        #expect(Self.largestDifference(prediction.seeds, try golden("fp2_xyz").elements()) == 0)
        #expect(Self.largestDifference(prediction.objectness, try test.rows("objectness")) < 1e-3)
        #expect(Self.largestDifference(prediction.viewScores, try golden("view_score_0").elements()) < 1e-4)

        // views, and what follows from equal ones
        let views = try golden("view_top").elements(of: Int64.self)
        let equal = views.indices.filter { Int(views[$0]) == prediction.views[$0] }
        #expect(equal.count * 1000 >= views.count * 995, "\(equal.count) of \(views.count) views")
        let rotations = try golden("view_rot").elements()
        let depths = test.detector.predictor.configuration.cropHeights.count
        let cropped = try golden("vp_features_0").permuted([1, 2, 0]).elements()
        for seed in equal {
            #expect(
                Self.largestDifference(
                    prediction.rotations[9 * seed..<9 * seed + 9], rotations[9 * seed..<9 * seed + 9])
                    < 1e-6)
            let range = seed * depths * 256..<(seed + 1) * depths * 256
            if range.upperBound <= cropped.count {
                #expect(Self.largestDifference(found.cropFeatures[range], cropped[range]) < 1e-4)
            }
        }
        for (name, values) in [
            ("score", prediction.scores), ("angle", prediction.angles), ("width", prediction.widths),
            ("tolerance", prediction.tolerances),
        ] {
            let reference = try golden(name).permuted([1, 2, 0]).elements()
            let size = depths * GraspNetBaseline.angleCount
            for seed in equal {
                let range = seed * size..<(seed + 1) * size
                #expect(Self.largestDifference(values[range], reference[range]) < 1e-3, "\(name) of seed \(seed)")
            }
        }
    }

    /// Grasps of equal view and class differ by rounding alone; seeds at a tie may take another one.
    @Test(arguments: files)
    func graspsMatch(url: URL) throws {
        let test = try Case(url)
        let expected = try test.grasps("grasps_raw")
        let found = test.detector.decode(test.detector.predictor(test.points))
        #expect(abs(found.count - expected.count) * 200 <= expected.count)
        var equal = 0
        for reference in expected {
            guard let grasp = found.first(where: { $0.translation == reference.translation }) else { continue }
            guard grasp.rotation.angle(to: reference.rotation) < 1e-3, abs(grasp.depth - reference.depth) < 1e-6 else {
                continue
            }
            equal += 1
            #expect(abs(grasp.score - reference.score) < 1e-3 && abs(grasp.width - reference.width) < 1e-3)
        }
        #expect(equal * 1000 >= expected.count * 985, "\(equal) of \(expected.count)")
    }

    @Test(arguments: files)
    func collisionsMatch(url: URL) throws {
        let test = try Case(url)
        let grasps = try test.grasps("grasps_raw")
        let cloud = PointCloud(coordinates: test.points)
        let detector = CloudCollisionDetector(cloud, voxelSize: 0.01)
        #expect(detector.scene.count == Int(try test.golden("n_voxels").elements(of: Int64.self)[0]))
        let overlaps = detector.findings(grasps, approach: 0.05).map(\.overlap)
        let expected = try test.golden("collision_iou").elements(of: Double.self)
        #expect(zip(overlaps, expected).allSatisfy { abs($0 - $1) < 1e-6 })
        let collisions = detector.collisions(grasps, approach: 0.05, threshold: 0.01)
        #expect(collisions == (try test.golden("collision").elements(of: Bool.self)))

        // after removal the same grasps survive
        #expect(grasps[mask: collisions.map(!)].nonMaximumSuppressed() == (try test.grasps("grasps_nms")))
    }
}
