/// A rigid motion, an element of SE(3): where a frame is, and how it is turned, in another frame.
///
/// `worldFromHand * point` takes the coordinates of a point in the hand's frame to those in the world's;
/// `worldFromHand * handFromGrasp` is `worldFromGrasp`. Metres.
public struct Pose: Sendable {
    public var rotation: Rotation
    /// The origin of the inner frame in the outer one.
    public var translation: Vector3

    public init(rotation: Rotation = .identity, translation: Vector3 = .zero) {
        self.rotation = rotation
        self.translation = translation
    }

    public static let identity = Pose()

    public static func * (a: Pose, b: Pose) -> Pose {
        Pose(rotation: a.rotation * b.rotation, translation: a.rotation * b.translation + a.translation)
    }

    public static func * (pose: Pose, point: Vector3) -> Vector3 { pose.rotation * point + pose.translation }

    public var inverse: Pose {
        let rotation = rotation.inverse
        return Pose(rotation: rotation, translation: -(rotation * translation))
    }

    /// The distance of the origins in metres and the angle between the frames in radians.
    public func difference(to other: Pose) -> (distance: Double, angle: Double) {
        ((other.translation - translation).length, rotation.angle(to: other.rotation))
    }

    /// The pose at `fraction` of the screw motion to `other`, both velocities constant in the moving frame:
    /// `self · exp(f · log(self⁻¹ other))`.
    ///
    /// The origin moves on a helix. For a straight line interpolate `translation` and `rotation` each by itself.
    public func interpolated(to other: Pose, fraction: Double) -> Pose {
        self * Pose(exponential: fraction * (inverse * other).logarithm)
    }
}
