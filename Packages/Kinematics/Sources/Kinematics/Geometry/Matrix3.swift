/// A 3 × 3 matrix, stored by columns; `m[row, column]`.
public struct Matrix3: Equatable, Sendable {
    /// The columns, left to right.
    public var columns: (Vector3, Vector3, Vector3)

    /// Takes the three columns.
    @inlinable public init(columns first: Vector3, _ second: Vector3, _ third: Vector3) {
        columns = (first, second, third)
    }

    /// Takes the three rows, as a matrix is written on paper.
    @inlinable public init(rows first: Vector3, _ second: Vector3, _ third: Vector3) {
        columns = (
            Vector3(first.x, second.x, third.x), Vector3(first.y, second.y, third.y),
            Vector3(first.z, second.z, third.z)
        )
    }

    /// The matrix of the cross product, `skew(a) b = a × b`.
    @inlinable public init(skew a: Vector3) {
        self.init(rows: Vector3(0, -a.z, a.y), Vector3(a.z, 0, -a.x), Vector3(-a.y, a.x, 0))
    }

    public static let zero = Matrix3(columns: .zero, .zero, .zero)
    public static let identity = Matrix3(columns: Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1))

    @inlinable public subscript(row: Int, column: Int) -> Double {
        precondition(0..<3 ~= row && 0..<3 ~= column, "Matrix3: no entry [\(row), \(column)]")
        return column == 0 ? columns.0[row] : column == 1 ? columns.1[row] : columns.2[row]
    }

    @inlinable public var transposed: Matrix3 { Matrix3(rows: columns.0, columns.1, columns.2) }

    @inlinable public var determinant: Double { columns.0.dot(columns.1.cross(columns.2)) }

    /// The sum of the diagonal.
    @inlinable public var trace: Double { columns.0.x + columns.1.y + columns.2.z }

    @inlinable public static func * (m: Matrix3, v: Vector3) -> Vector3 {
        m.columns.0 * v.x + m.columns.1 * v.y + m.columns.2 * v.z
    }

    @inlinable public static func * (a: Matrix3, b: Matrix3) -> Matrix3 {
        Matrix3(columns: a * b.columns.0, a * b.columns.1, a * b.columns.2)
    }

    @inlinable public static func * (scale: Double, m: Matrix3) -> Matrix3 {
        Matrix3(columns: scale * m.columns.0, scale * m.columns.1, scale * m.columns.2)
    }

    @inlinable public static func + (a: Matrix3, b: Matrix3) -> Matrix3 {
        Matrix3(columns: a.columns.0 + b.columns.0, a.columns.1 + b.columns.1, a.columns.2 + b.columns.2)
    }

    @inlinable public static func - (a: Matrix3, b: Matrix3) -> Matrix3 {
        Matrix3(columns: a.columns.0 - b.columns.0, a.columns.1 - b.columns.1, a.columns.2 - b.columns.2)
    }

    @inlinable public static prefix func - (m: Matrix3) -> Matrix3 {
        Matrix3(columns: -m.columns.0, -m.columns.1, -m.columns.2)
    }

    @inlinable public static func == (a: Matrix3, b: Matrix3) -> Bool {
        a.columns.0 == b.columns.0 && a.columns.1 == b.columns.1 && a.columns.2 == b.columns.2
    }
}
