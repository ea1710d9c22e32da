import CGraspKernels
import Foundation
public import Kinematics

/// A mesh for rays and for points drawn from its surface.
public struct MeshSurface: Sendable {
    public let mesh: TriangleMesh
    private let corners: [Double]
    private let order: [Int32]
    private let nodes: [cgk_node]
    /// Sums of the areas up to each triangle.
    private let areas: [Double]

    public init(_ mesh: TriangleMesh) {
        self.mesh = mesh
        var values: [Double] = []
        var (sum, sums) = (0.0, [Double]())
        values.reserveCapacity(9 * mesh.triangles.count)
        for index in mesh.triangles.indices {
            let (a, b, c) = mesh.corners(index)
            for p in [a, b, c] { values += [p.x, p.y, p.z] }
            sum += (b - a).cross(c - a).length / 2
            sums.append(sum)
        }
        let count = mesh.triangles.count
        var (order, nodes) = ([Int32](repeating: 0, count: count), [cgk_node](repeating: cgk_node(), count: 2 * count))
        if count > 0 {
            let used = cgk_mesh_build(values, Int32(count), &order, &nodes)
            nodes.removeLast(nodes.count - Int(used))
        }
        (corners, self.order, self.nodes, areas) = (values, order, nodes, sums)
    }

    /// Where a ray meets the surface.
    public struct Hit: Equatable, Sendable {
        public var distance: Double
        public var point: Vector3
        /// Of unit length, outward.
        public var normal: Vector3
        public var triangle: Int
    }

    /// The outward unit normal of a triangle; zero without area.
    public func normal(of triangle: Int) -> Vector3 {
        let (a, b, c) = mesh.corners(triangle)
        let cross = (b - a).cross(c - a)
        return cross.length > 0 ? cross / cross.length : .zero
    }

    /// The first hit of a ray with a unit direction at a distance in `range`, its ends not included; nil without one.
    public func firstHit(
        from origin: Vector3, along direction: Vector3, in range: ClosedRange<Double> = 0...1e9
    ) -> Hit? {
        guard !order.isEmpty else { return nil }
        var triangle: Int32 = -1
        let distance = cgk_mesh_ray(
            corners, order, nodes, [origin.x, origin.y, origin.z], [direction.x, direction.y, direction.z],
            range.lowerBound, range.upperBound, &triangle)
        guard triangle >= 0 else { return nil }
        return Hit(
            distance: distance, point: origin + distance * direction, normal: normal(of: Int(triangle)),
            triangle: Int(triangle))
    }

    /// A point of the surface, all with equal probability, with the normal there; nil for a mesh without area.
    public func randomPoint(using generator: inout some RandomNumberGenerator) -> GraspContact? {
        guard let total = areas.last, total > 0 else { return nil }
        let wanted = Double.random(in: 0..<total, using: &generator)
        var (low, high) = (0, areas.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if areas[middle] > wanted { high = middle } else { low = middle + 1 }
        }
        let (a, b, c) = mesh.corners(low)
        let root = Double.random(in: 0...1, using: &generator).squareRoot()
        let second = Double.random(in: 0...1, using: &generator)
        let point = (1 - root) * a + (root * (1 - second)) * b + (root * second) * c
        return GraspContact(point: point, normal: normal(of: low))
    }

    /// Points of the surface, at most one a voxel.
    public func points(
        _ count: Int, voxelSize: Double? = nil, using generator: inout some RandomNumberGenerator
    ) -> PointCloud {
        let cloud = PointCloud((0..<count).compactMap { _ in randomPoint(using: &generator)?.point })
        return voxelSize.map { cloud.voxelDownsampled($0) } ?? cloud
    }
}
