/// Limited-memory BFGS with a line search that judges four steps.
///
/// `ρ = 1/(y·s)`, left out when it is not finite and positive; the first direction and the scale come from the caller's
/// approximation of the inverse Hessian. When no step fulfils Armijo's rule, the best that lowers the cost is taken, and
/// without one the search ends. Source: Nocedal & Wright 2006, section 7.2.
struct LimitedMemoryMinimizer {
    var historyCount = 10
    var iterationLimit = 100
    /// Ends when the cost falls by less than this share in ten iterations.
    var requiredDecrease = 1e-4

    /// Lowers the cost of `x` in place; returns the cost.
    ///
    /// - Parameters:
    ///   - inverse: Multiplies a vector by an approximation of the inverse Hessian.
    ///   - project: Brings a point back to where it may be.
    ///   - evaluate: The cost, and its gradient into the second argument.
    func minimize(
        _ x: inout [Double], inverse: ([Double]) -> [Double], project: (inout [Double]) -> Void,
        evaluate: ([Double], inout [Double]) -> Double
    ) -> Double {
        var gradient = [Double](repeating: 0, count: x.count)
        var cost = evaluate(x, &gradient)
        var history: [(s: [Double], y: [Double], rho: Double)] = []
        var (checkpoint, trialGradient) = (cost, gradient)
        for iteration in 1...iterationLimit {
            // the two loops
            var direction = gradient
            var alphas: [Double] = []
            for pair in history.reversed() {
                let alpha = pair.rho * dot(pair.s, direction)
                alphas.append(alpha)
                for i in direction.indices { direction[i] -= alpha * pair.y[i] }
            }
            direction = inverse(direction)
            for (pair, alpha) in zip(history, alphas.reversed()) {
                let beta = pair.rho * dot(pair.y, direction)
                for i in direction.indices { direction[i] += (alpha - beta) * pair.s[i] }
            }
            if dot(direction, gradient) <= 0 {
                direction = inverse(gradient)
                history.removeAll()
            }
            let slope = dot(direction, gradient)
            guard slope > 0 else { break }

            var best: (x: [Double], cost: Double, gradient: [Double])?
            for step in [1.0, 0.5, 0.1, 0.02] {
                var trial = x
                for i in trial.indices { trial[i] -= step * direction[i] }
                project(&trial)
                let value = evaluate(trial, &trialGradient)
                guard value < best?.cost ?? cost else { continue }
                best = (trial, value, trialGradient)
                if value <= cost - 1e-4 * step * slope { break }
            }
            guard let best else {
                // an exhausted memory misleads: once more along the gradient
                if history.isEmpty { break }
                history.removeAll()
                continue
            }
            let s = zip(best.x, x).map { $0 - $1 }
            let y = zip(best.gradient, gradient).map { $0 - $1 }
            let product = dot(y, s)
            if product > 1e-12 { history.append((s, y, 1 / product)) }
            if history.count > historyCount { history.removeFirst() }
            (x, cost, gradient) = best
            if iteration % 10 == 0 {
                if cost > (1 - requiredDecrease) * checkpoint { break }
                checkpoint = cost
            }
        }
        return cost
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in a.indices { sum += a[i] * b[i] }
        return sum
    }
}
