/// Layer normalization over the last axis.
///
///     rstd[r] = 1 / √(mean_c((x[r,c] − mean[r])²) + ε)
///     y[r,c]  = (x[r,c] − mean[r]) · rstd[r] · γ[c] + β[c]
///
/// `x`, `y`: `[rows, columns]`; `gamma`, `beta`: `[columns]`; `mean`, `rstd`: `[rows]`, read by the gradient.
/// Mean and variance are summed in `Double`. Source: Ba et al. 2016, arXiv:1607.06450, eq. 3.
public func layerNormForward<S: ReferenceScalar>(
    _ x: Span<S>, gamma: Span<S>, beta: Span<S>, epsilon: S, into y: inout MutableSpan<S>,
    mean: inout MutableSpan<S>, rstd: inout MutableSpan<S>
) {
    let (rows, columns) = (rstd.count, gamma.count)
    precondition(
        x.count == rows * columns && y.count == x.count && beta.count == columns && mean.count == rows,
        "layerNorm: \(x.count) values for \(rows) × \(columns)")

    for r in 0..<rows {
        // mean of the row
        var sum = 0.0
        for c in 0..<columns { sum += Double(x[r * columns + c]) }
        let center = sum / Double(columns)

        // variance around it
        var squares = 0.0
        for c in 0..<columns {
            let deviation = Double(x[r * columns + c]) - center
            squares += deviation * deviation
        }

        // both kept for the backward pass
        mean[r] = S(center)
        rstd[r] = S(1 / (squares / Double(columns) + Double(epsilon)).squareRoot())

        for c in 0..<columns {
            y[r * columns + c] = (x[r * columns + c] - mean[r]) * rstd[r] * gamma[c] + beta[c]
        }
    }
}

/// The gradient of ``layerNormForward(_:gamma:beta:epsilon:into:mean:rstd:)``.
///
///     x̂ = (x − mean) · rstd,  g = γ dy
///     dx[r,c] = rstd[r] · (g[r,c] − mean_k(g[r,k]) − x̂[r,c] · mean_k(g[r,k] x̂[r,k]))
///     dγ[c] += Σ_r dy[r,c] x̂[r,c],  dβ[c] += Σ_r dy[r,c]
///
/// Shapes as there; `dgamma` and `dbeta` are added to.
public func layerNormBackward<S: ReferenceScalar>(
    _ x: Span<S>, gamma: Span<S>, mean: Span<S>, rstd: Span<S>, dy: Span<S>, into dx: inout MutableSpan<S>,
    dgamma: inout MutableSpan<S>, dbeta: inout MutableSpan<S>
) {
    let (rows, columns) = (rstd.count, gamma.count)
    precondition(
        x.count == rows * columns && dy.count == x.count && dx.count == x.count && mean.count == rows
            && dgamma.count == columns && dbeta.count == columns,
        "layerNormBackward: \(x.count) values and \(dy.count) gradients for \(rows) × \(columns)")

    for r in 0..<rows {
        // what the row's mean and scale carry
        var (sum, product) = (0.0, 0.0)
        for c in 0..<columns {
            let g = Double(gamma[c] * dy[r * columns + c])
            sum += g
            product += g * Double(x[r * columns + c] - mean[r])
        }
        let meanOfG = S(sum / Double(columns))
        let shared = S(product / Double(columns) * Double(rstd[r]) * Double(rstd[r]))

        for c in 0..<columns {
            let deviation = x[r * columns + c] - mean[r]
            dx[r * columns + c] = rstd[r] * (gamma[c] * dy[r * columns + c] - meanOfG - deviation * shared)
            dgamma[c] += dy[r * columns + c] * (deviation * rstd[r])
            dbeta[c] += dy[r * columns + c]
        }
    }
}
