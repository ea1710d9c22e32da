public import Foundation
public import Grasping
import TensorCore

/// How grasps are found in a cloud.
public enum GraspMethod: String, CaseIterable, Sendable {
    /// GraspNet-1Billion's baseline network.
    case network
    /// Surface normals.
    case cloud
    /// From above, by the shape of clusters.
    case topDown = "top-down"

    /// A function from a cloud in the camera's frame to grasps, the best first.
    ///
    /// - Parameters:
    ///   - weights: Of the network: a released `.tar` or `.pth`, or safetensors.
    ///   - count: Grasps at most.
    ///   - seed: Of what is drawn.
    public func detector(
        weights: URL? = nil, count: Int, seed: UInt64 = 0
    ) throws -> (_ cloud: PointCloud) throws -> GraspGroup {
        var generator = PhiloxGenerator(seed: seed)
        switch self {
        case .network:
            var detector = GraspNetDetector(try GraspNetBaseline.load(weights ?? URL(fileURLWithPath: "")))
            detector.selection.count = count
            return { detector.detect($0, using: &generator) }
        case .cloud: return { CloudSampler().detect($0, count: count, using: &generator) }
        case .topDown:
            return { cloud in
                guard let floor = cloud.finite.dominantPlane(using: &generator) else { return GraspGroup() }
                return GraspGroup(TopDownHeuristic().grasps(in: cloud.finite, above: floor).prefix(count))
            }
        }
    }
}
