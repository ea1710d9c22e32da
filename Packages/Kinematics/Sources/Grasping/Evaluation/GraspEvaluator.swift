import Foundation
public import Kinematics

/// A rigid motion as its matrix, as data sets store it: nothing is rounded to a unit quaternion.
public struct MatrixPose: Equatable, Sendable {
    public var rotation: Matrix3
    public var translation: Vector3

    public init(rotation: Matrix3 = .identity, translation: Vector3 = .zero) {
        (self.rotation, self.translation) = (rotation, translation)
    }

    /// The first three rows of a 4 × 4 or 3 × 4 matrix, row by row.
    public init(rowMajor m: [Double]) {
        precondition(m.count == 12 || m.count == 16, "MatrixPose: \(m.count) numbers")
        self.init(
            rotation: Matrix3(
                rows: Vector3(m[0], m[1], m[2]), Vector3(m[4], m[5], m[6]), Vector3(m[8], m[9], m[10])),
            translation: Vector3(m[3], m[7], m[11]))
    }

    public init(_ pose: Pose) { self.init(rotation: pose.rotation.matrix, translation: pose.translation) }

    public static func * (pose: MatrixPose, point: Vector3) -> Vector3 { pose.rotation * point + pose.translation }
    public static func * (a: MatrixPose, b: MatrixPose) -> MatrixPose {
        MatrixPose(rotation: a.rotation * b.rotation, translation: a * b.translation)
    }

    /// The inverse of an orthonormal one.
    public var inverse: MatrixPose {
        let transposed = rotation.transposed
        return MatrixPose(rotation: transposed, translation: -(transposed * translation))
    }

    public func callAsFunction(_ cloud: PointCloud) -> PointCloud { PointCloud(cloud.points.map { self * $0 }) }
}

/// The evaluation of GraspNet-1Billion: how many of the best grasps of a view hold, for six coefficients of friction.
///
/// Source: Fang et al. 2020, section 4.4; graspnetAPI, `eval_grasp`.
public struct GraspEvaluator: Sendable {
    /// An object of a scene.
    public struct Object: Sendable {
        public var id: Int
        /// Surface points in the model's frame, one a voxel of 8 mm.
        public var points: PointCloud
        /// Distances in the model's frame.
        public var distances: SignedDistanceGrid
        /// Camera from object.
        public var pose: MatrixPose

        public init(id: Int, points: PointCloud, distances: SignedDistanceGrid, pose: MatrixPose) {
            (self.id, self.points, self.distances, self.pose) = (id, points, distances, pose)
        }
    }

    /// The columns of ``ViewResult/accuracy``.
    public static let frictions = [0.2, 0.4, 0.6, 0.8, 1.0, 1.2]
    /// The voxel of models and table, in metres.
    public static let voxelSize = 0.008

    public var gripper = BenchmarkGripper()
    public var maximumWidth = 0.1
    public var suppressionDistance = 0.03
    public var suppressionAngle = Double.pi / 6
    /// Grasps kept of each object.
    public var countPerObject = 10
    /// Rank whose score is the least one kept over all objects, and rows of the accuracy.
    public var rankCount = 50
    /// How far around an object points of the scene are looked at, in metres.
    public var margin = 0.05

    public init() {}

    /// The grasps of an object that are evaluated, with what becomes of them.
    public struct ObjectResult: Equatable, Sendable {
        public var grasps: GraspGroup
        /// The smallest friction that holds, or -1.
        public var scores: [Double]
        /// Whether the gripper meets a point, or has nothing between the fingers.
        public var collisions: [Bool]
    }

    /// What becomes of a view's grasps.
    public struct ViewResult: Equatable, Sendable {
        /// In the order of the scene's objects.
        public var objects: [ObjectResult]
        /// All of them by descending predicted score, with their results.
        public var grasps: GraspGroup
        public var scores: [Double]
        public var collisions: [Bool]
        /// `[k][μ]`: of the k + 1 best grasps, those that hold at a friction, by k + 1.
        public var accuracy: [[Double]]

        /// The mean over ranks for each friction.
        public var averagePrecisions: [Double] {
            guard let first = accuracy.first else { return [] }
            return first.indices.map { column in accuracy.reduce(0) { $0 + $1[column] } / Double(accuracy.count) }
        }

        /// The mean over ranks and frictions.
        public var averagePrecision: Double {
            let values = averagePrecisions
            return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        }
    }

    /// The points of the benchmark's table, in its own frame: a slab of 1 × 1 × 0.05 m below z = 0.
    public static func tablePoints(
        size: Vector3 = Vector3(1, 1, 0.05), corner: Vector3 = Vector3(-0.5, -0.5, -0.05), spacing: Double = voxelSize
    ) -> PointCloud {
        let axes = (0..<3).map { a -> [Double] in
            let count = Int(size[a] / spacing)
            return (0..<count).map { k in
                (count > 1 ? Double(k) * (size[a] / Double(count - 1)) : 0) + corner[a]
            }
        }
        var points: [Vector3] = []
        for y in axes[1] { for x in axes[0] { for z in axes[2] { points.append(Vector3(x, y, z)) } } }
        return PointCloud(points)
    }

    /// Evaluates the grasps of a view. All in the camera's frame.
    ///
    /// - Parameters:
    ///   - table: More points of the scene; see ``tablePoints(size:corner:spacing:)``.
    public func evaluate(_ predicted: GraspGroup, objects: [Object], table: PointCloud = PointCloud()) -> ViewResult {
        // widths that the gripper has, and grasps that differ
        var candidates = predicted
        for i in candidates.indices { candidates[i].width = min(max(candidates[i].width, 0), maximumWidth) }
        candidates = candidates.nonMaximumSuppressed(distance: suppressionDistance, angle: suppressionAngle)

        // each belongs to the object with the nearest point
        let clouds = objects.map { $0.pose($0.points) }
        let owners = clouds.indices.flatMap { i in [Int](repeating: i, count: clouds[i].count) }
        let tree = PointTree(PointCloud(clouds.flatMap(\.points)))
        var kept = [GraspGroup](repeating: GraspGroup(), count: objects.count)
        for grasp in candidates {
            guard let nearest = tree.nearest(to: grasp.translation) else { continue }
            kept[owners[nearest.index]].append(grasp)
        }

        // the best of each object, down to the score of a rank over all
        kept = kept.map { GraspGroup($0.sortedByScore().prefix(countPerObject)) }
        let merged = kept.flatMap { $0.map(\.score) }.sorted(by: >)
        if !merged.isEmpty {
            let least = merged[min(rankCount - 1, merged.count - 1)]
            kept = kept.map { group in GraspGroup(group.filter { $0.score >= least }) }
        }

        let scene = clouds.flatMap(\.points) + table.points
        let results = objects.indices.map { i in
            evaluate(kept[i], object: objects[i], cloud: clouds[i], scene: scene)
        }

        // by predicted score; equal ones stay in the order of the objects
        let all = results.flatMap { result in
            result.grasps.indices.map { (result.grasps[$0], result.scores[$0], result.collisions[$0]) }
        }
        let order = all.indices.sorted { (all[$1].0.score, $0) < (all[$0].0.score, $1) }
        let scores = order.map { all[$0].1 }
        return ViewResult(
            objects: results, grasps: GraspGroup(order.map { all[$0].0 }), scores: scores,
            collisions: order.map { all[$0].2 }, accuracy: accuracy(scores))
    }

    private func evaluate(_ grasps: GraspGroup, object: Object, cloud: PointCloud, scene: [Vector3]) -> ObjectResult {
        guard !grasps.isEmpty, let (lower, upper) = cloud.bounds else {
            return ObjectResult(grasps: grasps, scores: [], collisions: [])
        }
        let (low, high) = (lower - margin, upper + margin)
        let near = PointCloud(
            scene.filter {
                $0.x > low.x && $0.y > low.y && $0.z > low.z && $0.x < high.x && $0.y < high.y && $0.z < high.z
            }
        ).doubles
        let collisions = grasps.map { gripper.collides($0, coordinates: near) }
        let inverse = object.pose.inverse
        let scores = zip(grasps, collisions).map { grasp, collides in
            collides
                ? -1
                : object.distances.benchmarkScore(
                    of: grasp.transformed(rotation: inverse.rotation, translation: inverse.translation))
        }
        return ObjectResult(grasps: grasps, scores: scores, collisions: collisions)
    }

    /// `acc[k, μ] = #{i ≤ k : 0 < score_i ≤ μ} / k`, also where fewer than k grasps exist.
    func accuracy(_ scores: [Double]) -> [[Double]] {
        var holds = [Double](repeating: 0, count: Self.frictions.count)
        return (0..<rankCount).map { k in
            if k < scores.count {
                for (column, friction) in Self.frictions.enumerated() where scores[k] > 0 && scores[k] <= friction {
                    holds[column] += 1
                }
            }
            return holds.map { $0 / Double(k + 1) }
        }
    }
}
