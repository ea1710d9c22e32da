import Foundation
import Kinematics

/// A drawer, door or knob at one moment, in world coordinates.
struct JointFacts: Sendable {
    let joint: SceneJoint
    /// Metres or radians.
    let position: Double
    /// The direction of a slide, or of the axis of a hinge.
    let axis: Vector3
    /// A point on the axis.
    let anchor: Vector3
    /// The boxes that the joint moves.
    let boxes: [(center: Vector3, halfAxes: Matrix3)]

    /// `nil` when there is no such joint.
    init?(_ view: SceneView, joint name: String) {
        guard let joint = view.geometry.joints[name], let position = view.jointPositions[name] else { return nil }
        self.joint = joint
        self.position = position
        let rotation = view.rotation(ofBody: joint.body)
        axis = rotation * joint.axis
        anchor = view.position(ofBody: joint.body) + rotation * joint.anchor
        boxes = view.geometry.boxes.filter { $0.body == joint.body }.map { view.world($0) }
    }

    /// How a point of the moving part moves when the joint's position falls, which opens LIBERO's drawers and doors.
    ///
    /// A unit vector; of a hinge, the tangent at the point.
    func openingDirection(at point: Vector3) -> Vector3 {
        switch joint.kind {
        case .slide: return -axis
        case .hinge:
            let tangent = (point - anchor).cross(axis)
            return tangent / max(tangent.length, 1e-9)
        }
    }

    /// The bar by which a drawer or door is drawn open.
    struct Handle: Sendable {
        var center: Vector3
        /// Along the bar, a unit vector.
        var direction: Vector3
        var halfLength: Double
        /// How far it reaches beyond its middle towards the opening side, and upwards.
        var reach: Double
        var rise: Double

        var isUpright: Bool { abs(direction.z) > 0.8 }
    }

    /// The bar that sticks out farthest from the front of a drawer or door.
    var handle: Handle? {
        guard let front = frontNormal else { return nil }
        var best: (score: Double, handle: Handle)?
        for box in boxes {
            let axes = [box.halfAxes.columns.0, box.halfAxes.columns.1, box.halfAxes.columns.2]
            let reach = axes.reduce(0) { $0 + abs($1.dot(front)) }
            var long = axes[0]
            for axis in axes where axis.length > long.length { long = axis }
            // of bars that reach equally far the longest
            let score = (box.center - anchor).dot(front) + reach + 0.02 * long.length
            if score > best?.score ?? -.infinity {
                let handle = Handle(
                    center: box.center, direction: long / long.length, halfLength: long.length, reach: reach,
                    rise: axes.reduce(0) { $0 + abs($1.z) })
                best = (score, handle)
            }
        }
        return best?.handle
    }

    /// The normal of the front, towards the side to which it opens.
    private var frontNormal: Vector3? {
        guard joint.kind == .hinge else { return -axis }
        // every point of a door moves along its own tangent: the panel's thin axis tells the front
        guard let panel = boxes.max(by: { area($0) < area($1) }) else { return nil }
        let axes = [panel.halfAxes.columns.0, panel.halfAxes.columns.1, panel.halfAxes.columns.2]
        guard let thin = axes.min(by: { $0.length < $1.length }), thin.length > 0 else { return nil }
        return thin / thin.length * (thin.dot(openingDirection(at: panel.center)) >= 0 ? 1 : -1)
    }

    /// The ridge of a knob: its middle, the direction along it, and the height of its top.
    var ridge: (center: Vector3, direction: Vector3, top: Double)? {
        func top(_ box: (center: Vector3, halfAxes: Matrix3)) -> Double {
            box.center.z + abs(box.halfAxes.columns.0.z) + abs(box.halfAxes.columns.1.z)
                + abs(box.halfAxes.columns.2.z)
        }
        guard let box = boxes.max(by: { top($0) < top($1) }) else { return nil }
        let axes = [box.halfAxes.columns.0, box.halfAxes.columns.1, box.halfAxes.columns.2]
        guard let long = axes.filter({ abs($0.z) < 0.5 * $0.length }).max(by: { $0.length < $1.length }) else {
            return nil
        }
        return (box.center, long / long.length, top(box))
    }

    /// The face of a hinged door that is pushed to shut it: a point near its free edge, just below its top.
    ///
    /// - Parameter fraction: How far out from the hinge.
    func doorEdge(fraction: Double = 0.8) -> Vector3? {
        // the widest box is the panel
        let panel = boxes.max { area($0) < area($1) }
        guard let panel else { return nil }
        let axes = [panel.halfAxes.columns.0, panel.halfAxes.columns.1, panel.halfAxes.columns.2]
        let upright = axes.max { abs($0.z) < abs($1.z) }!
        let flat = axes.filter { $0 != upright }.sorted { $0.length < $1.length }
        guard flat.count == 2 else { return nil }
        let (thin, wide) = (flat[0], flat[1])
        var outward = panel.center - anchor
        outward.z = 0
        let sign: Double = wide.dot(outward) >= 0 ? 1 : -1
        let along = wide * sign
        // from the hinge's edge of the panel to its free edge
        var point = panel.center - along + along * (2 * fraction)
        let out = openingDirection(at: point)
        point += thin * (thin.dot(out) >= 0 ? 1 : -1)
        return Vector3(point.x, point.y, panel.center.z + abs(upright.z))
    }

    private func area(_ box: (center: Vector3, halfAxes: Matrix3)) -> Double {
        let l = [box.halfAxes.columns.0.length, box.halfAxes.columns.1.length, box.halfAxes.columns.2.length].sorted()
        return l[1] * l[2]
    }
}
