public import Grasping
import Kinematics

/// Grasps from a depth image or cloud: the network, its decoding, and what the demo of the baseline does afterwards.
public struct GraspNetDetector: Sendable {
    /// How the heads' numbers become grasps.
    public struct Decoding: Sendable, Hashable {
        /// Widths are multiplied by this and limited to `0…maximumWidth` metres.
        public var widthScale: Float = 1.2
        public var maximumWidth: Float = 0.1
        /// Tolerances are divided by this, in metres.
        public var maximumTolerance: Float = 0.05

        public init() {}
    }

    /// The collision check, suppression and number of grasps.
    public struct Selection: Sendable, Hashable {
        /// Nil leaves colliding grasps in. Metres.
        public var collisionVoxelSize: Double? = 0.01
        public var approach = 0.05
        public var collisionThreshold = 0.01
        public var suppressionDistance = 0.03
        public var suppressionAngle = Double.pi / 6
        public var count = 50

        public init() {}
    }

    public var predictor: GraspNetPredictor
    public var decoding = Decoding()
    public var selection = Selection()

    public init(_ network: GraspNetBaseline) { predictor = GraspNetPredictor(network) }

    /// The best grasps in a cloud in the camera's frame, by descending score; empty for an empty cloud.
    ///
    /// - Parameters:
    ///   - cloud: Points that are not finite are left out.
    ///   - scene: What grasps must not collide with; the cloud itself if nil.
    ///   - generator: Draws the points that the network is given.
    public func detect(
        _ cloud: PointCloud, scene: PointCloud? = nil, using generator: inout some RandomNumberGenerator
    ) -> GraspGroup {
        let finite = cloud.finite
        guard finite.count > 0 else { return GraspGroup() }
        let points = finite.sampled(predictor.configuration.pointCount, using: &generator)
        let grasps = decode(predictor(points.coordinates))
        return select(grasps, scene: scene ?? finite)
    }

    /// Removes colliding and near grasps, keeps the best.
    public func select(_ grasps: GraspGroup, scene: PointCloud) -> GraspGroup {
        var grasps = grasps
        if let voxelSize = selection.collisionVoxelSize {
            let collisions = CloudCollisionDetector(scene, voxelSize: voxelSize).collisions(
                grasps, approach: selection.approach, threshold: selection.collisionThreshold)
            grasps = grasps[mask: collisions.map(!)]
        }
        grasps = grasps.nonMaximumSuppressed(
            distance: selection.suppressionDistance, angle: selection.suppressionAngle)
        return GraspGroup(grasps.prefix(selection.count))
    }

    /// One grasp for each seed that is on an object, in the order of the seeds.
    ///
    /// For each depth the angle class with the largest logit; of these the depth with the largest score, which is then
    /// multiplied by the tolerance.
    public func decode(_ prediction: GraspNetPredictor.Prediction) -> GraspGroup {
        let k = GraspNetBaseline.angleCount
        let depthCount = predictor.configuration.cropHeights.count
        let views = GraspViews.fibonacciSphere(GraspNetBaseline.viewCount)
        var result = GraspGroup()
        for seed in 0..<prediction.seedCount
        where prediction.objectness[2 * seed + 1] > prediction.objectness[2 * seed] {
            var (best, bestScore) = (0, -Float.infinity)
            for depth in 0..<depthCount {
                let row = (seed * depthCount + depth) * k
                var column = row
                for c in row + 1..<row + k where prediction.angles[c] > prediction.angles[column] { column = c }
                if depth == 0 || prediction.scores[column] > bestScore {
                    (best, bestScore) = (column, prediction.scores[column])
                }
            }
            let (angle, depth) = (best % k, best / k % depthCount)
            let width = min(max(prediction.widths[best] * decoding.widthScale, 0), decoding.maximumWidth)
            let score = bestScore * prediction.tolerances[best] / decoding.maximumTolerance
            result.append(
                Grasp(
                    score: Double(score), width: Double(width), height: 0.02,
                    depth: Double(Float(depth + 1) * 0.01),
                    rotation: GraspViews.rotation(
                        approach: -views[prediction.views[seed]], angle: GraspViews.angle(angle)),
                    translation: Vector3(
                        Double(prediction.seeds[3 * seed]), Double(prediction.seeds[3 * seed + 1]),
                        Double(prediction.seeds[3 * seed + 2]))))
        }
        return result
    }
}
