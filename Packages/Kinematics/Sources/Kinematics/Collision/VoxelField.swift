/// Signed distances on a regular grid, interpolated between its points.
///
/// A point outside of the grid is far from everything: its distance is that of the grid's border and how far it is
/// outside of it, so that it grows outwards.
public struct VoxelField: Sendable {
    /// Points along x, y and z.
    public let size: SIMD3<Int>
    /// The first point, in metres.
    public let origin: Vector3
    /// The distance between neighbours, in metres.
    public let spacing: Double
    /// x runs fastest.
    public let distances: [Double]

    public init(size: SIMD3<Int>, origin: Vector3, spacing: Double, distances: [Double]) {
        precondition(
            size.min() >= 2 && spacing > 0 && distances.count == size.x * size.y * size.z,
            "VoxelField: \(distances.count) distances for a grid of \(size), at least 2 each way")
        self.size = size
        self.origin = origin
        self.spacing = spacing
        self.distances = distances
    }

    /// The exact distance transform of occupied cells, both ways: outside to the nearest occupied center, inside to the
    /// nearest free one, each half a cell less. Cells that nothing is known of count as free.
    ///
    /// Source: Felzenszwalb & Huttenlocher 2012, Theory of Computing 8.
    public init(occupied: [Bool], size: SIMD3<Int>, origin: Vector3, spacing: Double) {
        precondition(
            occupied.count == size.x * size.y * size.z, "VoxelField: \(occupied.count) cells for a grid of \(size)")
        let outside = Self.squaredDistances(to: true, in: occupied, size)
        let inside = Self.squaredDistances(to: false, in: occupied, size)
        let diagonal = Vector3(Double(size.x), Double(size.y), Double(size.z)).length
        func distance(_ square: Double) -> Double { min(square.squareRoot(), diagonal) * spacing - spacing / 2 }
        let distances = occupied.indices.map { occupied[$0] ? -distance(inside[$0]) : distance(outside[$0]) }
        self.init(size: size, origin: origin, spacing: spacing, distances: distances)
    }

    /// The squared distance, in cells, of every cell to the nearest one of that state: lower envelopes of parabolas
    /// along one axis after the other.
    private static func squaredDistances(to state: Bool, in cells: [Bool], _ size: SIMD3<Int>) -> [Double] {
        var field = cells.map { $0 == state ? 0 : Double.infinity }
        let strides = [1, size.x, size.x * size.y]
        for axis in 0..<3 {
            let (count, stride) = (size[axis], strides[axis])
            var (line, result) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
            for start in 0..<cells.count where (start / stride) % count == 0 {
                for k in 0..<count { line[k] = field[start + k * stride] }
                lowerEnvelope(line, into: &result)
                for k in 0..<count { field[start + k * stride] = result[k] }
            }
        }
        return field
    }

    private static func lowerEnvelope(_ f: [Double], into d: inout [Double]) {
        var (apexes, borders): ([Int], [Double]) = ([], [])
        for q in f.indices where f[q].isFinite {
            var border = -Double.infinity
            while let last = apexes.last {
                let height = (f[q] + Double(q * q)) - (f[last] + Double(last * last))
                border = height / Double(2 * (q - last))
                if border > borders.last! { break }
                apexes.removeLast()
                borders.removeLast()
                border = -.infinity
            }
            apexes.append(q)
            borders.append(border)
        }
        var k = 0
        for q in f.indices {
            guard !apexes.isEmpty else {
                d[q] = .infinity
                continue
            }
            while k + 1 < apexes.count && borders[k + 1] < Double(q) { k += 1 }
            let offset = Double(q - apexes[k])
            d[q] = offset * offset + f[apexes[k]]
        }
    }

    /// The trilinear value and its gradient, of unit length where it is not zero.
    public func distanceAndGradient(at point: Vector3) -> (distance: Double, gradient: Vector3) {
        let last = Vector3(Double(size.x - 1), Double(size.y - 1), Double(size.z - 1))
        let unclamped = (point - origin) / spacing
        let cell = pointwiseMin(pointwiseMax(unclamped, .zero), last)
        let excess = (unclamped - cell) * spacing

        let base = SIMD3(
            Int(clamping: cell.x.rounded(.down), to: 0...size.x - 2),
            Int(clamping: cell.y.rounded(.down), to: 0...size.y - 2),
            Int(clamping: cell.z.rounded(.down), to: 0...size.z - 2))
        let t = cell - Vector3(Double(base.x), Double(base.y), Double(base.z))
        var (value, gradient) = (0.0, Vector3.zero)
        for corner in 0..<8 {
            let (i, j, k) = (corner & 1, corner >> 1 & 1, corner >> 2)
            let sample = distances[(base.x + i) + size.x * ((base.y + j) + size.y * (base.z + k))]
            let (wx, wy, wz) = (i == 1 ? t.x : 1 - t.x, j == 1 ? t.y : 1 - t.y, k == 1 ? t.z : 1 - t.z)
            value += wx * wy * wz * sample
            gradient +=
                sample
                * Vector3((i == 1 ? 1 : -1) * wy * wz, (j == 1 ? 1 : -1) * wx * wz, (k == 1 ? 1 : -1) * wx * wy)
        }
        let outside = excess.length
        if outside > 0 { return (max(value, 0) + outside, excess / outside) }
        let length = gradient.length
        return (value, length > 0 ? gradient / length : .zero)
    }
}
