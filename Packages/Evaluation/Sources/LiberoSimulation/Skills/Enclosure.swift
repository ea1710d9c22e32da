import Foundation
import Kinematics

/// The inside of a fixture with a roof, such as a microwave or a shelf, into which things go from the front.
struct Enclosure: Sendable {
    /// Horizontal, from the open front inwards; a unit vector.
    let inward: Vector3
    /// The middle of the opening, at the height of its floor.
    let entrance: Vector3
    /// Where an object's root shall come to stand, at the height of the floor.
    let target: Vector3

    /// `nil` when the region is no part of a fixture, or nothing is above it.
    init?(_ view: SceneView, destination: String) {
        guard let region = view.geometry.regions[destination], let parent = region.object,
            // a drawer comes out
            view.geometry.jointNames[destination]?.isEmpty ?? true, let body = view.geometry.rootBodies[parent]
        else { return nil }
        let (center, axes) = view.world(region)
        // of LIBERO's fixtures the front is −y
        var inward = view.rotation(ofBody: body).columns.1
        inward.z = 0
        guard inward.length > 0.5 else { return nil }
        inward /= inward.length
        self.inward = inward
        let lateral = Vector3(-inward.y, inward.x, 0)

        let depth = [axes.columns.0, axes.columns.1, axes.columns.2].reduce(0) { $0 + abs($1.dot(inward)) }
        let points = ScenePoints(view, object: parent, near: [center], within: 0.25).own
        var floor = -Double.infinity
        var hasRoof = false
        // walls on either side of the middle
        var (left, right) = (-0.3, 0.3)
        for p in points {
            let d = p - center
            let (along, aside) = (d.dot(inward), d.dot(lateral))
            if abs(along) < 0.01, abs(aside) < 0.01 {
                if d.z > 0.04 { hasRoof = true } else if d.z <= 0 { floor = max(floor, p.z) }
            }
            if abs(along) < depth, abs(d.z) < 0.03 {
                if aside < -0.03 { left = max(left, aside) } else if aside > 0.03 { right = min(right, aside) }
            }
        }
        guard hasRoof, floor.isFinite else { return nil }
        let middle = center + lateral * ((left + right) / 2)
        let level = Vector3(middle.x, middle.y, floor)
        entrance = level - inward * depth
        target = entrance + inward * min(0.038, depth)
    }
}
