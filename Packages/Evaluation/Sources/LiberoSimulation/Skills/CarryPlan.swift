import Foundation
import Kinematics

/// The heights and the turn with which a held object is carried.
struct CarryPlan: Sendable {
    /// The grip point's height on the way.
    var travelHeight = 0.0
    /// The grip point's height where the fingers open.
    var releaseHeight = 0.0
    /// The hand's orientation at the destination; `nil` where the object need not turn.
    var orientation: Matrix3?
    /// How far from its place the object may be let go, metres.
    var tolerance = 0.012
    /// Whether the object is lowered until it touches an inclined surface.
    var isInclined = false

    init() {}

    /// Plans for an object that is in the hand; `nil` when there is no such destination.
    init?(_ view: SceneView, object: String, destination: Destination, extraHeight: Double) {
        guard let place = PlacementPlanner.plan(view, object: object, destination: destination),
            let root = view.position(of: object)
        else { return nil }
        let grip = view.gripPosition
        let turned = Matrix3.aboutVertical(place.turn)
        let held = turned * (root - grip)
        let goal = Vector3(place.position.x - held.x, place.position.y - held.y, 0)
        if place.turn != 0 { orientation = turned * view.gripRotation }
        isInclined = place.isInclined
        if isInclined { tolerance = 0.006 }

        let points = ScenePoints(view, object: object, near: [grip, goal, (grip + goal) / 2], within: 0.25)
        let bottom = points.own.map(\.z).min() ?? grip.z
        let depth = max(grip.z - bottom, 0.014)

        // over everything on the way, the far end's rim included
        let top = points.highest(along: grip, goal, within: 0.07) ?? bottom
        travelHeight = max(top + depth + 0.03, grip.z + 0.06) + extraHeight

        // down to just above what lies there, but not with the hand or the open fingers in anything
        let shape = GripperShape()
        let close = turned * view.gripRotation.columns.0
        let across = turned * view.gripRotation.columns.1
        var support = -Double.infinity
        var release = -Double.infinity
        for p in points.others {
            let away = hypot(p.x - place.position.x, p.y - place.position.y)
            if away < (isInclined ? 0.006 : 0.03) { support = max(support, p.z) }
            let d = p - goal
            let (u, v) = (abs(d.dot(Vector3(across.x, across.y, 0))), abs(d.dot(Vector3(close.x, close.y, 0))))
            if u < shape.handHalfWidth + 0.01, v < shape.handReach + 0.01 {
                release = max(release, p.z - shape.palmHeight + 0.012)
            }
            if u < shape.halfWidth + 0.008, v > 0.02, v < shape.outerReach + 0.012 {
                release = max(release, p.z + shape.tipDepth + 0.006)
            }
        }
        releaseHeight = max(release, support + depth + (isInclined ? -0.01 : 0.008))
        travelHeight = max(travelHeight, releaseHeight + 0.03)
    }
}

extension Matrix3 {
    /// The rotation about the vertical by an angle in radians.
    static func aboutVertical(_ angle: Double) -> Matrix3 {
        let (c, s) = (cos(angle), sin(angle))
        return Matrix3(rows: Vector3(c, -s, 0), Vector3(s, c, 0), Vector3(0, 0, 1))
    }
}
