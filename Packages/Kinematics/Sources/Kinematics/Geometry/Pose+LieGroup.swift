extension Pose {
    /// The motion after one unit of time at a constant twist: `exp([v, ω]) = (exp(ω), J(ω) v)`, `J` the left Jacobian.
    public init(exponential twist: Twist) {
        self.init(
            rotation: Rotation(exponential: twist.angular),
            translation: Rotation.leftJacobian(twist.angular) * twist.linear)
    }

    /// The twist of the shorter way round, `|ω| ≤ π`: the inverse of ``init(exponential:)``.
    public var logarithm: Twist {
        let angular = rotation.logarithm
        return Twist(linear: Rotation.leftJacobianInverse(angular) * translation, angular: angular)
    }

    /// The matrix that takes a twist in the inner frame to the outer one: `T exp(ξ) T⁻¹ = exp(Ad ξ)`.
    ///
    ///     Ad = [ R  skew(p) R ]
    ///          [ 0  R         ]
    public var adjoint: SpatialMatrix {
        let r = rotation.matrix
        return SpatialMatrix(
            linearFromLinear: r, linearFromAngular: Matrix3(skew: translation) * r, angularFromAngular: r)
    }

    /// The left Jacobian: `exp(ξ + δ) ≈ exp(J δ) exp(ξ)`.
    ///
    ///     J = [ Jω  Q  ]
    ///         [ 0   Jω ]
    ///
    /// `Jω` is the left Jacobian of the angular part. Source: Barfoot, State Estimation for Robotics, eq. 7.85.
    public static func leftJacobian(_ twist: Twist) -> SpatialMatrix {
        let j = Rotation.leftJacobian(twist.angular)
        return SpatialMatrix(linearFromLinear: j, linearFromAngular: coupling(twist), angularFromAngular: j)
    }

    /// The right Jacobian: `exp(ξ + δ) ≈ exp(ξ) exp(J δ)`; the left one of `−ξ`.
    public static func rightJacobian(_ twist: Twist) -> SpatialMatrix { leftJacobian(-twist) }

    /// The inverse of ``leftJacobian(_:)``, defined for an angle below 2π.
    public static func leftJacobianInverse(_ twist: Twist) -> SpatialMatrix {
        let j = Rotation.leftJacobianInverse(twist.angular)
        return SpatialMatrix(
            linearFromLinear: j, linearFromAngular: -(j * coupling(twist) * j), angularFromAngular: j)
    }

    /// The inverse of ``rightJacobian(_:)``: the derivative of ``logarithm`` by a twist on the right,
    /// `log(T exp(δ)) ≈ log(T) + J δ`.
    public static func rightJacobianInverse(_ twist: Twist) -> SpatialMatrix { leftJacobianInverse(-twist) }

    /// `Q` of the left Jacobian, with `P = skew(v)`, `W = skew(ω)`; Barfoot, eq. 7.86b.
    private static func coupling(_ twist: Twist) -> Matrix3 {
        let (p, w) = (Matrix3(skew: twist.linear), Matrix3(skew: twist.angular))
        let angle = twist.angular.length
        let (wp, pw) = (w * p, p * w)
        let wpw = wp * w

        let cubic = LieSeries.cubic(angle) * (wp + pw + wpw)
        let quartic = LieSeries.quartic(angle) * (w * wp + pw * w - 3 * wpw)
        let quintic = LieSeries.quintic(angle) * (wpw * w + w * wpw)
        return 0.5 * p + cubic + quartic + quintic
    }
}
