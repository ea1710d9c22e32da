import Foundation
public import Kinematics

/// The discrete directions and in-plane angles of GraspNet-1Billion.
///
/// A view points from the object to the camera's side; the gripper approaches against it.
public enum GraspViews {
    /// Views of the benchmark.
    public static let viewCount = 300
    /// In-plane angles of the benchmark, `k π / 12`.
    public static let angleCount = 12
    /// Depths of the benchmark, `0.01 (k + 1)` metres.
    public static let depthCount = 4

    /// Unit vectors spread over the sphere along a spiral: `z = (2i + 1)/n - 1`, turned by `2π i φ`, φ = (√5 - 1)/2.
    public static func fibonacciSphere(_ count: Int = viewCount) -> [Vector3] {
        let golden = (5.0.squareRoot() - 1) / 2
        return (0..<count).map { i in
            let z = Double(2 * i + 1) / Double(count) - 1
            let radius = max(0, 1 - z * z).squareRoot()
            let angle = 2 * .pi * Double(i) * golden
            return Vector3(radius * cos(angle), radius * sin(angle), z)
        }
    }

    /// The angle of class `k`.
    public static func angle(_ k: Int) -> Double { Double(k) * .pi / Double(angleCount) }

    /// The depth of class `k` in metres.
    public static func depth(_ k: Int) -> Double { Double(k + 1) * 0.01 }

    /// The gripper's frame for an approach of any length but zero, turned about it: `[X Y Z] Rx(angle)`.
    ///
    ///     X = a / |a|    Y = (-a_y, a_x, 0), normalised, or (0, 1, 0)    Z = X × Y
    public static func rotation(approach a: Vector3, angle: Double) -> Matrix3 {
        let x = a / a.length
        var y = Vector3(-a.y, a.x, 0)
        y = y.length == 0 ? Vector3(0, 1, 0) : y / y.length
        let z = x.cross(y)
        let (c, s) = (cos(angle), sin(angle))
        return Matrix3(columns: x, c * y + s * z, c * z - s * y)
    }

    /// The closing direction b of a frame and the angle of its approach about b, in 0..<2π.
    ///
    ///     e₁ = (b_y, -b_x, 0), normalised, or (1, 0, 0)    e₃ = e₁ × b    angle = atan2(-x·e₃, x·e₁)
    public static func closingDirectionAndAngle(of rotation: Matrix3) -> (direction: Vector3, angle: Double) {
        let (x, b) = (rotation.columns.0, rotation.columns.1)
        var first = Vector3(b.y, -b.x, 0)
        first = first.length == 0 ? Vector3(1, 0, 0) : first / first.length
        let angle = atan2(-x.dot(first.cross(b)), x.dot(first))
        return (b, angle < 0 ? angle + 2 * .pi : angle)
    }
}
