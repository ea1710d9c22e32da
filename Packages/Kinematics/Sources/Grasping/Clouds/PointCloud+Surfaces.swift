import Foundation
public import Kinematics
import Parallel

/// A plane, the points p with `normal · p + offset = 0`.
public struct Plane: Equatable, Sendable {
    /// Of unit length.
    public var normal: Vector3
    public var offset: Double

    public init(normal: Vector3, offset: Double) { (self.normal, self.offset) = (normal, offset) }

    /// The distance to a point, positive on the normal's side.
    public func signedDistance(to point: Vector3) -> Double { normal.dot(point) + offset }
}

extension PointCloud {
    /// The center of some points and the axes of their spread, the direction of least spread first.
    ///
    /// - Returns: Unit axes, and the variances along them, ascending.
    static func principalAxes(_ points: some Collection<Vector3>) -> (
        center: Vector3, axes: [Vector3], variances: [Double]
    ) {
        let count = Double(max(points.count, 1))
        let center = points.reduce(Vector3.zero, +) / count
        var (xx, yy, zz, xy, xz, yz) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for p in points {
            let d = p - center
            xx += d.x * d.x
            yy += d.y * d.y
            zz += d.z * d.z
            xy += d.x * d.y
            xz += d.x * d.z
            yz += d.y * d.z
        }
        let (values, vectors) = symmetricEigensystem(
            xx / count, yy / count, zz / count, xy / count, xz / count, yz / count)
        return (center, vectors, values)
    }

    /// Eigenvalues of a symmetric 3 × 3 matrix, ascending, with unit vectors, by Jacobi's rotations.
    static func symmetricEigensystem(
        _ xx: Double, _ yy: Double, _ zz: Double, _ xy: Double, _ xz: Double, _ yz: Double
    ) -> (values: [Double], vectors: [Vector3]) {
        var a = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]
        var v = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]
        for _ in 0..<30 {
            let off = abs(a[0][1]) + abs(a[0][2]) + abs(a[1][2])
            let size = abs(a[0][0]) + abs(a[1][1]) + abs(a[2][2])
            if off <= 1e-16 * size || off == 0 { break }
            for (p, q) in [(0, 1), (0, 2), (1, 2)] where a[p][q] != 0 {
                let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
                let c = 1 / (t * t + 1).squareRoot()
                let s = t * c
                for k in 0..<3 {
                    let (x, y) = (a[k][p], a[k][q])
                    (a[k][p], a[k][q]) = (c * x - s * y, s * x + c * y)
                }
                for k in 0..<3 {
                    let (x, y) = (a[p][k], a[q][k])
                    (a[p][k], a[q][k]) = (c * x - s * y, s * x + c * y)
                }
                for k in 0..<3 {
                    let (x, y) = (v[k][p], v[k][q])
                    (v[k][p], v[k][q]) = (c * x - s * y, s * x + c * y)
                }
            }
        }
        let order = [0, 1, 2].sorted { (a[$0][$0], $0) < (a[$1][$1], $1) }
        return (
            order.map { a[$0][$0] }, order.map { Vector3(v[0][$0], v[1][$0], v[2][$0]) }
        )
    }

    /// The unit normal of the surface at every point: the direction in which its `neighborCount` nearest points spread
    /// least, turned towards `viewpoint`, by default the camera's place at the origin.
    public func normals(neighborCount: Int = 30, towards viewpoint: Vector3 = .zero) -> [Vector3] {
        let tree = PointTree(self)
        var result = [Vector3](repeating: .zero, count: count)
        result.withUnsafeMutableBufferPointer { buffer in
            let target = SharedMutablePointer(buffer.baseAddress)
            forEachChunk(count) { range in
                for i in range {
                    let near = tree.nearest(neighborCount, to: points[i]).map { points[$0.index] }
                    let normal = PointCloud.principalAxes(near).axes[0]
                    target[i] = normal.dot(viewpoint - points[i]) < 0 ? -normal : normal
                }
            }
        }
        return result
    }

    /// Which points are no statistical outliers: their mean distance to the `neighborCount` nearest others exceeds that
    /// of all points by less than `ratio` standard deviations.
    ///
    /// Source: Rusu et al. 2008, as in Open3D's `remove_statistical_outlier` (which counts the point itself).
    public func inlierMask(neighborCount: Int = 20, ratio: Double = 2) -> [Bool] {
        guard count > 1 else { return [Bool](repeating: true, count: count) }
        let tree = PointTree(self)
        var means = [Double](repeating: 0, count: count)
        means.withUnsafeMutableBufferPointer { buffer in
            let target = SharedMutablePointer(buffer.baseAddress)
            forEachChunk(count) { range in
                for i in range {
                    let near = tree.nearest(neighborCount, to: points[i])
                    target[i] = near.reduce(0) { $0 + $1.distance } / Double(near.count)
                }
            }
        }
        let mean = means.reduce(0, +) / Double(count)
        let variance = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        let limit = mean + ratio * variance.squareRoot()
        return means.map { $0 <= limit }
    }

    /// The plane that most points lie within `threshold` of, by random triples, then fitted to those points.
    ///
    /// The normal points towards `viewpoint`. Nil for fewer than three points or points on a line.
    public func dominantPlane(
        threshold: Double = 0.004, iterationCount: Int = 500, towards viewpoint: Vector3 = .zero,
        using generator: inout some RandomNumberGenerator
    ) -> Plane? {
        guard count >= 3 else { return nil }
        // the best triple is looked for on a part of a large cloud
        let subset = count > 4000 ? sampled(4000, using: &generator).points : points
        var (best, bestCount): (Plane?, Int) = (nil, 0)
        for _ in 0..<iterationCount {
            let triple = (0..<3).map { _ in subset[Int.random(in: 0..<subset.count, using: &generator)] }
            let cross = (triple[1] - triple[0]).cross(triple[2] - triple[0])
            guard cross.length > 1e-12 else { continue }
            let normal = cross / cross.length
            let plane = Plane(normal: normal, offset: -normal.dot(triple[0]))
            let found = subset.count { abs(plane.signedDistance(to: $0)) < threshold }
            if found > bestCount { (best, bestCount) = (plane, found) }
        }
        guard var plane = best else { return nil }
        for _ in 0..<10 {
            let near = points.filter { abs(plane.signedDistance(to: $0)) < threshold }
            guard near.count >= 3 else { break }
            let (center, axes, _) = PointCloud.principalAxes(near)
            let next = Plane(normal: axes[0], offset: -axes[0].dot(center))
            let moved = min((next.normal - plane.normal).length, (next.normal + plane.normal).length)
            plane = next
            if moved < 1e-9 { break }
        }
        if plane.signedDistance(to: viewpoint) < 0 { plane = Plane(normal: -plane.normal, offset: -plane.offset) }
        return plane
    }

    /// The points farther than `distance` on a plane's positive side.
    public func above(_ plane: Plane, by distance: Double) -> PointCloud {
        filtered { plane.signedDistance(to: $0) > distance }
    }

    /// Groups of points in which each has a neighbour within `distance`, the largest first.
    public func clusters(distance: Double, minimumCount: Int = 1) -> [[Int]] {
        let tree = PointTree(self)
        var isSeen = [Bool](repeating: false, count: count)
        var result: [[Int]] = []
        for start in 0..<count where !isSeen[start] {
            isSeen[start] = true
            var group = [start]
            var next = 0
            while next < group.count {
                for neighbor in tree.within(distance, of: points[group[next]]) where !isSeen[neighbor] {
                    isSeen[neighbor] = true
                    group.append(neighbor)
                }
                next += 1
            }
            if group.count >= minimumCount { result.append(group.sorted()) }
        }
        return result.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
    }
}

/// Calls `body` with ranges that cover `0..<count`, on all threads.
func forEachChunk(_ count: Int, size: Int = 256, _ body: (Range<Int>) -> Void) {
    parallelFor((count + size - 1) / size) { chunk in
        body(chunk * size..<min(count, (chunk + 1) * size))
    }
}

/// Memory that threads write to at different places.
struct SharedMutablePointer<Element>: @unchecked Sendable {
    // Writers never touch the same element; the owner outlives them.
    private let base: UnsafeMutablePointer<Element>?

    init(_ base: UnsafeMutablePointer<Element>?) { self.base = base }

    subscript(index: Int) -> Element {
        get { base![index] }
        nonmutating set { base![index] = newValue }
    }
}
