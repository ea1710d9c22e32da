import Foundation

/// Covers a mesh with few spheres, and says how well.
///
/// Interior points of a grid know how deep they are. Greedily, the point whose ball of 1.15 times its depth covers most
/// points not yet covered becomes a sphere; then points are assigned to their nearest sphere and spheres move to the
/// middle of their points; at last each radius is the 98th percentile of the distances of the surface points that are
/// nearest to it.
public struct SphereFitting: Sendable {
    /// Spheres, or nil for a count by size: the box's volume in cm³ by 15, within 3…100.
    public var sphereCount: Int?
    /// Cells along the longest side of the box.
    public var resolution = 32
    /// How often spheres are moved.
    public var refinementCount = 8
    /// The share of its surface points that a sphere has to reach.
    public var percentile = 0.98
    /// Points on the surface that are looked at.
    public var surfaceSampleCount = 3000

    public init(sphereCount: Int? = nil) { self.sphereCount = sphereCount }

    /// How well spheres stand for a mesh. Lengths in metres.
    public struct Report: Equatable, Sendable {
        public var sphereCount: Int
        /// The share of surface points inside of some sphere.
        public var coverage: Double
        /// The largest distance of a surface point from the spheres; 0 when all are covered.
        public var largestGap: Double
        /// How far the spheres' outer surface is outside of the mesh, on average.
        public var meanProtrusion: Double
        /// The farthest of it.
        public var largestProtrusion: Double
        /// The volume of all spheres together by the mesh's.
        public var volumeRatio: Double
    }

    /// The spheres, largest first, and the report; no sphere for a mesh without inside.
    public func fit(_ mesh: TriangleMesh) -> (spheres: [RobotConfiguration.Sphere], report: Report) {
        let field = MeshDistance(mesh)
        guard let bounds = mesh.bounds, !mesh.triangles.isEmpty else { return ([], Self.report([], field, [], [])) }
        let (points, depths, volume) = interior(field, bounds)
        let surface = Self.surfaceSamples(mesh, count: surfaceSampleCount)
        guard !points.isEmpty else { return ([], Self.report([], field, surface, [])) }

        let size = bounds.upper - bounds.lower
        let heuristic = Int(clamping: size.x * size.y * size.z * 1e6 / 15, to: 3...100)
        var spheres = cover(points, depths, count: sphereCount ?? heuristic)
        for _ in 0..<refinementCount { refine(&spheres, points, field) }
        setRadii(&spheres, surface)
        spheres.sort { $0.radius > $1.radius }
        return (spheres, Self.report(spheres, field, surface, points.isEmpty ? [] : [volume]))
    }

    /// Grid points inside the mesh with their distance to the surface, and the mesh's volume by their count.
    private func interior(
        _ field: MeshDistance, _ bounds: (lower: Vector3, upper: Vector3)
    ) -> (points: [Vector3], depths: [Double], volume: Double) {
        let size = bounds.upper - bounds.lower
        // thin parts still get a layer of points
        let spacing = max(size.max() / Double(resolution), 1e-6)
        var (points, depths): ([Vector3], [Double]) = ([], [])
        func count(_ length: Double) -> Int {
            Int(clamping: (length / spacing).rounded(.down), to: 1...max(resolution, 1))
        }
        let counts = SIMD3(
            count(size.x), count(size.y), count(size.z))
        let step = size / Vector3(Double(counts.x), Double(counts.y), Double(counts.z))
        for k in 0..<counts.z {
            for j in 0..<counts.y {
                for i in 0..<counts.x {
                    let p = bounds.lower + step * Vector3(Double(i) + 0.5, Double(j) + 0.5, Double(k) + 0.5)
                    let distance = field.signedDistance(to: p)
                    if distance < 0 {
                        points.append(p)
                        depths.append(-distance)
                    }
                }
            }
        }
        return (points, depths, Double(points.count) * step.x * step.y * step.z)
    }

    private func cover(_ points: [Vector3], _ depths: [Double], count: Int) -> [RobotConfiguration.Sphere] {
        // candidates: at most 1500 points, evenly through the list, the deepest always
        let stride = max(points.count / 1500, 1)
        var candidates = Array(Swift.stride(from: 0, to: points.count, by: stride))
        candidates.append(depths.indices.max { depths[$0] < depths[$1] }!)
        var open = Array(points.indices)
        var spheres: [RobotConfiguration.Sphere] = []
        while spheres.count < count && !open.isEmpty {
            let sample = Swift.stride(from: 0, to: open.count, by: max(open.count / 1500, 1)).map { points[open[$0]] }
            var (best, most) = (candidates[0], -1)
            for candidate in candidates {
                let square = 1.3225 * depths[candidate] * depths[candidate]
                let center = points[candidate]
                var covered = 0
                for point in sample where (point - center).dot(point - center) <= square { covered += 1 }
                // of equals, the deeper
                if covered > most || (covered == most && depths[candidate] > depths[best]) {
                    (best, most) = (candidate, covered)
                }
            }
            let radius = 1.15 * depths[best]
            spheres.append(.init(center: points[best], radius: radius))
            open.removeAll { (points[$0] - points[best]).length <= radius }
        }
        return spheres
    }

    /// The sphere whose surface a point is nearest to, or in whose inside it is deepest.
    private static func nearest(_ point: Vector3, _ spheres: [RobotConfiguration.Sphere]) -> (index: Int, gap: Double) {
        var (index, least) = (0, Double.infinity)
        for (i, sphere) in spheres.enumerated() {
            let gap = (point - sphere.center).length - sphere.radius
            if gap < least { (index, least) = (i, gap) }
        }
        return (index, least)
    }

    private func refine(_ spheres: inout [RobotConfiguration.Sphere], _ points: [Vector3], _ field: MeshDistance) {
        var sums = [Vector3](repeating: .zero, count: spheres.count)
        var counts = [Double](repeating: 0, count: spheres.count)
        for k in stride(from: 0, to: points.count, by: max(points.count / 4000, 1)) {
            let (index, _) = Self.nearest(points[k], spheres)
            sums[index] += points[k]
            counts[index] += 1
        }
        for i in spheres.indices where counts[i] > 0 {
            let center = 0.5 * (spheres[i].center + sums[i] / counts[i])
            let depth = -field.signedDistance(to: center)
            if depth > 0 { spheres[i] = .init(center: center, radius: 1.15 * depth) }
        }
    }

    private func setRadii(_ spheres: inout [RobotConfiguration.Sphere], _ surface: [Vector3]) {
        var distances = [[Double]](repeating: [], count: spheres.count)
        for point in surface {
            let (index, _) = Self.nearest(point, spheres)
            distances[index].append((point - spheres[index].center).length)
        }
        for i in spheres.indices where !distances[i].isEmpty {
            let sorted = distances[i].sorted()
            spheres[i].radius = sorted[min(Int(percentile * Double(sorted.count)), sorted.count - 1)]
        }
    }

    /// Points spread over the surface by area; the same for the same mesh.
    private static func surfaceSamples(_ mesh: TriangleMesh, count: Int) -> [Vector3] {
        let area = mesh.area
        guard area > 0 else { return mesh.vertices }
        var (samples, owed) = (mesh.vertices, 0.0)
        let sequence = StartSequence(dimension: 2, seed: 0)
        var index = 0
        for triangle in mesh.triangles.indices {
            let (a, b, c) = mesh.corners(triangle)
            owed += Double(count) * (b - a).cross(c - a).length / 2 / area
            while owed >= 1 {
                let (u, v) = (sequence.value(index, 0), sequence.value(index, 1))
                let root = u.squareRoot()
                samples.append((1 - root) * a + (root * (1 - v)) * b + (root * v) * c)
                index += 1
                owed -= 1
            }
        }
        return samples
    }

    /// Measures spheres of any origin against a mesh.
    public func report(_ spheres: [RobotConfiguration.Sphere], on mesh: TriangleMesh) -> Report {
        let field = MeshDistance(mesh)
        let volume = mesh.bounds.map { interior(field, $0).volume } ?? 0
        return Self.report(spheres, field, Self.surfaceSamples(mesh, count: surfaceSampleCount), [volume])
    }

    private static func report(
        _ spheres: [RobotConfiguration.Sphere], _ field: MeshDistance, _ surface: [Vector3], _ volumes: [Double]
    ) -> Report {
        guard !spheres.isEmpty else {
            return Report(
                sphereCount: 0, coverage: 0, largestGap: .infinity, meanProtrusion: 0, largestProtrusion: 0,
                volumeRatio: 0)
        }
        var (covered, gap) = (0, 0.0)
        for point in surface {
            let distance = nearest(point, spheres).gap
            if distance <= 0 { covered += 1 }
            gap = max(gap, distance)
        }

        // points on the spheres that are in no other sphere
        var (sum, largest, count) = (0.0, 0.0, 0)
        for (i, sphere) in spheres.enumerated() {
            for direction in directions {
                let point = sphere.center + sphere.radius * direction
                let isHidden = spheres.indices.contains { j in
                    j != i && (point - spheres[j].center).length < spheres[j].radius - 1e-9
                }
                guard !isHidden else { continue }
                let outside = max(field.signedDistance(to: point), 0)
                sum += outside
                largest = max(largest, outside)
                count += 1
            }
        }

        // the spheres' common volume, by a grid over their box
        var (lower, upper) = (Vector3(repeating: .infinity), Vector3(repeating: -.infinity))
        for sphere in spheres {
            lower = pointwiseMin(lower, sphere.center - sphere.radius)
            upper = pointwiseMax(upper, sphere.center + sphere.radius)
        }
        let (cells, step) = (24, (upper - lower) / 24)
        var inside = 0
        for k in 0..<cells * cells * cells {
            let cell = Vector3(Double(k % cells), Double(k / cells % cells), Double(k / cells / cells))
            if nearest(lower + step * (cell + 0.5), spheres).gap < 0 { inside += 1 }
        }
        let volume = Double(inside) * step.x * step.y * step.z
        return Report(
            sphereCount: spheres.count, coverage: Double(covered) / Double(max(surface.count, 1)), largestGap: gap,
            meanProtrusion: count > 0 ? sum / Double(count) : 0, largestProtrusion: largest,
            volumeRatio: volumes.first.map { $0 > 0 ? volume / $0 : 0 } ?? 0)
    }

    /// Spread evenly over the sphere, by the golden angle.
    private static let directions: [Vector3] = (0..<96).map { k in
        let z = 1 - (2 * Double(k) + 1) / 96
        let radius = (1 - z * z).squareRoot()
        let angle = Double(k) * .pi * (3 - 5.0.squareRoot())
        return Vector3(radius * cos(angle), radius * sin(angle), z)
    }
}
