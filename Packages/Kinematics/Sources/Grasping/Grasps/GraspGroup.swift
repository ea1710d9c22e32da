public import Kinematics

/// Grasps of one scene, in one frame.
///
/// An array with what the benchmark does to grasps: sort, thin out, transform, read and write.
public struct GraspGroup: Equatable, Sendable, RandomAccessCollection, MutableCollection,
    RangeReplaceableCollection, ExpressibleByArrayLiteral
{
    public var grasps: [Grasp]

    public init() { grasps = [] }
    public init(_ grasps: some Sequence<Grasp>) { self.grasps = Array(grasps) }
    public init(arrayLiteral grasps: Grasp...) { self.grasps = grasps }

    public var startIndex: Int { 0 }
    public var endIndex: Int { grasps.count }

    public subscript(index: Int) -> Grasp {
        get { grasps[index] }
        set { grasps[index] = newValue }
    }

    public mutating func replaceSubrange(_ range: Range<Int>, with elements: some Collection<Grasp>) {
        grasps.replaceSubrange(range, with: elements)
    }

    /// The grasps at some indices, in that order.
    public subscript(indices: some Sequence<Int>) -> GraspGroup { GraspGroup(indices.map { grasps[$0] }) }

    /// The grasps where the mask is true. Traps unless it has one value for each.
    public subscript(mask mask: [Bool]) -> GraspGroup {
        precondition(mask.count == count, "GraspGroup: a mask of \(mask.count) values for \(count) grasps")
        return GraspGroup(zip(grasps, mask).filter(\.1).map(\.0))
    }

    /// The grasps without those at some indices.
    public func removing(at indices: some Sequence<Int>) -> GraspGroup {
        var keeps = [Bool](repeating: true, count: count)
        for index in indices { keeps[index] = false }
        return self[mask: keeps]
    }

    /// The order of ``sortedByScore(ascending:)``.
    ///
    /// Descending is ascending reversed: among equal scores the later one comes first.
    public func scoreOrder(ascending: Bool = false) -> [Int] {
        let order = indices.sorted { (grasps[$0].score, $0) < (grasps[$1].score, $1) }
        return ascending ? order : order.reversed()
    }

    /// The best first, or last.
    public func sortedByScore(ascending: Bool = false) -> GraspGroup { self[scoreOrder(ascending: ascending)] }

    /// Every grasp in the axes of another frame.
    public func transformed(by pose: Pose) -> GraspGroup {
        let matrix = pose.rotation.matrix
        return GraspGroup(grasps.map { $0.transformed(rotation: matrix, translation: pose.translation) })
    }

    /// `count` different grasps, drawn at random; all of them when there are fewer.
    public func randomSample(_ count: Int, using generator: inout some RandomNumberGenerator) -> GraspGroup {
        GraspGroup(grasps.shuffled(using: &generator).prefix(count))
    }

    /// The best grasps that differ from one another, in descending order.
    ///
    /// Takes the best, drops every other one that is nearer than both thresholds, and goes on with the next. The turn
    /// by π about the approach, which looks the same to two fingers, counts as different.
    ///
    /// - Parameters:
    ///   - distance: Between the grasp points, in metres.
    ///   - angle: Between the frames, in radians.
    public func nonMaximumSuppressed(distance: Double = 0.03, angle: Double = .pi / 6) -> GraspGroup {
        var kept: [Grasp] = []
        // grasps of neighbouring cells are near, no others
        var cells: [SIMD3<Int>: [Int]] = [:]
        let sizes = Vector3(repeating: Swift.max(distance, 1e-9))
        func cell(_ p: Vector3) -> SIMD3<Int> {
            let k = (p / sizes).rounded(.down)
            func index(_ x: Double) -> Int { x.isNaN ? 0 : Int(Swift.min(Swift.max(x, -1e15), 1e15)) }
            return SIMD3(index(k.x), index(k.y), index(k.z))
        }
        next: for index in scoreOrder() {
            let grasp = grasps[index]
            let here = cell(grasp.translation)
            for dz in -1...1 {
                for dy in -1...1 {
                    for dx in -1...1 {
                        for other in cells[here &+ SIMD3(dx, dy, dz)] ?? [] {
                            let d = grasp.translation - kept[other].translation
                            if d.length < distance,
                                grasp.rotation.angle(to: kept[other].rotation) < angle
                            {
                                continue next
                            }
                        }
                    }
                }
            }
            cells[here, default: []].append(kept.count)
            kept.append(grasp)
        }
        return GraspGroup(kept)
    }
}
