import CGraspKernels
import Foundation
import Kinematics

/// The collision check after inference: does a gripper, with the way it comes, meet points of the scene?
///
/// Source: graspnet-baseline, `ModelFreeCollisionDetector`.
public struct CloudCollisionDetector: Sendable {
    /// The scene, one point a voxel.
    public let scene: PointCloud
    public let voxelSize: Double
    /// Metres.
    public var fingerWidth = 0.01
    public var fingerLength = 0.06
    private let coordinates: [Double]

    /// Takes one point of each voxel.
    public init(_ cloud: PointCloud, voxelSize: Double = 0.005) {
        self.voxelSize = voxelSize
        scene = cloud.finite.voxelDownsampled(voxelSize)
        coordinates = scene.doubles
    }

    /// What a grasp meets.
    public struct Finding: Equatable, Sendable {
        /// Volume of the points in the gripper's boxes and the space it sweeps, by those boxes' volume.
        public var overlap: Double
        /// Volume of the points between the fingers, by the volume between them.
        public var content: Double
    }

    /// What grasps in the scene's frame meet.
    ///
    /// - Parameter approach: The distance the gripper comes from, at least a finger's width; metres.
    public func findings(_ grasps: GraspGroup, approach: Double = 0.03) -> [Finding] {
        let approach = max(approach, fingerWidth)
        let cube = voxelSize * voxelSize * voxelSize
        var result = [Finding](repeating: Finding(overlap: 0, content: 0), count: grasps.count)
        result.withUnsafeMutableBufferPointer { buffer in
            let target = SharedMutablePointer(buffer.baseAddress)
            forEachChunk(grasps.count, size: 16) { range in
                for i in range {
                    let grasp = grasps[i]
                    let (h, w) = (grasp.height, grasp.width)
                    let zones = cgk_free_zones(
                        coordinates, Int64(scene.count), grasp.rotation.rowMajor,
                        [grasp.translation.x, grasp.translation.y, grasp.translation.z], h, w, grasp.depth,
                        fingerWidth, fingerLength, approach)
                    let touched = zones.left + zones.right + zones.bottom + zones.sweep
                    let fingers = h * fingerLength * fingerWidth / cube
                    let bar = h * (w + 2 * fingerWidth) * fingerWidth / cube
                    let swept = h * (w + 2 * fingerWidth) * approach / cube
                    let inside = h * fingerLength * w / cube
                    target[i] = Finding(
                        overlap: Double(touched) / (2 * fingers + bar + swept + 1e-6),
                        content: Double(zones.inner) / (inside + 1e-6))
                }
            }
        }
        return result
    }

    /// Which grasps collide: their overlap is above `threshold`.
    public func collisions(_ grasps: GraspGroup, approach: Double = 0.03, threshold: Double = 0.05) -> [Bool] {
        findings(grasps, approach: approach).map { $0.overlap > threshold }
    }

    /// Which grasps have nothing between their fingers: their content is below `threshold`.
    public func areEmpty(_ grasps: GraspGroup, threshold: Double = 0.01) -> [Bool] {
        findings(grasps).map { $0.content < threshold }
    }
}

/// The gripper of the benchmark's collision check. Metres.
public struct BenchmarkGripper: Equatable, Sendable {
    public var height = 0.02
    /// How far the fingers reach back from the grasp point, to the palm.
    public var baseDepth = 0.02
    public var fingerWidth = 0.01
    /// Fewer points between the fingers count as a collision.
    public var minimumPointCount = 10

    public init() {}

    /// Whether a grasp meets a point or has too few between its fingers; `coordinates` are x, y, z of each point.
    func collides(_ grasp: Grasp, coordinates: [Double]) -> Bool {
        let zones = cgk_benchmark_zones(
            coordinates, Int64(coordinates.count / 3), grasp.rotation.rowMajor,
            [grasp.translation.x, grasp.translation.y, grasp.translation.z], height, grasp.width, grasp.depth,
            baseDepth, fingerWidth)
        return zones.left + zones.right + zones.bottom > 0 || zones.inner < minimumPointCount
    }

    /// Whether a grasp meets a point of a cloud or has too few between its fingers.
    public func collides(_ grasp: Grasp, cloud: PointCloud) -> Bool { collides(grasp, coordinates: cloud.doubles) }
}
