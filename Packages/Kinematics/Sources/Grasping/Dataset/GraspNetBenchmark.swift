import FileSupport
public import Foundation
import Kinematics

/// The evaluation of GraspNet-1Billion over scenes of the data set.
///
/// Predictions are `scene_0100/kinect/0000.npy`, as graspnetAPI's `dump_folder` has them.
public struct GraspNetBenchmark: Sendable {
    public var dataset: GraspNetDataset
    public var camera: GraspNetDataset.Camera
    public var predictions: URL
    public var evaluator = GraspEvaluator()

    public init(_ dataset: GraspNetDataset, camera: GraspNetDataset.Camera, predictions: URL) {
        (self.dataset, self.camera, self.predictions) = (dataset, camera, predictions)
    }

    /// The accuracy of a view, `[rank][friction]`.
    public struct View: Sendable {
        public var scene: Int
        public var view: Int
        public var graspCount: Int
        public var result: GraspEvaluator.ViewResult
    }

    /// Average precisions of some views.
    public struct Summary: Equatable, Sendable, Codable {
        public var viewCount: Int
        /// Means over ranks, frictions and views; between 0 and 1.
        public var ap: Double
        /// At friction 0.8 and 0.4.
        public var ap08: Double
        public var ap04: Double
        /// For each of the evaluator's frictions.
        public var byFriction: [Double]

        public init(_ views: some Collection<GraspEvaluator.ViewResult>) {
            let frictions = GraspEvaluator.frictions
            let count = Double(max(1, views.count))
            viewCount = views.count
            let sums = views.reduce([Double](repeating: 0, count: frictions.count)) { sum, view in
                zip(sum, view.averagePrecisions).map(+)
            }
            let means = sums.map { $0 / count }
            byFriction = means
            ap = means.reduce(0, +) / Double(means.count)
            ap08 = means[3]
            ap04 = means[1]
        }
    }

    /// Where the prediction of a view is.
    public func prediction(scene: Int, view: Int) -> URL {
        let (folder, file) = (String(format: "scene_%04d", scene), String(format: "%04d.npy", view))
        return predictions.appendingPathComponent("\(folder)/\(camera.rawValue)/\(file)")
    }

    /// Evaluates views of scenes.
    ///
    /// - Parameters:
    ///   - views: Which views of a scene; those with an annotation if nil.
    ///   - progress: Called after each view.
    /// - Throws: `SerializationError` that names a missing or damaged file.
    public func evaluate(
        scenes: [Int], views: [Int]? = nil, progress: (View) throws -> Void = { _ in }
    ) throws -> [View] {
        var models: [Int: (points: PointCloud, distances: SignedDistanceGrid)] = [:]
        let table = GraspEvaluator.tablePoints()
        var results: [View] = []
        for scene in scenes {
            let poses = try dataset.cameraPoses(scene: scene, camera: camera)
            let tableFromFirst = try dataset.tableFromFirstCamera(scene: scene, camera: camera)
            for view in views ?? dataset.views(scene: scene, camera: camera) {
                guard poses.indices.contains(view) else {
                    throw SerializationError(
                        .notFound, file: dataset.folder(scene: scene, camera: camera).path,
                        "camera_poses.npy has \(poses.count) poses and none for view \(view)")
                }
                let objects = try dataset.annotation(scene: scene, camera: camera, view: view)
                for object in objects where models[object.object] == nil {
                    models[object.object] = (
                        try dataset.modelPoints(object.object).voxelDownsampled(GraspEvaluator.voxelSize),
                        try dataset.modelDistances(object.object)
                    )
                }
                let grasps = try GraspGroup(at: prediction(scene: scene, view: view))
                let result = evaluator.evaluate(
                    grasps,
                    objects: objects.map { object in
                        let model = models[object.object]!
                        return GraspEvaluator.Object(
                            id: object.object, points: model.points, distances: model.distances, pose: object.pose)
                    },
                    table: (tableFromFirst * poses[view]).inverse(table))
                let entry = View(scene: scene, view: view, graspCount: grasps.count, result: result)
                results.append(entry)
                try progress(entry)
            }
        }
        return results
    }
}
