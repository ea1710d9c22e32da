import Foundation
import Kinematics

/// Finds a place on the table for an object that a drawer would come out over.
enum ClearSpot {
    /// How far from the way of the drawer an object can be taken, across the hand's narrow side, metres.
    private static let clearance = 0.065
    /// Beyond that, so that what was set aside is clear.
    private static let margin = 0.012

    /// A free spot near the object; `nil` when it stands clear of the drawer, or there is none.
    static func find(_ view: SceneView, object: String, joint name: String) -> Vector3? {
        guard let facts = JointFacts(view, joint: name), facts.joint.kind == .slide,
            let root = view.position(of: object)
        else { return nil }
        let out = facts.openingDirection(at: facts.anchor)
        let side = Vector3(-out.y, out.x, 0)

        // the rectangle that the drawer covers on its way, about its axis
        var (low, high) = (SIMD2(repeating: Double.infinity), SIMD2(repeating: -Double.infinity))
        for box in facts.boxes {
            for axis in [out, side].enumerated() {
                let middle = (box.center - facts.anchor).dot(axis.element)
                let half = [box.halfAxes.columns.0, box.halfAxes.columns.1, box.halfAxes.columns.2]
                    .reduce(0) { $0 + abs($1.dot(axis.element)) }
                low[axis.offset] = min(low[axis.offset], middle - half)
                high[axis.offset] = max(high[axis.offset], middle + half)
            }
        }
        high.x += max(facts.position - facts.joint.range.lowerBound, 0)
        func distance(_ place: Vector3) -> Double {
            let d = place - facts.anchor
            let p = SIMD2(d.dot(out), d.dot(side))
            let outside = pointwiseMax(pointwiseMax(low - p, p - high), .zero)
            return hypot(outside.x, outside.y)
        }
        guard distance(root) < clearance else { return nil }

        // spots in rings about the object, on the surface it stands on, with nothing near
        let points = ScenePoints(view, object: object, near: [root], within: 0.42, spacing: 0.02)
        let bottom = points.own.map(\.z).min() ?? root.z
        let radius = points.own.map { hypot($0.x - root.x, $0.y - root.y) }.max() ?? 0.05
        for ring in 3...20 {
            var best: (score: Double, spot: Vector3)?
            for step in 0..<24 {
                let angle = Double(step) * .pi / 12
                let spot = root + 0.015 * Double(ring) * Vector3(cos(angle), sin(angle), 0)
                guard distance(spot) > clearance + margin,
                    GraspPlanner.reach(spot, from: view.geometry.robotBase) < GraspPlanner.longestReach
                else { continue }
                var hasSurface = false
                let isFree = points.others.allSatisfy { p in
                    let away = hypot(p.x - spot.x, p.y - spot.y)
                    if away < 0.03, abs(p.z - bottom) < 0.006 { hasSurface = true }
                    return p.z < bottom + 0.006 || away > radius + 0.010
                }
                guard isFree, hasSurface else { continue }
                // rather before the robot than at the end of its reach
                let score = GraspPlanner.reach(spot, from: view.geometry.robotBase) - distance(spot)
                if score < best?.score ?? .infinity { best = (score, spot) }
            }
            if let best { return best.spot }
        }
        return nil
    }
}
