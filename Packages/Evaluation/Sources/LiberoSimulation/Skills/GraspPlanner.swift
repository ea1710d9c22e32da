import Foundation
import Kinematics

/// A pose from which closing the fingers holds an object.
struct PlannedGrasp: Equatable {
    /// Of the grip point, in world coordinates.
    var position: Vector3
    /// About the vertical, relative to the nominal orientation whose fingers close along y.
    var yaw: Double
    /// How wide the object is between the fingers.
    var width: Double
    /// Turns an upright hand into the one that takes hold; the identity for grasps from straight above.
    var tilt = Matrix3.identity

    /// The horizontal direction along which the fingers close.
    var closingAxis: Vector3 { Vector3(-sin(yaw), cos(yaw), 0) }
}

/// Chooses where to take an object from above, by the shapes of the object and of what stands around.
struct GraspPlanner {
    var gripper = GripperShape()

    /// More room than this around the gripper is no better.
    private static let fullClearance = 0.02

    /// The best grasp: free around the fingers and the hand, centered on what it holds, with little turning.
    ///
    /// - Parameters:
    ///   - bias: Prefers places against this direction, per metre.
    ///   - isRadial: Whether the fingers close towards the object's middle, for walls of round things.
    ///   - tilt: Turns an upright hand into the one that takes hold.
    ///   - yaws: The yaws to try, before the tilt; `nil` for all.
    ///   - cost: What else speaks against a grasp, not negative; 0.02 is as bad as touching what stands around.
    /// - Returns: `nil` when the gripper fits nowhere.
    func plan(
        _ view: SceneView, object: String, bias: Vector3 = .zero, isRadial: Bool = false, tilt: Matrix3 = .identity,
        yaws: [Double]? = nil, cost: (PlannedGrasp) -> Double = { _ in 0 }
    ) -> PlannedGrasp? {
        guard let root = view.position(of: object) else { return nil }
        var points = ScenePoints(view, object: object, near: [root], within: 0.22)
        guard !points.own.isEmpty else { return nil }
        // the tilted hand is upright in a scene that is turned the other way about the object
        let back = tilt.transposed
        let isUpright = tilt == .identity
        if !isUpright {
            points.own = points.own.map { root + back * ($0 - root) }
            points.others = points.others.map { root + back * ($0 - root) }
        }
        let base = isUpright ? view.geometry.robotBase : nil
        let low = points.own.reduce(Vector3(.infinity, .infinity, .infinity)) { pointwiseMin($0, $1) }
        let high = points.own.reduce(-Vector3(.infinity, .infinity, .infinity)) { pointwiseMax($0, $1) }
        let center = (low + high) / 2

        // faces across the pads if there are any
        for largestSlant in [0.010, .infinity] {
            if var found = search(
                points, center: center, low: low, high: high, bias: back * bias, isRadial: isRadial, base: base,
                yaws: yaws, largestSlant: largestSlant, cost: cost)
            {
                found.position = root + tilt * (found.position - root)
                found.tilt = tilt
                return found
            }
        }
        return nil
    }

    private func search(
        _ points: ScenePoints, center: Vector3, low: Vector3, high: Vector3, bias: Vector3, isRadial: Bool,
        base: Vector3?, yaws allowed: [Double]?, largestSlant: Double, cost: (PlannedGrasp) -> Double
    ) -> PlannedGrasp? {
        let (top, bottom) = (high.z, low.z)
        var best: (score: Double, grasp: PlannedGrasp)?
        var yaws = allowed ?? [0.0]
        if allowed == nil {
            for i in 1...6 { yaws += [Double(i) * Double.pi / 12, -Double(i) * Double.pi / 12] }
        }
        let lowest = bottom + gripper.tipDepth + 0.001
        var depths: [Double] = [0.020, 0.012, 0.028]
        if base == nil { depths += [0.04, 0.055, 0.07] }
        let heights: Set<Double> = Set(depths.map { max(top - $0, lowest) })
        for yaw in yaws {
            // no grasp is better than one in the middle with full clearance
            if let best, bias == .zero, !isRadial, best.score <= 0.02 * abs(yaw) - 2 * Self.fullClearance { break }
            for height in heights.sorted() {
                for offset in offsets(around: center, low: low, high: high) {
                    guard
                        let found = evaluate(
                            Vector3(center.x + offset.x, center.y + offset.y, height), yaw: yaw, points,
                            center: center, base: base, largestSlant: largestSlant)
                    else { continue }
                    let (grasp, quality) = found
                    // turning left keeps the last joint nearer its middle
                    let turning = 0.02 * abs(yaw) + (yaw < 0 ? 0.004 : 0)
                    let lifting = 0.3 * abs(height - (top - 0.020))
                    var score = quality + turning + lifting + bias.dot(offset)
                    if isRadial {
                        let away = grasp.position - center
                        let distance = hypot(away.x, away.y)
                        if distance > 0.02 { score += 0.1 * (1 - abs(away.dot(grasp.closingAxis)) / distance) }
                    }
                    guard score < best?.score ?? .infinity else { continue }
                    score += cost(grasp)
                    if score < best?.score ?? .infinity { best = (score, grasp) }
                }
            }
        }
        return best?.grasp
    }

    /// Places for the middle of the gripper, over the object's extent.
    private func offsets(around center: Vector3, low: Vector3, high: Vector3) -> [Vector3] {
        let (nx, ny) = (6, 6)
        var result = [Vector3.zero]
        for i in -nx...nx {
            for j in -ny...ny {
                result.append(
                    Vector3(
                        (high.x - low.x) / 2 * Double(i) / Double(nx), (high.y - low.y) / 2 * Double(j) / Double(ny), 0)
                )
            }
        }
        return result
    }

    /// The grasp at a place, shifted to the middle of what lies between the fingers, and how bad it is; nil where the
    /// gripper would touch something or hold nothing.
    private func evaluate(
        _ place: Vector3, yaw: Double, _ points: ScenePoints, center: Vector3, base: Vector3?,
        largestSlant: Double
    ) -> (PlannedGrasp, Double)? {
        let close = Vector3(-sin(yaw), cos(yaw), 0)
        let across = Vector3(cos(yaw), sin(yaw), 0)

        // what of the object lies between the pads, in three slices across them
        var slices = [(from: Double, to: Double)](repeating: (.infinity, -.infinity), count: 3)
        for p in points.own {
            let d = p - place
            guard abs(d.z - 0.003) < 0.010 else { continue }
            let (u, v) = (d.dot(across), d.dot(close))
            guard abs(u) < 0.0105, abs(v) < gripper.halfOpening else { continue }
            let slice = min(max(Int((u + 0.0105) / 0.007), 0), 2)
            slices[slice] = (min(slices[slice].from, v), max(slices[slice].to, v))
        }
        let filled = slices.filter { $0.from <= $0.to }
        guard let from = filled.map(\.from).min(), let to = filled.map(\.to).max() else { return nil }
        // the pads need faces across them: on the edge of something round they slip off
        let innerFrom: Double = filled.map(\.from).max() ?? from
        let innerTo: Double = filled.map(\.to).min() ?? to
        var slant: Double = innerFrom - from + to - innerTo
        if filled.count < slices.count { slant += 0.02 }
        guard slant < largestSlant else { return nil }

        let middle = (from + to) / 2
        let grasp = PlannedGrasp(position: place + close * middle, yaw: yaw, width: to - from)
        guard grasp.width < 2 * gripper.halfOpening - 0.006 else { return nil }
        // it is lifted from there
        let reach = base.map { Self.reach(grasp.position + [0, 0, 0.07], from: $0) } ?? 0
        guard reach < Self.longestReach else { return nil }

        // what is in the way
        var clearance = Self.fullClearance
        for p in points.own {
            guard let gap = gap(p, grasp, across, close, isOwn: true) else { return nil }
            clearance = min(clearance, gap)
        }
        for p in points.others {
            guard let gap = gap(p, grasp, across, close, isOwn: false) else { return nil }
            clearance = min(clearance, gap)
        }
        let away = grasp.position - center
        // hold it near its middle, with room around, not too far out
        var quality: Double = 0.5 * hypot(away.x, away.y) - 2 * clearance + 2 * slant
        if grasp.width < 0.002 { quality += 0.01 }
        quality += max(0, reach - Self.easyReach)
        return (grasp, quality)
    }

    /// How far the Panda's wrist is from its shoulder when the hand points down at a place.
    ///
    /// The wrist stands 0.088 m behind the hand and 0.204 m above the grip point, the shoulder 0.333 m above the base;
    /// upper arm and forearm reach √(0.316² + 0.0825²) + √(0.384² + 0.0825²) = 0.719 m when stretched. Near that the
    /// elbow runs into its limit and the hand tilts.
    static func reach(_ place: Vector3, from base: Vector3) -> Double {
        let d = place - base
        return hypot(hypot(d.x, d.y) - 0.088, d.z + 0.204 - 0.333)
    }

    static let longestReach = 0.70
    static let easyReach = 0.63

    /// How far a point is from the open gripper at a grasp; nil when it is within.
    private func gap(
        _ p: Vector3, _ grasp: PlannedGrasp, _ across: Vector3, _ close: Vector3, isOwn: Bool
    ) -> Double? {
        let d = p - grasp.position
        let (u, v) = (abs(d.dot(across)), abs(d.dot(close)))

        // hand: everything from the palm upward
        if d.z > gripper.palmHeight {
            let outside = max(u - gripper.handHalfWidth, v - gripper.handReach)
            if outside < 0 { return nil }
            if !isOwn { return outside }
        }
        // fingers: from the tips upward
        if d.z > -gripper.tipDepth {
            let outside = max(u - gripper.halfWidth, v - gripper.outerReach, gripper.halfOpening - v)
            if outside < 0 { return nil }
            return isOwn ? 0.02 : outside
        }
        return 0.02
    }
}
