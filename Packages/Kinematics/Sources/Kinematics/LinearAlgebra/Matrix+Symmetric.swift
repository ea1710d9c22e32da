extension Matrix {
    /// The eigenvalues of a symmetric matrix, rising, by cyclic Jacobi rotations. The lower half is not read.
    public var symmetricEigenvalues: [Double] {
        precondition(rowCount == columnCount, "symmetricEigenvalues: a \(rowCount) × \(columnCount) matrix")
        let n = rowCount
        var a = self
        for r in 0..<n { for c in 0..<r { a[r, c] = a[c, r] } }
        for _ in 0..<60 {
            var largest = 0.0
            for p in 0..<n {
                for q in (p + 1)..<max(n, p + 1) {
                    let off = a[p, q]
                    guard abs(off) > 1e-17 * (abs(a[p, p]) + abs(a[q, q])), off.isFinite else { continue }
                    largest = max(largest, abs(off))
                    let zeta = (a[q, q] - a[p, p]) / (2 * off)
                    let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
                    let c = 1 / (1 + t * t).squareRoot()
                    let s = c * t
                    for k in 0..<n {
                        let (x, y) = (a[k, p], a[k, q])
                        (a[k, p], a[k, q]) = (c * x - s * y, s * x + c * y)
                    }
                    for k in 0..<n {
                        let (x, y) = (a[p, k], a[q, k])
                        (a[p, k], a[q, k]) = (c * x - s * y, s * x + c * y)
                    }
                }
            }
            if largest == 0 { break }
        }
        return (0..<n).map { a[$0, $0] }.sorted()
    }

    /// The lower triangular `L` with `L Lᵀ = A` for a symmetric positive definite matrix, else nil.
    public var cholesky: Matrix? {
        precondition(rowCount == columnCount, "cholesky: a \(rowCount) × \(columnCount) matrix")
        let n = rowCount
        var l = Matrix(rowCount: n, columnCount: n)
        for c in 0..<n {
            var diagonal = self[c, c]
            for k in 0..<c { diagonal -= l[c, k] * l[c, k] }
            guard diagonal > 0 else { return nil }
            let root = diagonal.squareRoot()
            l[c, c] = root
            for r in (c + 1)..<max(n, c + 1) {
                var sum = self[r, c]
                for k in 0..<c { sum -= l[r, k] * l[c, k] }
                l[r, c] = sum / root
            }
        }
        return l
    }
}
