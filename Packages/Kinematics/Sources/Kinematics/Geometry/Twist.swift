/// A spatial velocity, or a motion of one unit of time: linear part first, angular part second.
///
/// Featherstone's order is the reverse. Metres and radians, per second where it is a velocity.
public struct Twist: Equatable, Sendable {
    public var linear: Vector3
    public var angular: Vector3

    @inlinable public init(linear: Vector3, angular: Vector3) {
        self.linear = linear
        self.angular = angular
    }

    public static let zero = Twist(linear: .zero, angular: .zero)

    @inlinable public static func + (a: Twist, b: Twist) -> Twist {
        Twist(linear: a.linear + b.linear, angular: a.angular + b.angular)
    }

    @inlinable public static func - (a: Twist, b: Twist) -> Twist {
        Twist(linear: a.linear - b.linear, angular: a.angular - b.angular)
    }

    @inlinable public static prefix func - (twist: Twist) -> Twist {
        Twist(linear: -twist.linear, angular: -twist.angular)
    }

    @inlinable public static func * (scale: Double, twist: Twist) -> Twist {
        Twist(linear: scale * twist.linear, angular: scale * twist.angular)
    }

    /// The matrix `ad` of the bracket, the derivative of the adjoint: `Ad(exp ξ) = exp(ad ξ)`.
    ///
    ///     ad = [ skew(ω)  skew(v) ]
    ///          [ 0        skew(ω) ]
    public var bracket: SpatialMatrix {
        SpatialMatrix(
            linearFromLinear: Matrix3(skew: angular), linearFromAngular: Matrix3(skew: linear),
            angularFromAngular: Matrix3(skew: angular))
    }
}
