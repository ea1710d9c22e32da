extension InverseKinematicsSearch {
    /// Solves `(H + λI) δ = g` over the joints that no limit holds, by Cholesky. False when it is not definite.
    func solveStep(_ lambda: Double) -> Bool {
        for i in 0..<n {
            let g = gradient[i]
            let isHeld = respectsLimits && ((q[i] <= lower[i] && g < 0) || (q[i] >= upper[i] && g > 0))
            let row = factor + i * n
            if isHeld {
                for j in 0..<i { row[j] = 0 }
                row[i] = 1
                step[i] = 0
                // the columns below are cleared when their rows are copied
            } else {
                for j in 0...i { row[j] = hessian[i * n + j] }
                row[i] += lambda
                step[i] = g
            }
            held[i] = isHeld ? 1 : 0
        }
        for i in 0..<n where held[i] == 1 { for k in (i + 1)..<max(n, i + 1) { factor[k * n + i] = 0 } }

        for i in 0..<n {
            let a = factor + i * n
            for j in 0..<i {
                let b = factor + j * n
                var sum = a[j]
                for k in 0..<j { sum -= a[k] * b[k] }
                a[j] = sum * b[j]
            }
            var diagonal = a[i]
            for k in 0..<i { diagonal -= a[k] * a[k] }
            guard diagonal > 1e-300 else { return false }
            // the reciprocal, which is all that is needed
            a[i] = 1 / diagonal.squareRoot()
        }
        for i in 0..<n {
            let a = factor + i * n
            var sum = step[i]
            for k in 0..<i { sum -= a[k] * step[k] }
            step[i] = sum * a[i]
        }
        for i in stride(from: n - 1, through: 0, by: -1) {
            var sum = step[i]
            for k in (i + 1)..<max(n, i + 1) { sum -= factor[k * n + i] * step[k] }
            step[i] = sum * factor[i * n + i]
        }
        return true
    }

    /// `q + δ` within the limits; a step is no longer than half a radian.
    func applyStep(scale cap: Double = 0.5) {
        var largest = 0.0
        for i in 0..<n { largest = max(largest, abs(step[i])) }
        let scale = largest > cap ? cap / largest : 1
        for i in 0..<n {
            let value = q[i] + scale * step[i]
            trial[i] = respectsLimits ? min(max(value, lower[i]), upper[i]) : value
        }
    }
}
