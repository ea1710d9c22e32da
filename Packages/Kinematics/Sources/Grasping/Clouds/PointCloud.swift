import FileSupport
public import Kinematics

/// Points in space, metres, in one frame.
public struct PointCloud: Equatable, Sendable {
    public var points: [Vector3]

    public init(_ points: [Vector3] = []) { self.points = points }

    /// `[N, 3]` coordinates, one after another.
    public init(coordinates: [Float]) {
        precondition(coordinates.count % 3 == 0, "PointCloud: \(coordinates.count) coordinates")
        points = (0..<coordinates.count / 3).map {
            Vector3(Double(coordinates[3 * $0]), Double(coordinates[3 * $0 + 1]), Double(coordinates[3 * $0 + 2]))
        }
    }

    public var count: Int { points.count }

    /// The coordinates x, y, z of one point after another.
    public var coordinates: [Float] {
        [Float](unsafeUninitializedCapacity: 3 * count) { buffer, filled in
            for (i, p) in points.enumerated() { for a in 0..<3 { buffer[3 * i + a] = Float(p[a]) } }
            filled = 3 * count
        }
    }

    /// The same in `Double`.
    var doubles: [Double] {
        [Double](unsafeUninitializedCapacity: 3 * count) { buffer, filled in
            for (i, p) in points.enumerated() { for a in 0..<3 { buffer[3 * i + a] = p[a] } }
            filled = 3 * count
        }
    }

    /// The corners of the box along the axes; nil without points.
    public var bounds: (lower: Vector3, upper: Vector3)? {
        guard let first = points.first else { return nil }
        return points.reduce((first, first)) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
    }

    /// The mean of the points; zero without any.
    public var centroid: Vector3 {
        points.isEmpty ? .zero : points.reduce(.zero, +) / Double(count)
    }

    /// The cloud in the axes of another frame.
    public func transformed(by pose: Pose) -> PointCloud {
        let matrix = pose.rotation.matrix
        return PointCloud(points.map { matrix * $0 + pose.translation })
    }

    /// The points a condition holds for.
    public func filtered(_ isIncluded: (Vector3) -> Bool) -> PointCloud { PointCloud(points.filter(isIncluded)) }

    /// The points whose coordinates are finite.
    public var finite: PointCloud {
        filtered { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }
    }

    /// `count` points drawn without replacement; a smaller cloud is kept whole and filled up with repeated points.
    ///
    /// Traps for an empty cloud.
    public func sampled(_ count: Int, using generator: inout some RandomNumberGenerator) -> PointCloud {
        PointCloud(sampleIndices(count, using: &generator).map { points[$0] })
    }

    /// The indices of ``sampled(_:using:)``.
    public func sampleIndices(_ count: Int, using generator: inout some RandomNumberGenerator) -> [Int] {
        precondition(!points.isEmpty || count == 0, "PointCloud.sampled: no point to draw \(count) from")
        var order = Array(points.indices)
        if order.count <= count {
            return order + (0..<count - order.count).map { _ in Int.random(in: 0..<self.count, using: &generator) }
        }
        for i in 0..<count { order.swapAt(i, Int.random(in: i..<order.count, using: &generator)) }
        return Array(order.prefix(count))
    }

    /// The mean of the points of each cell of a grid whose origin lies half a cell below the smallest coordinates.
    ///
    /// In the order of the first point of each cell. Source: Open3D, `voxel_down_sample`.
    public func voxelDownsampled(_ size: Double) -> PointCloud {
        precondition(size > 0, "voxelDownsampled: a cell of \(size) m")
        guard let lower = bounds?.lower else { return self }
        let origin = lower - size / 2
        var places: [SIMD3<Int>: Int] = [:]
        var (sums, counts): ([Vector3], [Double]) = ([], [])
        for point in points {
            let k = ((point - origin) / size).rounded(.down)
            // beyond, cells of one axis become one
            let limit = -(1 << 62)...1 << 62
            let cell = SIMD3(
                Int(clamping: k.x, to: limit), Int(clamping: k.y, to: limit), Int(clamping: k.z, to: limit))
            if let place = places[cell] {
                sums[place] += point
                counts[place] += 1
            } else {
                places[cell] = sums.count
                sums.append(point)
                counts.append(1)
            }
        }
        return PointCloud(zip(sums, counts).map { $0 / $1 })
    }
}
