import CGraspKernels
public import Kinematics

/// A k-d tree over points, for the nearest ones and for those within a radius.
public struct PointTree: Sendable {
    public let count: Int
    private let coordinates: [Double]
    private let order: [Int32]
    private let axes: [UInt8]

    /// Builds the tree. Traps for coordinates that are not finite.
    public init(_ cloud: PointCloud) {
        precondition(cloud.count < 1 << 30, "PointTree: \(cloud.count) points")
        count = cloud.count
        coordinates = cloud.doubles
        precondition(coordinates.allSatisfy(\.isFinite), "PointTree: a coordinate is not finite")
        var order = [Int32](repeating: 0, count: cloud.count)
        var axes = [UInt8](repeating: 0, count: cloud.count)
        cgk_tree_build(coordinates, Int32(cloud.count), &order, &axes)
        (self.order, self.axes) = (order, axes)
    }

    /// The nearest points with their distances, nearest first, equal ones by index.
    public func nearest(_ k: Int, to point: Vector3) -> [(index: Int, distance: Double)] {
        guard k > 0, count > 0 else { return [] }
        let k = min(k, count)
        var indices = [Int32](repeating: 0, count: k)
        var squares = [Double](repeating: 0, count: k)
        let query = [point.x, point.y, point.z]
        let found = cgk_tree_nearest(
            coordinates, order, axes, Int32(count), query, Int32(k), &indices, &squares)
        return (0..<Int(found)).map { (Int(indices[$0]), squares[$0].squareRoot()) }
    }

    /// The nearest point; nil without points.
    public func nearest(to point: Vector3) -> (index: Int, distance: Double)? { nearest(1, to: point).first }

    /// The indices of the points nearer than `radius`, ascending.
    public func within(_ radius: Double, of point: Vector3) -> [Int] {
        let query = [point.x, point.y, point.z]
        var indices = [Int32](repeating: 0, count: 256)
        var found = 0
        for _ in 0..<2 {
            found = Int(
                cgk_tree_within(
                    coordinates, order, axes, Int32(count), query, radius * radius, &indices, Int32(indices.count)))
            if found <= indices.count { break }
            indices = [Int32](repeating: 0, count: found)
        }
        return indices.prefix(found).map(Int.init).sorted()
    }

    /// The number of points nearer than `radius`.
    public func count(within radius: Double, of point: Vector3) -> Int {
        var none: Int32 = 0
        return Int(
            cgk_tree_within(
                coordinates, order, axes, Int32(count), [point.x, point.y, point.z], radius * radius, &none, 0))
    }
}
