import Foundation
import Kinematics

/// Grasps straight down onto clusters of points above a plane, highest first: no learning, no model.
///
/// In public comparisons a tuned one of these clears more of a bin than published detectors do.
public struct TopDownHeuristic: Sendable {
    /// Points this much above the plane count; metres.
    public var floorMargin = 0.008
    public var clusterDistance = 0.01
    public var minimumClusterCount = 150
    /// Points within this of a cluster's top are looked at.
    public var topThickness = 0.03
    /// How far below the top the finger tips go, and how near to the plane.
    public var tipDepth = 0.035
    public var tipClearance = 0.005
    public var maximumWidth = 0.1
    /// Room on both sides together.
    public var clearance = 0.02

    public init() {}

    /// One grasp for each cluster that fits the jaws, the highest first, with falling scores.
    ///
    /// - Parameters:
    ///   - cloud: In any frame.
    ///   - floor: With the normal up.
    public func grasps(in cloud: PointCloud, above floor: Plane) -> GraspGroup {
        let up = floor.normal
        let above = cloud.above(floor, by: floorMargin)
        func quantile(_ sorted: [Double], _ share: Double) -> Double {
            sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
        let clusters = above.clusters(distance: clusterDistance, minimumCount: minimumClusterCount).map { cluster in
            let points = cluster.map { above.points[$0] }
            let heights = points.map { floor.signedDistance(to: $0) }
            return (points: points, heights: heights, top: quantile(heights.sorted(), 0.95))
        }.sorted { $0.top > $1.top }

        // axes in the plane
        let helper = abs(up.x) < 0.9 ? Vector3(1, 0, 0) : Vector3(0, 1, 0)
        let u = helper.cross(up) / helper.cross(up).length
        let v = up.cross(u)
        var result = GraspGroup()
        for (points, heights, top) in clusters {
            let slice = zip(points, heights).filter { $0.1 > top - topThickness }.map(\.0)
            guard slice.count >= 3 else { continue }
            let flat = slice.map { SIMD2($0.dot(u), $0.dot(v)) }
            let mean = flat.reduce(SIMD2<Double>.zero, +) / Double(flat.count)
            var (xx, yy, xy) = (0.0, 0.0, 0.0)
            for p in flat {
                let d = p - mean
                xx += d.x * d.x
                yy += d.y * d.y
                xy += d.x * d.y
            }
            // the axis of least spread
            let angle = 0.5 * atan2(2 * xy, xx - yy) + .pi / 2
            let minor = SIMD2(cos(angle), sin(angle))
            let extents = flat.map { (($0 - mean) * minor).sum() }.sorted()
            let width = quantile(extents, 0.95) - quantile(extents, 0.05) + clearance
            guard width <= maximumWidth else { continue }
            let y = minor.x * u + minor.y * v
            let height = max(top - tipDepth, tipClearance)
            let tip = mean.x * u + mean.y * v + (height - floor.offset) * up
            result.append(
                Grasp(
                    score: 1 / Double(result.count + 1), width: width, depth: 0.02,
                    rotation: Matrix3(columns: -up, y, (-up).cross(y)), translation: tip + 0.02 * up))
        }
        return result
    }
}
