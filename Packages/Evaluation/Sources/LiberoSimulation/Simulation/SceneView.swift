public import Kinematics
public import LiberoTasks

/// A box that something is made of, fixed to one body of the model.
public struct ShapeBox: Equatable, Sendable {
    /// The number of the body.
    public var body: Int
    /// The instance it belongs to; nil for the room and the robot.
    public var object: String?
    /// In the frame of the body, in metres.
    public var center: Vector3
    public var rotation: Matrix3
    public var halfSize: Vector3
}

/// A hinge or slide within a fixture, such as a drawer's.
public struct SceneJoint: Equatable, Sendable {
    public enum Kind: Equatable, Sendable { case hinge, slide }

    /// The fixture it belongs to.
    public var object: String
    public var kind: Kind
    /// The number of the body it moves.
    public var body: Int
    /// In the frame of the body: a unit vector, and a point on the axis in metres.
    public var axis: Vector3
    public var anchor: Vector3
    /// Metres or radians.
    public var range: ClosedRange<Double>
    /// What its positions mean; `nil` when the category has no such words.
    var mechanism: Mechanism?
}

/// The collision shapes of a scene as boxes, and its regions; what of a scene does not change.
public struct SceneGeometry: Equatable, Sendable {
    /// The room's, the objects' and the fixtures'; not the robot's.
    public var boxes: [ShapeBox]
    /// The root bodies of objects and fixtures.
    public var rootBodies: [String: Int]
    /// The instances that can be carried.
    public var movableObjects: [String]
    /// Regions as boxes, by key; `object` is what they are part of.
    public var regions: [String: ShapeBox]
    /// The categories of objects and fixtures, such as `akita_black_bowl`, by instance.
    public var categories: [String: String]
    /// The joints within fixtures, by name.
    public var joints: [String: SceneJoint]
    /// The names of a fixture's or a region's joints, by instance or region key.
    public var jointNames: [String: [String]]
    /// Where the robot stands, in world coordinates.
    public var robotBase: Vector3
    /// What has to hold at the end.
    public var goal: [GoalPredicate]
}

/// Everything about a scene at one moment that a policy does not get to know: for scripted experts.
public struct SceneView: Sendable {
    public var geometry: SceneGeometry
    /// The point between the fingertips, in world coordinates.
    public var gripPosition: Vector3
    /// Columns: the axis along which the fingers close, the one across, the one they point along.
    public var gripRotation: Matrix3
    /// How far the fingers are from the middle, in metres.
    public var fingerPositions: SIMD2<Double>
    /// Which predicates of the goal hold.
    public var goalHolds: [Bool]
    /// The positions of the joints within fixtures, in metres or radians.
    public var jointPositions: [String: Double]
    /// What the left and the right finger touch.
    public var fingerContacts: [Set<String>]
    /// World poses of all bodies: three numbers each.
    var bodyPositions: [Double]
    /// Nine numbers each, row after row.
    var bodyRotations: [Double]

    /// Where a body is.
    public func position(ofBody body: Int) -> Vector3 {
        Vector3(bodyPositions[3 * body], bodyPositions[3 * body + 1], bodyPositions[3 * body + 2])
    }

    public func rotation(ofBody body: Int) -> Matrix3 {
        let r = bodyRotations[9 * body..<9 * body + 9]
        let i = r.startIndex
        return Matrix3(
            rows: Vector3(r[i], r[i + 1], r[i + 2]), Vector3(r[i + 3], r[i + 4], r[i + 5]),
            Vector3(r[i + 6], r[i + 7], r[i + 8]))
    }

    /// Where an object's root body is; nil when there is none of this name.
    public func position(of object: String) -> Vector3? {
        geometry.rootBodies[object].map { position(ofBody: $0) }
    }

    /// A box in world coordinates: its centre, and its half axes as columns.
    public func world(_ box: ShapeBox) -> (center: Vector3, halfAxes: Matrix3) {
        let rotation = rotation(ofBody: box.body)
        let axes = rotation * box.rotation
        let h = box.halfSize
        return (
            position(ofBody: box.body) + rotation * box.center,
            Matrix3(columns: axes.columns.0 * h.x, axes.columns.1 * h.y, axes.columns.2 * h.z)
        )
    }
}
