import Foundation
public import Kinematics

/// Where a finger touches an object.
public struct GraspContact: Equatable, Sendable {
    public var point: Vector3
    /// Of unit length, out of the object.
    public var normal: Vector3

    public init(point: Vector3, normal: Vector3) { (self.point, self.normal) = (point, normal) }
}

/// Whether two fingers hold an object by friction alone.
public enum ForceClosure {
    /// Whether the line between two contacts lies in both friction cones of coefficient μ: both angles between it and
    /// the normals are at most atan μ. The normals' signs do not matter; the same point twice holds nothing.
    ///
    /// Source: Nguyen 1988; graspnetAPI, `PointGraspMetrics3D.force_closure`.
    public static func isAntipodal(_ first: GraspContact, _ second: GraspContact, friction: Double) -> Bool {
        let line = second.point - first.point
        guard line != .zero else { return false }
        return [first, second].allSatisfy { contact in
            let projection = abs(contact.normal.dot(line)) / contact.normal.length
            return acos(min(projection / line.length, 1)) <= atan(friction)
        }
    }

    /// The smallest coefficient of friction at which ``isAntipodal(_:_:friction:)`` holds: the larger tangent of both
    /// angles; infinite for the same point twice and for a tangential normal.
    public static func smallestFriction(_ first: GraspContact, _ second: GraspContact) -> Double {
        let line = second.point - first.point
        guard line != .zero else { return .infinity }
        return [first, second].map { contact -> Double in
            let along = abs(contact.normal.dot(line))
            return along > 0 ? contact.normal.cross(line).length / along : .infinity
        }.max() ?? .infinity
    }

    /// The coefficients the benchmark tries, from the largest.
    public static let benchmarkFrictions = [1.2, 1.0, 0.8, 0.6, 0.4, 0.2]

    /// The smallest of the benchmark's coefficients that is reached when going down and stopping at the first failure;
    /// -1 where even the largest fails.
    public static func benchmarkScore(_ first: GraspContact, _ second: GraspContact) -> Double {
        var score = -1.0
        for friction in benchmarkFrictions {
            guard isAntipodal(first, second, friction: friction) else { break }
            score = friction
        }
        return score
    }

    /// The radius of the largest ball of wrenches about the origin that contacts can resist with unit normal forces, in
    /// total, and soft fingers: 0 where some wrench cannot be resisted.
    ///
    /// Each friction cone is a pyramid of `edgeCount` edges; a soft finger also turns about its normal with a moment up
    /// to `torsionRadius · μ`. Moments are about `center` and divided by `scale`, so that both have one unit. The hull
    /// of the wrenches is searched for its nearest face with `directionCount` directions and refined from the best, which
    /// gives the radius from above to about 1 %. Source: Ferrari & Canny 1992, the L1 metric.
    public static func ferrariCannyQuality(
        _ contacts: [GraspContact], friction: Double, center: Vector3, scale: Double, torsionRadius: Double = 0.005,
        edgeCount: Int = 8, directionCount: Int = 2000
    ) -> Double {
        var wrenches: [[Double]] = []
        func add(_ force: Vector3, _ moment: Vector3) {
            wrenches.append([force.x, force.y, force.z, moment.x / scale, moment.y / scale, moment.z / scale])
        }
        for contact in contacts {
            let inward = -contact.normal / contact.normal.length
            let arm = contact.point - center
            let helper = abs(inward.x) < 0.9 ? Vector3(1, 0, 0) : Vector3(0, 1, 0)
            let first = inward.cross(helper) / inward.cross(helper).length
            let second = inward.cross(first)
            for k in 0..<edgeCount {
                let angle = 2 * .pi * Double(k) / Double(edgeCount)
                let force = inward + friction * (cos(angle) * first + sin(angle) * second)
                add(force, arm.cross(force))
            }
            if torsionRadius > 0 {
                for sign in [-1.0, 1.0] {
                    add(inward, arm.cross(inward) + sign * friction * torsionRadius * inward)
                }
            }
        }
        guard !wrenches.isEmpty else { return 0 }

        // the support function of the hull: its least value over directions is the distance to the nearest face
        func support(_ d: [Double]) -> Double {
            var best = -Double.infinity
            for wrench in wrenches {
                var sum = 0.0
                for a in 0..<6 { sum += wrench[a] * d[a] }
                best = max(best, sum)
            }
            return best
        }
        func unit(_ d: [Double]) -> [Double] {
            let length = d.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return length > 0 ? d.map { $0 / length } : [1, 0, 0, 0, 0, 0]
        }
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        func next() -> Double {
            // a sum of uniform numbers, near enough to a normal one for directions
            var sum = -2.0
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                sum += Double(state >> 11) / Double(1 << 53)
            }
            return sum
        }
        var (best, least) = ([1.0, 0, 0, 0, 0, 0], Double.infinity)
        for k in 0..<directionCount {
            var direction = [Double](repeating: 0, count: 6)
            if k < 12 { direction[k / 2] = k % 2 == 0 ? 1 : -1 } else { direction = (0..<6).map { _ in next() } }
            direction = unit(direction)
            let value = support(direction)
            if value < least { (best, least) = (direction, value) }
        }
        var step = 0.3
        while step > 1e-4 {
            var improved = false
            for _ in 0..<24 {
                let candidate = unit(best.map { $0 + step * next() })
                let value = support(candidate)
                if value < least { (best, least, improved) = (candidate, value, true) }
            }
            if !improved { step /= 2 }
        }
        return max(0, least)
    }
}
