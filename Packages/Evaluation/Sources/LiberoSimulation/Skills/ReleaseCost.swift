import Foundation
import Kinematics

/// How much higher than it needs to an object would be let go at its destination, by the grasp: walls and roofs there
/// keep the hand away.
struct ReleaseCost: Sendable {
    /// What stands at the destination, relative to where the object's root shall come to rest.
    private let points: [Vector3]
    /// The object's root and lowest point now.
    private let root: Vector3
    private let bottom: Double
    private let turn: Matrix3
    private let support: Double
    private let shape = GripperShape()

    /// `nil` when there is no such destination.
    init?(_ view: SceneView, object: String, destination: Destination) {
        guard let place = PlacementPlanner.plan(view, object: object, destination: destination),
            let root = view.position(of: object)
        else { return nil }
        (self.root, turn) = (root, .aboutVertical(place.turn))
        let scene = ScenePoints(view, object: object, near: [place.position], within: 0.17, spacing: 0.014)
        bottom = scene.own.map(\.z).min() ?? root.z
        let origin = Vector3(place.position.x, place.position.y, 0)
        support = scene.others.filter { hypot($0.x - origin.x, $0.y - origin.y) < 0.03 }.map(\.z).max() ?? bottom
        let level = support
        points = scene.others.filter { $0.z > level + 0.02 }.map { $0 - origin }
    }

    /// Metres above where the object would stand, 0 for grasps that let it down to its place.
    func cost(of grasp: PlannedGrasp) -> Double {
        let held = turn * (grasp.position - root)
        let close = turn * grasp.closingAxis
        let across = turn * Vector3(cos(grasp.yaw), sin(grasp.yaw), 0)
        let lowest = support + max(grasp.position.z - bottom, shape.tipDepth) + 0.008
        var release = lowest
        for p in points {
            let d = Vector3(p.x - held.x, p.y - held.y, 0)
            let (u, v) = (abs(d.dot(across)), abs(d.dot(close)))
            guard u < shape.handHalfWidth + 0.01, v < shape.handReach + 0.01 else { continue }
            release = max(release, p.z - shape.palmHeight + 0.012)
            if u < shape.halfWidth + 0.008, v > 0.02, v < shape.outerReach + 0.012 {
                release = max(release, p.z + shape.tipDepth + 0.006)
            }
        }
        return release - lowest
    }
}
