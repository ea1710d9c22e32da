import Foundation
import Kinematics

/// Grasps from a cloud alone, without a model of the object.
///
/// At random points the gripper comes against the surface normal, tilted and turned; it is pushed forward until a finger
/// or the palm would touch a point, then fitted to what lies between the fingers. The score is that of the normals at
/// both sides. Source: ten Pas et al. 2017, "Grasp Pose Detection in Point Clouds", section 4.
public struct CloudSampler: Sendable {
    /// Metres.
    public var maximumWidth = 0.1
    /// Room on each side of the object.
    public var clearance = 0.005
    public var fingerWidth = 0.01
    public var fingerLength = 0.06
    public var height = 0.02
    /// How deep the fingers may reach beyond the point that is grasped.
    public var maximumDepth = 0.04
    /// Tilts of the approach towards the hand's z axis, in radians.
    public var tilts = [0, -0.35, 0.35]
    /// Turns about the approach; half a turn is the same gripper.
    public var angleCount = 8
    /// Points between the fingers that are enough.
    public var minimumPointCount = 10
    public var normalNeighborCount = 20
    /// Voxel of the cloud that is worked on, in metres.
    public var voxelSize = 0.003

    public init() {}

    /// Grasps in the cloud's frame, with the score 1.1 - μ for the friction the normals ask for, at least 0.1.
    ///
    /// - Parameters:
    ///   - cloud: In the camera's frame: normals are turned towards the origin.
    ///   - targets: Points to grasp at; the cloud's own if nil.
    ///   - pointCount: Points tried.
    public func grasps(
        in cloud: PointCloud, at targets: PointCloud? = nil, pointCount: Int,
        using generator: inout some RandomNumberGenerator
    ) -> GraspGroup {
        let scene = cloud.finite.voxelDownsampled(voxelSize)
        let pool = targets?.finite ?? scene
        guard scene.count >= minimumPointCount, pool.count > 0 else { return GraspGroup() }
        let tree = PointTree(scene)
        let seeds = pool.sampleIndices(min(pointCount, pool.count), using: &generator).map { pool.points[$0] }
        let normals = scene.normals(neighborCount: normalNeighborCount)

        var found = [[Grasp]](repeating: [], count: seeds.count)
        found.withUnsafeMutableBufferPointer { buffer in
            let target = SharedMutablePointer(buffer.baseAddress)
            forEachChunk(seeds.count, size: 4) { range in
                for i in range { target[i] = grasps(at: seeds[i], scene, normals, tree) }
            }
        }
        return GraspGroup(found.flatMap { $0 })
    }

    private func grasps(at seed: Vector3, _ scene: PointCloud, _ normals: [Vector3], _ tree: PointTree) -> [Grasp] {
        guard let center = tree.nearest(to: seed) else { return [] }
        // as far as the palm of the gripper moved to the side reaches
        let back = fingerLength + fingerWidth + 0.02
        let side = maximumWidth + fingerWidth
        let reach = (back * back + side * side).squareRoot()
        let near = tree.within(reach, of: seed)
        let points = near.map { scene.points[$0] - seed }
        let nearNormals = near.map { normals[$0] }
        let normal = normals[center.index]

        // the direction of least bending among the normals nearby is the hand's z axis at turn 0
        let patch = tree.within(0.015, of: seed).map { normals[$0] }
        let axis = PointCloud.principalAxes(patch).axes[0]
        var along = axis - axis.dot(normal) * normal
        if along.length < 1e-6 { along = normal.cross(abs(normal.x) < 0.9 ? Vector3(1, 0, 0) : Vector3(0, 1, 0)) }
        let z0 = along / along.length
        let x0 = -normal
        let y0 = z0.cross(x0)

        var result: [Grasp] = []
        for turn in 0..<angleCount {
            let angle = .pi * Double(turn) / Double(angleCount)
            let y = cos(angle) * y0 + sin(angle) * z0
            let z = cos(angle) * z0 - sin(angle) * y0
            for tilt in tilts {
                let x = cos(tilt) * x0 + sin(tilt) * z
                let frame = Matrix3(columns: x, y, x.cross(y))
                if let grasp = fitted(frame, seed, points, nearNormals) { result.append(grasp) }
            }
        }
        return result
    }

    /// The gripper of a frame pushed forward and closed to what it holds; nil where it holds nothing.
    private func fitted(_ frame: Matrix3, _ seed: Vector3, _ points: [Vector3], _ normals: [Vector3]) -> Grasp? {
        let inverse = frame.transposed
        var local: [(index: Int, p: Vector3)] = []
        for (index, p) in points.enumerated() {
            let q = inverse * p
            if abs(q.z) < height / 2 { local.append((index, q)) }
        }
        // how far forward jaws of an opening can go: tips stay before points, the palm a finger's length behind the tips
        func limit(_ inside: Double, center: Double) -> Double {
            var depth = maximumDepth
            for (_, q) in local {
                let side = abs(q.y - center)
                guard side < inside + fingerWidth else { continue }
                depth = min(depth, side >= inside ? q.x - 0.001 : q.x + fingerLength)
            }
            return depth
        }
        let half = maximumWidth / 2
        var depth = limit(half, center: 0)
        guard depth > 0.002 else { return nil }

        // the sides of what lies between the fingers
        let held = local.filter { $0.p.x < depth && abs($0.p.y) < half }
        guard held.count >= minimumPointCount else { return nil }
        let sides = held.map(\.p.y)
        let (low, high) = (sides.min() ?? 0, sides.max() ?? 0)
        let (center, width) = ((low + high) / 2, high - low + 2 * clearance)
        guard width <= maximumWidth else { return nil }
        depth = min(depth, limit(width / 2, center: center))
        guard depth > 0.002 else { return nil }

        // friction by the normals at both sides, the better fifth of each
        func tangent(_ isSide: (Double) -> Bool) -> Double? {
            let angles = held.filter { isSide($0.p.y) }.map { entry -> Double in
                acos(min(abs(normals[entry.index].dot(frame.columns.1)), 1))
            }.sorted()
            return angles.isEmpty ? nil : tan(min(angles[angles.count / 5], 1.5))
        }
        guard let left = tangent({ $0 < low + 0.006 }), let right = tangent({ $0 > high - 0.006 }) else { return nil }
        let friction = max(left, right)
        guard friction < 1.1 else { return nil }
        return Grasp(
            score: 1.1 - max(friction, 0.1), width: width, height: height, depth: depth, rotation: frame,
            translation: seed + center * frame.columns.1)
    }
}

extension CloudSampler {
    /// The best free grasps on what stands on the dominant plane of a cloud, by score and nearness to straight down.
    ///
    /// - Parameters:
    ///   - cloud: In the camera's frame.
    ///   - count: Grasps at most.
    ///   - pointCount: Points tried.
    public func detect(
        _ cloud: PointCloud, count: Int = 50, pointCount: Int = 400, using generator: inout some RandomNumberGenerator
    ) -> GraspGroup {
        let scene = cloud.finite
        let floor = scene.dominantPlane(using: &generator)
        let above = floor.map { scene.above($0, by: 0.01) } ?? scene
        let found = grasps(
            in: scene, at: above.count > 0 ? above : scene, pointCount: pointCount, using: &generator)
        let detector = CloudCollisionDetector(scene, voxelSize: 0.005)
        let free = found[mask: detector.collisions(found, approach: 0.05, threshold: 0.01).map(!)]
        let gravity = floor.map { -$0.normal } ?? Vector3(0, 0, 1)
        let best = GraspRanking(gravity: gravity).ranked(free)
        // by rank, which takes the place of the score while near ones are dropped
        var ranked = best
        for i in ranked.indices { ranked[i].score = Double(ranked.count - i) }
        let kept = ranked.nonMaximumSuppressed().prefix(count).map { best[ranked.count - Int($0.score)] }
        return GraspGroup(kept)
    }
}
