import FileSupport
import Foundation
import Grasping
import ImageProcessing
import Kinematics
import TensorCore
import Testing

/// A folder of the data set's layout that the test writes: one scene with one ball on a table.
@Suite struct GraspNetDatasetTests {
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("graspnet-\(UUID().uuidString)")

        deinit { try? FileManager.default.removeItem(at: url) }

        func write(_ bytes: [UInt8], _ path: String) throws {
            let file = url.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }

        func write(_ values: [Double], _ shape: [Int], _ path: String) throws {
            try write(NumPyArray.data(Tensor(scalars: values, Shape(shape))), path)
        }
    }

    /// The camera looks straight down from half a metre; object 5, a ball of 3 cm, lies on the table.
    private func makeFolder() throws -> Folder {
        let folder = Folder()
        let scene = "scenes/scene_0100/kinect"
        try folder.write(PNG.encode(RGBImage(width: 4, height: 3, color: SIMD3(9, 8, 7))), "\(scene)/rgb/0001.png")
        let depth = GrayImage(width: 4, height: 3, values: (0..<12).map { UInt16(500 + $0) })
        try folder.write(depth.png, "\(scene)/depth/0001.png")
        let label = GrayImage(width: 4, height: 3, bitDepth: 8, values: (0..<12).map { $0 == 5 ? 6 : 0 })
        try folder.write(label.png, "\(scene)/label/0001.png")
        let xml = """
            <scene><obj><obj_id>5</obj_id><obj_name>ball.ply</obj_name><obj_path>models/005/ball.ply</obj_path>\
            <pos_in_world>0.0000 0.0000 0.4700</pos_in_world><ori_in_world>1.0 0.0 0.0 0.0</ori_in_world></obj></scene>
            """
        try folder.write(Array(xml.utf8), "\(scene)/annotations/0001.xml")
        let pose: [Float] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0.47]
        try folder.write(
            MatFile.data([
                ("cls_indexes", Tensor([6], [1, 1])), ("poses", Tensor(pose, [3, 4, 1])),
                ("intrinsic_matrix", Tensor(scalars: [500, 0, 2, 0, 501, 1, 0, 0, 1] as [Double], [3, 3])),
                ("factor_depth", Tensor([1000], [1, 1])),
            ]), "\(scene)/meta/0001.mat")
        let identity: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
        try folder.write(identity + identity, [2, 4, 4], "\(scene)/camera_poses.npy")
        // the camera's z is the table's -z
        try folder.write([1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0.5, 0, 0, 0, 1], [4, 4], "\(scene)/cam0_wrt_table.npy")

        var points: [Vector3] = []
        for view in GraspViews.fibonacciSphere(2000) { points.append(0.03 * view) }
        try folder.write(PLYFile(vertices: points).data, "models/005/nontextured.ply")
        var text = "37 37 37\n-0.045 -0.045 -0.045\n0.0025\n"
        for z in 0..<37 {
            for y in 0..<37 {
                for x in 0..<37 {
                    let p = 0.0025 * Vector3(Double(x), Double(y), Double(z)) - 0.045
                    text += "\(Float(p.length - 0.03))\n"
                }
            }
        }
        try folder.write(Array(text.utf8), "models/005/textured.sdf")
        return folder
    }

    @Test func everythingIsRead() throws {
        let folder = try makeFolder()
        let dataset = try GraspNetDataset(at: folder.url)
        #expect(dataset.scenes == [100])
        #expect(dataset.views(scene: 100, camera: .kinect) == [1])
        #expect(dataset.views(scene: 100, camera: .realsense) == [])
        #expect(try dataset.color(scene: 100, camera: .kinect, view: 1)[0, 0] == SIMD3(9, 8, 7))
        #expect(try dataset.depth(scene: 100, camera: .kinect, view: 1)[column: 1, row: 2] == 0.509)
        #expect(try dataset.labels(scene: 100, camera: .kinect, view: 1).values[5] == 6)
        let meta = try dataset.meta(scene: 100, camera: .kinect, view: 1)
        #expect(meta.intrinsics == [500, 0, 2, 0, 501, 1, 0, 0, 1])
        #expect(meta.objects.map(\.object) == [5])
        let annotation = try dataset.annotation(scene: 100, camera: .kinect, view: 1)
        #expect(annotation == [.init(object: 5, pose: MatrixPose(translation: Vector3(0, 0, 0.47)))])
        #expect(abs(meta.objects[0].pose.translation.z - 0.47) < 1e-7)
    }

    /// A grasp from above around the ball holds in the benchmark; one beside it does not.
    @Test func predictionsAreEvaluated() throws {
        let folder = try makeFolder()
        let dataset = try GraspNetDataset(at: folder.url)
        let forward = Matrix3(columns: Vector3(0, 0, 1), Vector3(0, 1, 0), Vector3(-1, 0, 0))
        func grasp(_ score: Double, _ y: Double) -> Grasp {
            Grasp(
                score: score, width: 0.08, depth: 0.02, rotation: forward, translation: Vector3(0, y, 0.4499))
        }
        var benchmark = GraspNetBenchmark(
            dataset, camera: .kinect, predictions: folder.url.appendingPathComponent("dump"))
        let url = benchmark.prediction(scene: 100, view: 1)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try GraspGroup([grasp(0.9, 0), grasp(0.5, 0.1)]).write(to: url)

        var seen = 0
        let views = try benchmark.evaluate(scenes: [100]) { _ in seen += 1 }
        #expect(seen == 1 && views.count == 1)
        let result = try #require(views.first).result
        #expect(result.collisions == [false, true])
        #expect(result.scores[0] > 0 && result.scores[1] == -1)
        // one of k holds: the mean of 1/k over 50 ranks, at every friction from that score on
        let harmonic = (1...50).reduce(0) { $0 + 1 / Double($1) } / 50
        let summary = GraspNetBenchmark.Summary(views.map(\.result))
        #expect(abs(summary.byFriction[5] - harmonic) < 1e-12)

        benchmark.predictions = folder.url.appendingPathComponent("elsewhere")
        #expect(throws: SerializationError.self) { try benchmark.evaluate(scenes: [100]) }
        #expect(throws: SerializationError.self) { try GraspNetDataset(at: folder.url.appendingPathComponent("dump")) }
    }

    @Test func labelsAreRead() throws {
        let folder = try makeFolder()
        let scores = Tensor(scalars: [Float](repeating: -1, count: 2 * 3 * 2 * 4), [2, 3, 2, 4])
        let arrays: [(name: String, tensor: Tensor)] = [
            ("points", Tensor(scalars: [Float](repeating: 0, count: 6), [2, 3])), ("scores", scores),
            ("offsets", Tensor(scalars: [Float](repeating: 0.5, count: 48 * 3), [2, 3, 2, 4, 3])),
            ("collision", Tensor(scalars: [Bool](repeating: true, count: 48), [2, 3, 2, 4])),
        ]
        try folder.write(NumPyArchive.data(arrays, deflated: true), "grasp_label/005_labels.npz")
        try folder.write(
            NumPyArchive.data([("arr_0", arrays[3].tensor)], deflated: true),
            "collision_label/scene_0100/collision_labels.npz")
        let dataset = try GraspNetDataset(at: folder.url)
        let labels = try dataset.labels(object: 5)
        #expect(labels.scores.floats == scores.floats && labels.collisions.dtype == .bool)
        #expect(try dataset.collisionLabels(scene: 100).count == 1)

        try folder.write(
            NumPyArchive.data(Array(arrays.prefix(2)) + [("offsets", scores), arrays[3]]), "grasp_label/006_labels.npz")
        #expect(throws: SerializationError.self) { try dataset.labels(object: 6) }
        #expect(throws: SerializationError.self) { try dataset.labels(object: 7) }
    }

    @Test(arguments: ["<scene><obj><obj_id>x</obj_id></obj></scene>", "<scene><obj>", "<!DOCTYPE a><scene></scene>"])
    func damagedAnnotationsAreRefused(text: String) throws {
        let folder = try makeFolder()
        try folder.write(Array(text.utf8), "scenes/scene_0100/kinect/annotations/0001.xml")
        let dataset = try GraspNetDataset(at: folder.url)
        #expect(throws: SerializationError.self) { try dataset.annotation(scene: 100, camera: .kinect, view: 1) }
    }

    @Test func matFilesRoundTripAndTruncationsAreRefused() throws {
        let matrix = Tensor(scalars: (0..<6).map(Double.init), [2, 3])
        let cube = Tensor((0..<24).map(Float.init), [2, 3, 4])
        let bytes = MatFile.data([("m", matrix), ("a_longer_name", cube)])
        let file = try MatFile(bytes: bytes, name: "a.mat")
        #expect(try file.numbers("m").values == (0..<6).map(Double.init))
        #expect(file.arrays["a_longer_name"]?.floats == cube.floats)
        #expect(throws: SerializationError.self) { try file.numbers("n") }
        for count in [0, 100, 127, 130, 140, bytes.count - 1] {
            #expect(throws: SerializationError.self) { try MatFile(bytes: Array(bytes.prefix(count)), name: "cut.mat") }
        }
    }
}
