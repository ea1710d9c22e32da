public import Kinematics

/// A camera without distortion: z forward, x to the right, y down; pixels.
///
/// `u = fx x/z + cx`, `v = fy y/z + cy`, where whole u and v are the centers of pixels.
public struct PinholeCamera: Equatable, Sendable {
    public var width: Int
    public var height: Int
    /// fx, fy.
    public var focalLength: SIMD2<Double>
    /// cx, cy.
    public var principalPoint: SIMD2<Double>

    public init(width: Int, height: Int, focalLength: SIMD2<Double>, principalPoint: SIMD2<Double>) {
        precondition(
            focalLength.x > 0 && focalLength.y > 0, "PinholeCamera: focal length \(focalLength) is not positive")
        (self.width, self.height) = (width, height)
        (self.focalLength, self.principalPoint) = (focalLength, principalPoint)
    }

    /// The Kinect of GraspNet-1Billion.
    public static let kinect = PinholeCamera(
        width: 1280, height: 720, focalLength: SIMD2(631.55, 631.21), principalPoint: SIMD2(638.43, 366.50))
    /// The RealSense of GraspNet-1Billion.
    public static let realsense = PinholeCamera(
        width: 1280, height: 720, focalLength: SIMD2(927.17, 927.37), principalPoint: SIMD2(651.32, 349.62))

    /// The point at a pixel and a depth along z, in metres.
    public func point(column u: Double, row v: Double, depth z: Double) -> Vector3 {
        Vector3((u - principalPoint.x) * z / focalLength.x, (v - principalPoint.y) * z / focalLength.y, z)
    }

    /// The pixel a point is seen at; nil behind the camera.
    public func project(_ p: Vector3) -> SIMD2<Double>? {
        guard p.z > 0 else { return nil }
        return focalLength * SIMD2(p.x, p.y) / p.z + principalPoint
    }

    /// The camera of an image of another size of the same view.
    public func scaled(to width: Int, _ height: Int) -> PinholeCamera {
        let factor = SIMD2(Double(width) / Double(self.width), Double(height) / Double(self.height))
        return PinholeCamera(
            width: width, height: height, focalLength: focalLength * factor,
            principalPoint: (principalPoint + 0.5) * factor - 0.5)
    }
}
