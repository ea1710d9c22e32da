/// Triangles in space; metres. Corners in the same place are one vertex.
public struct TriangleMesh: Sendable {
    public private(set) var vertices: [Vector3]
    /// Indices of vertices, counter-clockwise seen from outside.
    public private(set) var triangles: [SIMD3<Int32>]

    /// Joins vertices in the same place and leaves out triangles without area between three of them.
    public init(vertices: [Vector3], triangles: [SIMD3<Int32>]) {
        var (places, kept, map): ([Vector3: Int32], [Vector3], [Int32]) = ([:], [], [])
        for vertex in vertices {
            // −0 and 0 are one place
            let key = vertex + Vector3.zero
            if let index = places[key] {
                map.append(index)
            } else {
                map.append(Int32(kept.count))
                places[key] = Int32(kept.count)
                kept.append(key)
            }
        }
        self.vertices = kept
        self.triangles = triangles.compactMap { corners in
            precondition(
                corners.min() >= 0 && Int(corners.max()) < vertices.count,
                "TriangleMesh: a corner of \(corners) is not among \(vertices.count) vertices")
            let joined = SIMD3(map[Int(corners.x)], map[Int(corners.y)], map[Int(corners.z)])
            return joined.x == joined.y || joined.y == joined.z || joined.z == joined.x ? nil : joined
        }
    }

    /// The corners of a triangle.
    @inline(__always)
    public func corners(_ triangle: Int) -> (Vector3, Vector3, Vector3) {
        let t = triangles[triangle]
        return (vertices[Int(t.x)], vertices[Int(t.y)], vertices[Int(t.z)])
    }

    /// Every coordinate times a factor; a mirrored mesh is turned outside again.
    public func scaled(by scale: Vector3) -> TriangleMesh {
        let mirrored = scale.x * scale.y * scale.z < 0
        return TriangleMesh(
            vertices: vertices.map { $0 * scale },
            triangles: mirrored ? triangles.map { SIMD3($0.x, $0.z, $0.y) } : triangles)
    }

    /// The mesh moved by a pose.
    public func moved(by pose: Pose) -> TriangleMesh {
        let transform = Transform(pose)
        var result = self
        result.vertices = vertices.map { transform * $0 }
        return result
    }

    /// Both meshes as one.
    public func joined(with other: TriangleMesh) -> TriangleMesh {
        let shift = Int32(vertices.count)
        return TriangleMesh(
            vertices: vertices + other.vertices,
            triangles: triangles + other.triangles.map { $0 &+ SIMD3(repeating: shift) })
    }

    /// The corners of the box along the axes; nil without vertices.
    public var bounds: (lower: Vector3, upper: Vector3)? {
        guard let first = vertices.first else { return nil }
        return vertices.reduce((first, first)) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
    }

    /// Whether every edge is shared by exactly two triangles that run along it in opposite directions.
    public var isWatertight: Bool {
        guard !triangles.isEmpty else { return false }
        var edges: [SIMD2<Int32>: Int] = [:]
        for t in triangles {
            for (a, b) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] { edges[SIMD2(a, b), default: 0] += 1 }
        }
        return edges.allSatisfy { $0.value == 1 && edges[SIMD2($0.key.y, $0.key.x)] == 1 }
    }

    /// The enclosed volume in m³; of an open mesh, that of the cones to the origin.
    public var volume: Double {
        triangles.indices.reduce(0) { sum, index in
            let (a, b, c) = corners(index)
            return sum + a.dot(b.cross(c)) / 6
        }
    }

    /// The area in m².
    public var area: Double {
        triangles.indices.reduce(0) { sum, index in
            let (a, b, c) = corners(index)
            return sum + (b - a).cross(c - a).length / 2
        }
    }

    /// A box, centered.
    public static func box(_ size: Vector3) -> TriangleMesh {
        let h = 0.5 * size
        let vertices = (0..<8).map { i in
            Vector3(i & 1 == 0 ? -h.x : h.x, i & 2 == 0 ? -h.y : h.y, i & 4 == 0 ? -h.z : h.z)
        }
        let quads: [[Int32]] = [
            [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
        ]
        return TriangleMesh(
            vertices: vertices, triangles: quads.flatMap { [SIMD3($0[0], $0[1], $0[2]), SIMD3($0[0], $0[2], $0[3])] })
    }
}
