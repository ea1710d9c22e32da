/// The product of two matrices: y[i,j] = Σ_k a[i,k] b[k,j].
///
/// `a`: `[rows, inner]`, or `[inner, rows]` when `transposingA`; `b`: `[inner, columns]`, or `[columns, inner]` when
/// `transposingB`; `y`: `[rows, columns]`. Summed in `Double`.
public func matrixProduct<S: ReferenceScalar>(
    _ a: Span<S>, _ b: Span<S>, rows: Int, inner: Int, columns: Int, transposingA: Bool = false,
    transposingB: Bool = false, into y: inout MutableSpan<S>
) {
    precondition(
        a.count == rows * inner && b.count == inner * columns && y.count == rows * columns,
        "matrixProduct: \(a.count) by \(b.count) values for \(rows) × \(inner) by \(inner) × \(columns)")

    for i in 0..<rows {
        for j in 0..<columns {
            var sum = 0.0
            for k in 0..<inner {
                let left = transposingA ? a[k * rows + i] : a[i * inner + k]
                let right = transposingB ? b[j * inner + k] : b[k * columns + j]
                sum += Double(left) * Double(right)
            }
            y[i * columns + j] = S(sum)
        }
    }
}
