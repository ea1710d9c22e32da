public import Kinematics

/// What the robot knows of itself, sampled where LIBERO samples it.
public struct RobotReading: Equatable, Sendable {
    /// The point between the fingertips, in metres, world coordinates.
    public var endEffectorPosition: Vector3
    /// The orientation of the hand: x, y, z, w, with the sign MuJoCo gives it.
    public var endEffectorQuaternion: SIMD4<Double>
    /// The two fingers, in metres, of opposite sign.
    public var gripperPositions: SIMD2<Double>
    public var gripperVelocities: SIMD2<Double>
    /// The seven joints of the arm, in radians.
    public var jointPositions: [Double]
    public var jointVelocities: [Double]

    /// The orientation as in LIBERO's states: a rotation vector whose angle runs over 0…2π.
    public var endEffectorAxisAngle: Vector3 {
        Quaternion(endEffectorQuaternion, order: .xyzw).robosuiteAxisAngle
    }
}

/// Where an object is, in world coordinates.
public struct ObjectPose: Equatable, Sendable {
    public var position: Vector3
    /// x, y, z, w
    public var quaternion: SIMD4<Double>

    public init(position: Vector3, quaternion: SIMD4<Double>) {
        self.position = position
        self.quaternion = quaternion
    }
}
