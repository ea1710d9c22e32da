extension Matrix {
    /// The inverse by LU decomposition with row pivoting; nil when a pivot is zero or not finite.
    public var inverse: Matrix? { solution(of: .identity(rowCount)) }

    /// `X` with `A X = B` for a square `A`, by LU decomposition with row pivoting; nil when `A` is singular.
    public func solution(of right: Matrix) -> Matrix? {
        precondition(
            rowCount == columnCount && rowCount == right.rowCount,
            "solution: \(rowCount) × \(columnCount) with \(right.rowCount) right-hand rows")
        let n = rowCount
        var (lu, x) = (self, right)
        for k in 0..<n {
            // the largest pivot of the column
            var pivot = k
            for r in k..<n where abs(lu[r, k]) > abs(lu[pivot, k]) { pivot = r }
            guard lu[pivot, k] != 0, lu[pivot, k].isFinite else { return nil }
            if pivot != k {
                lu.swapRows(k, pivot)
                x.swapRows(k, pivot)
            }
            for r in (k + 1)..<max(n, k + 1) {
                let factor = lu[r, k] / lu[k, k]
                guard factor != 0 else { continue }
                for c in (k + 1)..<max(n, k + 1) { lu[r, c] -= factor * lu[k, c] }
                for c in 0..<x.columnCount { x[r, c] -= factor * x[k, c] }
            }
        }

        // back substitution
        for k in (0..<n).reversed() {
            for c in 0..<x.columnCount {
                var sum = x[k, c]
                for j in (k + 1)..<max(n, k + 1) { sum -= lu[k, j] * x[j, c] }
                x[k, c] = sum / lu[k, k]
            }
        }
        return x
    }

    private mutating func swapRows(_ a: Int, _ b: Int) {
        for c in 0..<columnCount { elements.swapAt(a * columnCount + c, b * columnCount + c) }
    }

    /// The singular value decomposition `A = U diag(σ) Vᵀ` by one-sided Jacobi rotations, thin: `U` is
    /// `[rows, k]`, `V` `[columns, k]` with `k = min(rows, columns)`; `σ` falls.
    ///
    /// Small singular values keep their relative accuracy. A column of `U` whose `σ` is zero is zero.
    /// Source: Demmel & Veselić 1992, SIAM J. Matrix Anal. Appl. 13(4).
    public var singularValueDecomposition: (u: Matrix, values: [Double], v: Matrix) {
        guard rowCount >= columnCount else {
            let other = transposed.singularValueDecomposition
            return (other.v, other.values, other.u)
        }
        let n = columnCount
        var (a, v) = (self, Matrix.identity(n))

        // rotate pairs of columns until all are perpendicular
        for _ in 0..<60 {
            var rotated = false
            for p in 0..<n {
                for q in (p + 1)..<max(n, p + 1) {
                    var (alpha, beta, gamma) = (0.0, 0.0, 0.0)
                    for r in 0..<rowCount {
                        alpha += a[r, p] * a[r, p]
                        beta += a[r, q] * a[r, q]
                        gamma += a[r, p] * a[r, q]
                    }
                    guard abs(gamma) > 1e-16 * (alpha * beta).squareRoot() else { continue }
                    rotated = true
                    let zeta = (beta - alpha) / (2 * gamma)
                    let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
                    let c = 1 / (1 + t * t).squareRoot()
                    a.rotateColumns(p, q, cosine: c, sine: c * t)
                    v.rotateColumns(p, q, cosine: c, sine: c * t)
                }
            }
            if !rotated { break }
        }

        // lengths of the columns, in falling order
        let lengths = (0..<n).map { c in
            var sum = 0.0
            for r in 0..<rowCount { sum += a[r, c] * a[r, c] }
            return sum.squareRoot()
        }
        let order = (0..<n).sorted { lengths[$0] > lengths[$1] }
        var (u, sorted) = (Matrix(rowCount: rowCount, columnCount: n), Matrix(rowCount: n, columnCount: n))
        for (place, c) in order.enumerated() {
            for r in 0..<rowCount where lengths[c] > 0 { u[r, place] = a[r, c] / lengths[c] }
            for r in 0..<n { sorted[r, place] = v[r, c] }
        }
        return (u, order.map { lengths[$0] }, sorted)
    }

    private mutating func rotateColumns(_ p: Int, _ q: Int, cosine: Double, sine: Double) {
        for r in 0..<rowCount {
            let (x, y) = (self[r, p], self[r, q])
            self[r, p] = cosine * x - sine * y
            self[r, q] = sine * x + cosine * y
        }
    }

    /// The Moore–Penrose inverse `V diag(1/σ) Uᵀ`; singular values up to `cutOff` times the largest count as zero.
    ///
    /// The default is NumPy's `numpy.linalg.pinv`.
    public func pseudoInverse(cutOff: Double = 1e-15) -> Matrix {
        let (u, values, v) = singularValueDecomposition
        let limit = cutOff * (values.first ?? 0)
        var scaled = v
        for c in values.indices {
            let factor = values[c] > limit ? 1 / values[c] : 0
            for r in 0..<v.rowCount { scaled[r, c] *= factor }
        }
        return scaled * u.transposed
    }
}
