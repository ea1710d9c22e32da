/// Rows as 8-bit integers with one scale each.
///
///     scale[r] = max_c |x[r,c]| / 127
///     q[r,c]   = round(x[r,c] / scale[r]), ties to even
///
/// `x`, `q`: `[rows, columns]`; `scale`: `[rows]`. The error is at most half a scale. A row of zeros has scale 0; a row
/// with an infinity or NaN has such a scale and reads back as NaN.
public func quantizeRows(_ x: Span<Float>, into q: inout MutableSpan<Int8>, scale: inout MutableSpan<Float>) {
    let rows = scale.count
    let columns = rows == 0 ? 0 : x.count / rows
    precondition(x.count == rows * columns && q.count == x.count, "quantizeRows: \(x.count) values in \(rows) rows")

    for r in 0..<rows {
        var most: Float = 0
        for c in 0..<columns { most = maximumKeepingNaN(most, abs(x[r * columns + c])) }
        scale[r] = most / 127

        for c in 0..<columns {
            let units = scale[r].isFinite && scale[r] > 0 ? x[r * columns + c] / scale[r] : 0
            q[r * columns + c] = Int8(min(max(units, -127), 127).rounded(.toNearestOrEven))
        }
    }
}

/// The numbers that ``quantizeRows(_:into:scale:)`` stored: y[r,c] = q[r,c] · scale[r].
public func dequantizeRows(_ q: Span<Int8>, scale: Span<Float>, into y: inout MutableSpan<Float>) {
    let rows = scale.count
    let columns = rows == 0 ? 0 : q.count / rows
    precondition(q.count == rows * columns && y.count == q.count, "dequantizeRows: \(q.count) values in \(rows) rows")
    for r in 0..<rows {
        for c in 0..<columns { y[r * columns + c] = Float(q[r * columns + c]) * scale[r] }
    }
}

/// The product of rows that ``quantizeRows(_:into:scale:)`` stored and a vector: y[r] = scale[r] · Σ_c q[r,c] x[c].
///
/// `q`: `[rows, columns]`; `x`: `[columns]`; `scale`, `y`: `[rows]`. Summed in `Double`.
public func quantizedProduct(
    _ q: Span<Int8>, scale: Span<Float>, _ x: Span<Float>, into y: inout MutableSpan<Float>
) {
    let (rows, columns) = (scale.count, x.count)
    precondition(
        q.count == rows * columns && y.count == rows,
        "quantizedProduct: \(q.count) values for \(rows) × \(columns), into \(y.count)")
    for r in 0..<rows {
        var sum = 0.0
        for c in 0..<columns { sum += Double(q[r * columns + c]) * Double(x[c]) }
        y[r] = Float(Double(scale[r]) * sum)
    }
}
