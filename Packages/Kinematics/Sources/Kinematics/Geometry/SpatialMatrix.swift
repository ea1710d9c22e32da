/// A 6 × 6 matrix that acts on twists, as four 3 × 3 blocks; rows and columns are linear first, angular second.
///
///     [ linearFromLinear    linearFromAngular  ] [ v ]
///     [ angularFromLinear   angularFromAngular ] [ ω ]
public struct SpatialMatrix: Equatable, Sendable {
    public var linearFromLinear: Matrix3
    public var linearFromAngular: Matrix3
    public var angularFromLinear: Matrix3
    public var angularFromAngular: Matrix3

    public init(
        linearFromLinear: Matrix3, linearFromAngular: Matrix3, angularFromLinear: Matrix3 = .zero,
        angularFromAngular: Matrix3
    ) {
        self.linearFromLinear = linearFromLinear
        self.linearFromAngular = linearFromAngular
        self.angularFromLinear = angularFromLinear
        self.angularFromAngular = angularFromAngular
    }

    public static let identity = SpatialMatrix(
        linearFromLinear: .identity, linearFromAngular: .zero, angularFromAngular: .identity)

    /// The entry at `row`, `column` of the whole matrix, each in 0..<6.
    public subscript(row: Int, column: Int) -> Double {
        precondition(0..<6 ~= row && 0..<6 ~= column, "SpatialMatrix: no entry [\(row), \(column)]")
        return switch (row < 3, column < 3) {
        case (true, true): linearFromLinear[row, column]
        case (true, false): linearFromAngular[row, column - 3]
        case (false, true): angularFromLinear[row - 3, column]
        case (false, false): angularFromAngular[row - 3, column - 3]
        }
    }

    public static func * (m: SpatialMatrix, twist: Twist) -> Twist {
        Twist(
            linear: m.linearFromLinear * twist.linear + m.linearFromAngular * twist.angular,
            angular: m.angularFromLinear * twist.linear + m.angularFromAngular * twist.angular)
    }

    public static func * (a: SpatialMatrix, b: SpatialMatrix) -> SpatialMatrix {
        SpatialMatrix(
            linearFromLinear: a.linearFromLinear * b.linearFromLinear + a.linearFromAngular * b.angularFromLinear,
            linearFromAngular: a.linearFromLinear * b.linearFromAngular + a.linearFromAngular * b.angularFromAngular,
            angularFromLinear: a.angularFromLinear * b.linearFromLinear + a.angularFromAngular * b.angularFromLinear,
            angularFromAngular: a.angularFromLinear * b.linearFromAngular + a.angularFromAngular * b.angularFromAngular)
    }
}
