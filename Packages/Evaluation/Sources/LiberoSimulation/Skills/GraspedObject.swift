import Foundation
import Kinematics

/// A grasp that moves with its object.
struct ObjectGrasp: Sendable {
    let object: String
    let planned: PlannedGrasp
    private let root: Vector3
    private let rotation: Matrix3

    /// Plans; later attempts hold a little elsewhere, and where nothing fits the middle is tried.
    ///
    /// - Parameter destination: Where it is carried; of grasps that are as good the one is taken with which the object can
    ///   be let go lowest there.
    init?(_ view: SceneView, object: String, attempt: Int, destination: Destination? = nil) {
        guard let body = view.geometry.rootBodies[object] else { return nil }
        self.object = object
        root = view.position(ofBody: body)
        rotation = view.rotation(ofBody: body)
        let bias = Vector3(0, [0, 0.15, -0.15][attempt % 3], 0)
        let release = destination.flatMap { ReleaseCost(view, object: object, destination: $0) }
        if let found = GraspPlanner().plan(
            view, object: object, bias: bias, isRadial: attempt % 2 == 1, cost: { release?.cost(of: $0) ?? 0 })
        {
            planned = found
        } else {
            planned = PlannedGrasp(position: root + [0, 0, 0.02], yaw: 0, width: 0.05)
        }
    }

    /// Takes a grasp that was planned elsewhere.
    init?(_ view: SceneView, object: String, planned: PlannedGrasp) {
        guard let body = view.geometry.rootBodies[object] else { return nil }
        self.object = object
        self.planned = planned
        root = view.position(ofBody: body)
        rotation = view.rotation(ofBody: body)
    }

    /// How far the object has turned since: about the vertical, and otherwise.
    private func turned(_ view: SceneView) -> (change: Matrix3, yaw: Double, tilt: Double) {
        guard let body = view.geometry.rootBodies[object] else { return (.identity, 0, 0) }
        let change = view.rotation(ofBody: body) * rotation.transposed
        return (change, atan2(change[1, 0], change[0, 0]), acos(min(max(change[2, 2], -1), 1)))
    }

    func hasTipped(_ view: SceneView) -> Bool { turned(view).tilt > 0.4 }

    /// The grasp where the object is now.
    func now(_ view: SceneView) -> PlannedGrasp {
        guard let body = view.geometry.rootBodies[object] else { return planned }
        let (change, yaw, _) = turned(view)
        var grasp = planned
        grasp.position = view.position(ofBody: body) + change * (planned.position - root)
        if abs(yaw) > 0.1 { grasp.yaw += yaw }
        // the fingers are alike: the nearer of two opposite yaws
        while grasp.yaw > .pi / 2 { grasp.yaw -= .pi }
        while grasp.yaw < -.pi / 2 { grasp.yaw += .pi }
        return grasp
    }
}
