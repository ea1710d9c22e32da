/// A convex quadratic program of some dozens of unknowns: `min ½ xᵀHx − gᵀx` with `C x ≥ d`.
///
/// The dual active-set method: from the free minimum, violated rows are taken in one after the other, and those that
/// hold nothing any more are let go; it ends after finitely many exact steps. Source: Goldfarb & Idnani 1983,
/// Mathematical Programming 27.
struct QuadraticProgram {
    /// Symmetric, positive definite.
    var hessian: Matrix
    var gradient: [Double]
    /// `C`, row by row.
    var rows: [[Double]]
    /// `d`
    var bounds: [Double]

    /// The minimum; nil where the rows contradict each other.
    func minimum() -> [Double]? {
        guard let inverse = hessian.inverse else { return nil }
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        var x = inverse * gradient
        var (active, multipliers): ([Int], [Double]) = ([], [])
        let scale = 1e-10
        for _ in 0..<20 * (rows.count + 1) {
            // the row that is violated most
            var (worst, slack) = (-1, 0.0)
            for i in rows.indices {
                let s = dot(rows[i], x) - bounds[i]
                if s < slack - scale * max(1, abs(bounds[i])), !active.contains(i) { (worst, slack) = (i, s) }
            }
            guard worst >= 0 else { return x }
            let normal = rows[worst]
            let toward = inverse * normal
            var share = 0.0
            while true {
                // how x moves for the row, and how the others' multipliers give way
                let columns = active.map { inverse * rows[$0] }
                var r: [Double] = []
                if !active.isEmpty {
                    let gram = Matrix(
                        rowCount: active.count, columnCount: active.count,
                        elements: active.flatMap { i in columns.map { dot(rows[i], $0) } })
                    let right = Matrix(
                        rowCount: active.count, columnCount: 1, elements: active.map { dot(rows[$0], toward) })
                    guard let solution = gram.solution(of: right) else { return nil }
                    r = solution.elements
                }
                var z = toward
                for (k, column) in columns.enumerated() { for i in z.indices { z[i] -= r[k] * column[i] } }
                var (drop, limit) = (-1, Double.infinity)
                for k in active.indices where r[k] > 1e-14 && multipliers[k] / r[k] < limit {
                    (drop, limit) = (k, multipliers[k] / r[k])
                }
                let progress = dot(z, normal)
                let full =
                    progress > 1e-14 * dot(toward, normal)
                    ? (bounds[worst] - dot(normal, x)) / progress : Double.infinity
                let t = min(limit, full)
                guard t.isFinite else { return nil }
                if full.isFinite { for i in x.indices { x[i] += t * z[i] } }
                for k in active.indices { multipliers[k] -= t * r[k] }
                share += t
                if t == full {
                    active.append(worst)
                    multipliers.append(share)
                    break
                }
                active.remove(at: drop)
                multipliers.remove(at: drop)
            }
        }
        return nil
    }
}
