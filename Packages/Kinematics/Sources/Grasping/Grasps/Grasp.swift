import Foundation
public import Kinematics

/// A pose of a two-finger gripper at which it closes, in the conventions of GraspNet-1Billion.
///
/// The gripper's frame has x along the approach, from the palm to the object, y along the closing direction and z to
/// complete it. ``translation`` is a point on or near the object's surface; the finger tips reach ``depth`` beyond it
/// along x. Metres. Source: graspnetAPI, `Grasp`.
public struct Grasp: Equatable, Sendable {
    /// Higher is better.
    public var score: Double
    /// Opening between the fingers along y.
    public var width: Double
    /// Extent of the fingers along z.
    public var height: Double
    /// How far the finger tips reach beyond ``translation`` along x.
    public var depth: Double
    /// The columns are the gripper's axes. Of a mirrored cloud the determinant is -1.
    public var rotation: Matrix3
    public var translation: Vector3
    /// The object the grasp belongs to; -1 when unknown.
    public var objectID: Int

    public init(
        score: Double = 0, width: Double = 0.02, height: Double = 0.02, depth: Double = 0.02,
        rotation: Matrix3 = .identity, translation: Vector3 = .zero, objectID: Int = -1
    ) {
        (self.score, self.width, self.height, self.depth) = (score, width, height, depth)
        (self.rotation, self.translation, self.objectID) = (rotation, translation, objectID)
    }

    /// The direction in which the gripper approaches, its x axis.
    public var approach: Vector3 { rotation.columns.0 }

    /// The direction along which the fingers close, the gripper's y axis.
    public var closingDirection: Vector3 { rotation.columns.1 }

    /// The middle between the finger tips, `t + depth x`.
    public var tip: Vector3 { translation + depth * approach }

    /// The grasp in the axes of another frame: `t' = R t + p`, `R' = R R_grasp`; sizes and score stay.
    public func transformed(by pose: Pose) -> Grasp {
        transformed(rotation: pose.rotation.matrix, translation: pose.translation)
    }

    /// The same for any matrix, such as one that mirrors.
    public func transformed(rotation matrix: Matrix3, translation shift: Vector3) -> Grasp {
        var result = self
        result.translation = matrix * translation + shift
        result.rotation = matrix * rotation
        return result
    }

    /// The distance between grasp points in metres and the angle between the frames in radians.
    ///
    /// The angle is `acos((tr(R₁ R₂ᵀ) - 1) / 2)`. A gripper turned by π about x counts as another one.
    public func difference(to other: Grasp) -> (distance: Double, angle: Double) {
        ((translation - other.translation).length, rotation.angle(to: other.rotation))
    }
}

extension Matrix3 {
    /// The angle of the rotation between two, `acos((tr(A Bᵀ) - 1) / 2)` with the trace limited to -1…3.
    package func angle(to other: Matrix3) -> Double {
        let trace =
            columns.0.dot(other.columns.0) + columns.1.dot(other.columns.1) + columns.2.dot(other.columns.2)
        return acos((min(max(trace, -1), 3) - 1) / 2)
    }

    /// The nine entries, row by row.
    package var rowMajor: [Double] {
        [
            columns.0.x, columns.1.x, columns.2.x, columns.0.y, columns.1.y, columns.2.y, columns.0.z, columns.1.z,
            columns.2.z,
        ]
    }

    /// Nine entries, row by row.
    package init(rowMajor v: some RandomAccessCollection<Double>) {
        precondition(v.count == 9, "Matrix3: \(v.count) entries")
        let i = v.startIndex
        func at(_ k: Int) -> Double { v[v.index(i, offsetBy: k)] }
        self.init(rows: Vector3(at(0), at(1), at(2)), Vector3(at(3), at(4), at(5)), Vector3(at(6), at(7), at(8)))
    }
}
