/// Softmax of each row.
///
///     m = max_c x[r,c]
///     y[r,c]    = exp(x[r,c] − m) / Σ_k exp(x[r,k] − m)
///     logSum[r] = m + log Σ_k exp(x[r,k] − m)
///
/// `x`, `y`: `[rows, columns]`; `logSum`: `[rows]`. A row whose maximum is −∞ becomes zeros with `logSum` −∞: nothing
/// can be chosen. A row with NaN or +∞ becomes NaN. The sum is in `Double`.
public func softmaxForward<S: ReferenceScalar>(
    _ x: Span<S>, into y: inout MutableSpan<S>, logSum: inout MutableSpan<S>
) {
    let rows = logSum.count
    let columns = rows == 0 ? 0 : x.count / rows
    precondition(x.count == rows * columns && y.count == x.count, "softmax: \(x.count) values in \(rows) rows")

    for r in 0..<rows {
        // the maximum keeps the exponentials finite; NaN stays
        var most = -S.infinity
        for c in 0..<columns where !(x[r * columns + c] <= most) && !most.isNaN { most = x[r * columns + c] }

        // nothing to choose from
        if most == -.infinity {
            for c in 0..<columns { y[r * columns + c] = 0 }
            logSum[r] = -.infinity
            continue
        }

        var sum = 0.0
        for c in 0..<columns {
            y[r * columns + c] = S.exp(x[r * columns + c] - most)
            sum += Double(y[r * columns + c])
        }
        for c in 0..<columns { y[r * columns + c] *= S(1 / sum) }
        logSum[r] = S(Double(most) + Double.log(sum))
    }
}

/// The gradient of ``softmaxForward(_:into:logSum:)``, from its output.
///
///     dx[r,c] = y[r,c] · (dy[r,c] − Σ_k dy[r,k] y[r,k])
///
/// All `[rows, columns]`.
public func softmaxBackward<S: ReferenceScalar>(
    _ y: Span<S>, dy: Span<S>, rows: Int, into dx: inout MutableSpan<S>
) {
    let columns = rows == 0 ? 0 : y.count / rows
    precondition(
        y.count == rows * columns && dy.count == y.count && dx.count == y.count,
        "softmaxBackward: \(y.count) values and \(dy.count) gradients in \(rows) rows")

    for r in 0..<rows {
        var sum = 0.0
        for c in 0..<columns { sum += Double(dy[r * columns + c]) * Double(y[r * columns + c]) }
        for c in 0..<columns { dx[r * columns + c] = y[r * columns + c] * (dy[r * columns + c] - S(sum)) }
    }
}

/// The probabilities of an attention row again, from its scores and the logarithm of their sum.
///
///     y[r,c] = exp(x[r,c] · scale − logSum[r])
///
/// `x`, `y`: `[rows, columns]`; `logSum`: `[rows]`. A row with `logSum` −∞ becomes zeros.
public func exponentialOfRows<S: ReferenceScalar>(
    _ x: Span<S>, scale: S, logSum: Span<S>, into y: inout MutableSpan<S>
) {
    let rows = logSum.count
    let columns = rows == 0 ? 0 : x.count / rows
    precondition(x.count == rows * columns && y.count == x.count, "exponentialOfRows: \(x.count) values, \(rows) rows")

    for r in 0..<rows {
        for c in 0..<columns {
            y[r * columns + c] = logSum[r] == -.infinity ? 0 : S.exp(x[r * columns + c] * scale - logSum[r])
        }
    }
}

/// The gradient of attention scores.
///
///     dx[r,c] = y[r,c] · (dy[r,c] − delta[r]) · scale
///
/// `delta[r]` = Σ_c dy[r,c] y[r,c], which equals output · output gradient. Source: Dao et al. 2022, arXiv:2205.14135,
/// algorithm 4.
public func attentionSoftmaxBackward<S: ReferenceScalar>(
    _ y: Span<S>, dy: Span<S>, delta: Span<S>, scale: S, into dx: inout MutableSpan<S>
) {
    let rows = delta.count
    let columns = rows == 0 ? 0 : y.count / rows
    precondition(
        y.count == rows * columns && dy.count == y.count && dx.count == y.count,
        "attentionSoftmaxBackward: \(y.count) values and \(dy.count) gradients in \(rows) rows")

    for r in 0..<rows {
        for c in 0..<columns {
            dx[r * columns + c] = y[r * columns + c] * (dy[r * columns + c] - delta[r]) * scale
        }
    }
}
