import Foundation

/// The signed distance to a mesh, by a tree of boxes.
///
/// The sign of a closed mesh is that of the angle-weighted normal of the nearest corner, edge or face; of an open one,
/// whether the mesh winds around the point by more than half a turn. Source: Bærentzen & Aanæs 2005, IEEE TVCG 11(3);
/// Jacobson et al. 2013, ACM TOG 32(4).
public struct MeshDistance: Sendable {
    public let mesh: TriangleMesh
    public let isWatertight: Bool
    private let nodes: [Node]
    /// Triangles in the order of the leaves.
    private let order: [Int32]
    private let vertexNormals: [Vector3]
    private let edgeNormals: [SIMD2<Int32>: Vector3]

    private struct Node {
        var lower: Vector3
        var upper: Vector3
        /// Of a leaf, the first triangle; else the second child (the first follows at once).
        var index: Int32
        /// Triangles of a leaf; 0 for an inner node.
        var count: Int32

        @inline(__always)
        func squaredDistance(to p: Vector3) -> Double {
            let d = pointwiseMax(pointwiseMax(lower - p, p - upper), .zero)
            return d.dot(d)
        }
    }

    /// The part of a triangle a point is nearest to.
    private enum Feature {
        case face
        case edge(Int, Int)
        case corner(Int)
    }

    /// Builds the tree.
    public init(_ mesh: TriangleMesh) {
        self.mesh = mesh
        isWatertight = mesh.isWatertight
        var builder = TreeBuilder(mesh)
        builder.build()
        nodes = builder.nodes
        order = builder.order

        // normals of corners, weighted by angle, and of edges
        var corners = [Vector3](repeating: .zero, count: mesh.vertices.count)
        var edges: [SIMD2<Int32>: Vector3] = [:]
        for index in mesh.triangles.indices {
            let t = mesh.triangles[index]
            let (a, b, c) = mesh.corners(index)
            let normal = MeshDistance.unit((b - a).cross(c - a))
            let points = [(t.x, a, b, c), (t.y, b, c, a), (t.z, c, a, b)]
            for (vertex, here, next, previous) in points {
                let (u, v) = (MeshDistance.unit(next - here), MeshDistance.unit(previous - here))
                corners[Int(vertex)] += acos(min(max(u.dot(v), -1), 1)) * normal
            }
            for (i, j) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
                edges[SIMD2(min(i, j), max(i, j)), default: .zero] += normal
            }
        }
        vertexNormals = corners
        edgeNormals = edges
    }

    private static func unit(_ v: Vector3) -> Vector3 {
        let length = v.length
        return length > 0 ? v / length : .zero
    }

    /// A sphere around all vertices.
    var boundingSphere: (center: Vector3, radius: Double) {
        guard let (lower, upper) = mesh.bounds else { return (.zero, 0) }
        let center = (lower + upper) / 2
        return (center, mesh.vertices.reduce(0) { max($0, ($1 - center).length) })
    }

    /// The point of the surface nearest to `point`; nil for a mesh without triangles.
    public func closestPoint(to point: Vector3) -> Vector3? { nearest(point)?.point }

    /// Positive outside, negative inside; infinite for a mesh without triangles.
    public func signedDistance(to point: Vector3) -> Double { signedDistanceAndGradient(at: point).distance }

    /// The signed distance and the unit direction in which it grows.
    public func signedDistanceAndGradient(at point: Vector3) -> (distance: Double, gradient: Vector3) {
        guard let found = nearest(point) else { return (.infinity, Vector3(0, 0, 1)) }
        let d = point - found.point
        let length = d.length
        let t = mesh.triangles[found.triangle]
        let (a, b, c) = mesh.corners(found.triangle)
        let face = MeshDistance.unit((b - a).cross(c - a))
        let normal =
            switch found.feature {
            case .face: face
            case .edge(let i, let j): edgeNormals[SIMD2(min(t[i], t[j]), max(t[i], t[j]))] ?? face
            case .corner(let i): vertexNormals[Int(t[i])]
            }
        let isInside = isWatertight ? d.dot(normal) < 0 : windingNumber(at: point) > 0.5
        guard length > 1e-12 else { return (0, MeshDistance.unit(normal)) }
        return isInside ? (-length, -d / length) : (length, d / length)
    }

    /// How often the surface goes around a point: 1 inside, 0 outside of a closed mesh.
    ///
    /// Source: Van Oosterom & Strackee 1983, the solid angle of a triangle.
    public func windingNumber(at point: Vector3) -> Double {
        var sum = 0.0
        for index in mesh.triangles.indices {
            let corners = mesh.corners(index)
            let (a, b, c) = (corners.0 - point, corners.1 - point, corners.2 - point)
            let (la, lb, lc) = (a.length, b.length, c.length)
            sum += atan2(a.dot(b.cross(c)), la * lb * lc + a.dot(b) * lc + b.dot(c) * la + c.dot(a) * lb)
        }
        return sum / (2 * .pi)
    }

    private func nearest(_ p: Vector3) -> (point: Vector3, triangle: Int, feature: Feature)? {
        guard !nodes.isEmpty else { return nil }
        var (best, point, triangle, feature) = (Double.infinity, Vector3.zero, 0, Feature.face)
        // a stack as deep as the tree, which halves its triangles at each level
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 128) { stack in
            stack[0] = 0
            var depth = 1
            while depth > 0 {
                depth -= 1
                let index = Int(stack[depth])
                let node = nodes[index]
                guard node.squaredDistance(to: p) < best else { continue }
                if node.count > 0 {
                    for k in Int(node.index)..<Int(node.index + node.count) {
                        let t = Int(order[k])
                        let (a, b, c) = mesh.corners(t)
                        let (q, part) = MeshDistance.closest(p, a, b, c)
                        let square = (p - q).dot(p - q)
                        if square < best { (best, point, triangle, feature) = (square, q, t, part) }
                    }
                } else {
                    // the nearer child is looked at first
                    let (left, right) = (Int32(index + 1), node.index)
                    let isLeftNearer =
                        nodes[Int(left)].squaredDistance(to: p) <= nodes[Int(right)].squaredDistance(to: p)
                    stack[depth] = isLeftNearer ? right : left
                    stack[depth + 1] = isLeftNearer ? left : right
                    depth += 2
                }
            }
        }
        return (point, triangle, feature)
    }

    /// The point of a triangle nearest to `p`. Source: Ericson 2005, Real-Time Collision Detection, section 5.1.5.
    private static func closest(_ p: Vector3, _ a: Vector3, _ b: Vector3, _ c: Vector3) -> (Vector3, Feature) {
        let (ab, ac, ap) = (b - a, c - a, p - a)
        let (d1, d2) = (ab.dot(ap), ac.dot(ap))
        if d1 <= 0 && d2 <= 0 { return (a, .corner(0)) }
        let bp = p - b
        let (d3, d4) = (ab.dot(bp), ac.dot(bp))
        if d3 >= 0 && d4 <= d3 { return (b, .corner(1)) }
        let vc = d1 * d4 - d3 * d2
        if vc <= 0 && d1 >= 0 && d3 <= 0 { return (a + (d1 / (d1 - d3)) * ab, .edge(0, 1)) }
        let cp = p - c
        let (d5, d6) = (ab.dot(cp), ac.dot(cp))
        if d6 >= 0 && d5 <= d6 { return (c, .corner(2)) }
        let vb = d5 * d2 - d1 * d6
        if vb <= 0 && d2 >= 0 && d6 <= 0 { return (a + (d2 / (d2 - d6)) * ac, .edge(0, 2)) }
        let va = d3 * d6 - d5 * d4
        if va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0 {
            return (b + ((d4 - d3) / ((d4 - d3) + (d5 - d6))) * (c - b), .edge(1, 2))
        }
        let scale = 1 / (va + vb + vc)
        return (a + (vb * scale) * ab + (vc * scale) * ac, .face)
    }

    /// Splits at the middle triangle along the longest side of the box of the centers.
    private struct TreeBuilder {
        let mesh: TriangleMesh
        let centers: [Vector3]
        var nodes: [Node] = []
        var order: [Int32]

        init(_ mesh: TriangleMesh) {
            self.mesh = mesh
            centers = mesh.triangles.indices.map { index in
                let (a, b, c) = mesh.corners(index)
                return (a + b + c) / 3
            }
            order = (0..<Int32(mesh.triangles.count)).map { $0 }
        }

        mutating func build() {
            guard !order.isEmpty else { return }
            nodes.reserveCapacity(order.count)
            split(0, order.count)
        }

        private mutating func split(_ begin: Int, _ end: Int) {
            var (lower, upper) = (Vector3(repeating: .infinity), Vector3(repeating: -.infinity))
            var (low, high) = (lower, upper)
            for k in begin..<end {
                let (a, b, c) = mesh.corners(Int(order[k]))
                lower = pointwiseMin(lower, pointwiseMin(a, pointwiseMin(b, c)))
                upper = pointwiseMax(upper, pointwiseMax(a, pointwiseMax(b, c)))
                low = pointwiseMin(low, centers[Int(order[k])])
                high = pointwiseMax(high, centers[Int(order[k])])
            }
            let here = nodes.count
            nodes.append(Node(lower: lower, upper: upper, index: Int32(begin), count: Int32(end - begin)))
            guard end - begin > 4 else { return }

            let size = high - low
            let axis = size.x >= size.y && size.x >= size.z ? 0 : size.y >= size.z ? 1 : 2
            order[begin..<end].sort { centers[Int($0)][axis] < centers[Int($1)][axis] }
            let middle = (begin + end) / 2
            split(begin, middle)
            nodes[here].index = Int32(nodes.count)
            nodes[here].count = 0
            split(middle, end)
        }
    }
}
