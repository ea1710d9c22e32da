/// Root-mean-square normalization over the last axis.
///
///     rstd[r] = 1 / √(mean_c(x[r,c]²) + ε)
///     y[r,c]  = x[r,c] · rstd[r] · γ[c]
///
/// `x`, `y`: `[rows, columns]`; `gamma`: `[columns]`; `rstd`: `[rows]`, read by the gradient.
/// The mean square is summed in `Double`. Source: Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4.
public func rmsNormForward<S: ReferenceScalar>(
    _ x: Span<S>, gamma: Span<S>, epsilon: S, into y: inout MutableSpan<S>, rstd: inout MutableSpan<S>
) {
    let (rows, columns) = (rstd.count, gamma.count)
    precondition(x.count == rows * columns && y.count == x.count, "rmsNorm: \(x.count) values for \(rows) × \(columns)")

    for r in 0..<rows {
        // mean square of the row
        var sum = 0.0
        for c in 0..<columns { sum += Double(x[r * columns + c]) * Double(x[r * columns + c]) }

        // reciprocal root, kept for the backward pass
        rstd[r] = S(1 / (sum / Double(columns) + Double(epsilon)).squareRoot())

        for c in 0..<columns { y[r * columns + c] = x[r * columns + c] * rstd[r] * gamma[c] }
    }
}

/// The gradient of ``rmsNormForward(_:gamma:epsilon:into:rstd:)``.
///
///     dx[r,c] = rstd[r] · (γ[c] dy[r,c] − x[r,c] · rstd[r]² · mean_k(γ[k] dy[r,k] x[r,k]))
///     dγ[c]  += Σ_r dy[r,c] · x[r,c] · rstd[r]
///
/// Shapes as there; `dgamma` is added to.
public func rmsNormBackward<S: ReferenceScalar>(
    _ x: Span<S>, gamma: Span<S>, rstd: Span<S>, dy: Span<S>, into dx: inout MutableSpan<S>,
    dgamma: inout MutableSpan<S>
) {
    let (rows, columns) = (rstd.count, gamma.count)
    precondition(
        x.count == rows * columns && dy.count == x.count && dx.count == x.count && dgamma.count == columns,
        "rmsNormBackward: \(x.count) values and \(dy.count) gradients for \(rows) × \(columns)")

    for r in 0..<rows {
        // how much the row's scale matters
        var sum = 0.0
        for c in 0..<columns {
            sum += Double(gamma[c] * dy[r * columns + c]) * Double(x[r * columns + c])
        }
        let shared = S(sum / Double(columns) * Double(rstd[r]) * Double(rstd[r]))

        for c in 0..<columns {
            dx[r * columns + c] = rstd[r] * (gamma[c] * dy[r * columns + c] - x[r * columns + c] * shared)
            dgamma[c] += dy[r * columns + c] * (x[r * columns + c] * rstd[r])
        }
    }
}
