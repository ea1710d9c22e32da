/// A small dense matrix of any size, stored by rows: Jacobians, mass matrices, the systems of a solver.
///
/// Meant for up to some dozens of rows; products are plain loops.
public struct Matrix: Equatable, Sendable {
    public let rowCount: Int
    public let columnCount: Int
    /// Row after row.
    public var elements: [Double]

    /// Takes `rowCount · columnCount` numbers, row after row.
    public init(rowCount: Int, columnCount: Int, elements: [Double]) {
        precondition(
            rowCount >= 0 && columnCount >= 0 && elements.count == rowCount * columnCount,
            "Matrix: \(elements.count) elements for \(rowCount) × \(columnCount)")
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.elements = elements
    }

    /// A matrix of zeros.
    public init(rowCount: Int, columnCount: Int) {
        self.init(
            rowCount: rowCount, columnCount: columnCount,
            elements: [Double](repeating: 0, count: rowCount * columnCount))
    }

    /// Ones on the diagonal.
    public static func identity(_ size: Int) -> Matrix {
        var result = Matrix(rowCount: size, columnCount: size)
        for i in 0..<size { result.elements[i * size + i] = 1 }
        return result
    }

    public subscript(row: Int, column: Int) -> Double {
        get {
            precondition(
                0..<rowCount ~= row && 0..<columnCount ~= column,
                "Matrix \(rowCount) × \(columnCount): no entry [\(row), \(column)]")
            return elements[row * columnCount + column]
        }
        set {
            precondition(
                0..<rowCount ~= row && 0..<columnCount ~= column,
                "Matrix \(rowCount) × \(columnCount): no entry [\(row), \(column)]")
            elements[row * columnCount + column] = newValue
        }
    }

    public var transposed: Matrix {
        var result = Matrix(rowCount: columnCount, columnCount: rowCount)
        for r in 0..<rowCount {
            for c in 0..<columnCount { result.elements[c * rowCount + r] = elements[r * columnCount + c] }
        }
        return result
    }

    /// This matrix above another of the same width.
    public func stacked(above other: Matrix) -> Matrix {
        precondition(columnCount == other.columnCount, "stacked: \(columnCount) columns above \(other.columnCount)")
        return Matrix(
            rowCount: rowCount + other.rowCount, columnCount: columnCount, elements: elements + other.elements)
    }

    public static func * (a: Matrix, b: Matrix) -> Matrix {
        precondition(
            a.columnCount == b.rowCount,
            "product of \(a.rowCount) × \(a.columnCount) and \(b.rowCount) × \(b.columnCount)")
        var result = Matrix(rowCount: a.rowCount, columnCount: b.columnCount)
        let width = b.columnCount
        for r in 0..<a.rowCount {
            for k in 0..<a.columnCount {
                let factor = a.elements[r * a.columnCount + k]
                for c in 0..<width { result.elements[r * width + c] += factor * b.elements[k * width + c] }
            }
        }
        return result
    }

    public static func * (m: Matrix, v: [Double]) -> [Double] {
        precondition(m.columnCount == v.count, "product of \(m.rowCount) × \(m.columnCount) and \(v.count) numbers")
        return (0..<m.rowCount).map { r in
            var sum = 0.0
            for c in 0..<m.columnCount { sum += m.elements[r * m.columnCount + c] * v[c] }
            return sum
        }
    }

    public static func - (a: Matrix, b: Matrix) -> Matrix {
        precondition(
            a.rowCount == b.rowCount && a.columnCount == b.columnCount,
            "difference of \(a.rowCount) × \(a.columnCount) and \(b.rowCount) × \(b.columnCount)")
        var result = a
        for i in result.elements.indices { result.elements[i] -= b.elements[i] }
        return result
    }
}
