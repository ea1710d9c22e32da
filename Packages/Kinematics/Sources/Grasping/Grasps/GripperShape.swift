public import Kinematics

/// The boxes a gripper is drawn as: two fingers, the bar between them, and a tail. Metres.
///
/// Source: graspnetAPI, `plot_gripper_pro_max`.
public struct GripperShape: Equatable, Sendable {
    public var height = 0.004
    public var fingerWidth = 0.004
    public var tailLength = 0.04
    /// How far the fingers reach back from the grasp point.
    public var baseDepth = 0.02

    public init() {}

    /// The boxes in the gripper's frame, by their corners.
    func boxes(width: Double, depth: Double) -> [(lower: Vector3, upper: Vector3)] {
        let (half, finger) = (width / 2, fingerWidth)
        let (low, high) = (-height / 2, height / 2)
        return [
            (Vector3(-baseDepth - finger, -half - finger, low), Vector3(depth, -half, high)),
            (Vector3(-baseDepth - finger, half, low), Vector3(depth, half + finger, high)),
            (Vector3(-baseDepth - finger, -half, low), Vector3(-baseDepth, half, high)),
            (
                Vector3(-baseDepth - finger - tailLength, -finger / 2, low),
                Vector3(-baseDepth - finger, finger / 2, high)
            ),
        ]
    }

    /// The gripper at a grasp as one mesh of four boxes, in the grasp's frame of reference.
    public func mesh(at grasp: Grasp) -> TriangleMesh {
        var (vertices, triangles): ([Vector3], [SIMD3<Int32>]) = ([], [])
        for box in boxes(width: grasp.width, depth: grasp.depth) {
            let solid = TriangleMesh.box(box.upper - box.lower)
            let shift = Int32(vertices.count)
            let center = (box.lower + box.upper) / 2
            vertices += solid.vertices.map { grasp.rotation * ($0 + center) + grasp.translation }
            triangles += solid.triangles.map { $0 &+ SIMD3(repeating: shift) }
        }
        return TriangleMesh(vertices: vertices, triangles: triangles)
    }

    /// The line segments of a stick figure of the gripper at a grasp.
    public func segments(at grasp: Grasp) -> [(Vector3, Vector3)] {
        let half = grasp.width / 2
        let points = [
            (Vector3(grasp.depth, -half, 0), Vector3(-baseDepth, -half, 0)),
            (Vector3(grasp.depth, half, 0), Vector3(-baseDepth, half, 0)),
            (Vector3(-baseDepth, -half, 0), Vector3(-baseDepth, half, 0)),
            (Vector3(-baseDepth, 0, 0), Vector3(-baseDepth - tailLength, 0, 0)),
        ]
        return points.map { (grasp.rotation * $0.0 + grasp.translation, grasp.rotation * $0.1 + grasp.translation) }
    }
}
