import Foundation
import Kinematics

/// A grasp seen from above, as a rectangle in an image; pixels. Source: graspnetAPI, `RectGrasp`.
public struct RectangleGrasp: Equatable, Sendable {
    public var center: SIMD2<Double>
    /// The middle of one finger's side: the closing direction runs from the center to it.
    public var open: SIMD2<Double>
    /// Extent across the closing direction.
    public var height: Double
    public var score: Double
    public var objectID: Int

    public init(center: SIMD2<Double>, open: SIMD2<Double>, height: Double, score: Double, objectID: Int = -1) {
        (self.center, self.open, self.height, self.score) = (center, open, height, score)
        self.objectID = objectID
    }

    /// The rectangle of a grasp in the camera's frame; nil unless its approach is nearly the view's, z > 0.99.
    public init?(_ grasp: Grasp, camera: PinholeCamera) {
        guard grasp.approach.z > 0.99, let center = camera.project(grasp.tip),
            let open = camera.project(grasp.tip + grasp.width / 2 * grasp.closingDirection)
        else { return nil }
        self.init(
            center: center, open: open, height: grasp.height * camera.focalLength.x / grasp.tip.z, score: grasp.score,
            objectID: grasp.objectID)
    }

    /// The grasp of a rectangle whose center lies at a depth in metres: straight along the view.
    public func grasp(camera: PinholeCamera, depth z: Double, reaching depth: Double = 0.02) -> Grasp {
        let c = camera.point(column: center.x, row: center.y, depth: z)
        let o = camera.point(column: open.x, row: open.y, depth: z)
        let half = o - c
        let y = half.length > 0 ? half / half.length : Vector3(0, 1, 0)
        let x = Vector3(0, 0, 1)
        return Grasp(
            score: score, width: 2 * half.length, height: height * z / camera.focalLength.x, depth: depth,
            rotation: Matrix3(columns: x, y, x.cross(y)), translation: c - depth * x, objectID: objectID)
    }
}
