/// How rough a path is, and how near to collision: the cost a trajectory is optimized by, with its gradient.
///
/// `½ w Σ |qₜ₊₁ − 2 qₜ + qₜ₋₁|²` over the waypoints, and `½ c Σ d²` over waypoints and the middles between them, where `d`
/// is how much closer than the margin a pair of spheres, or a sphere and an obstacle, is. The gradient of the second
/// goes back through the joints as a force on the sphere would.
final class TrajectoryCost {
    let n: Int
    /// Waypoints between start and goal.
    let count: Int
    private let start: [Double]
    private let goal: [Double]
    private let checker: CollisionChecker
    private let state: RobotState
    private let smoothness: Double
    private let collision: Double
    /// Of the matrix of second differences, `[count, count]`.
    private let inverseMetric: Matrix

    init(_ model: CollisionModel, start: [Double], goal: [Double], count: Int, margin: Double) {
        n = start.count
        self.count = count
        self.start = start
        self.goal = goal
        checker = CollisionChecker(model)
        checker.margin = margin
        state = model.model.makeState()
        smoothness = 0.05 * Double((count + 1) * (count + 1) * (count + 1))
        collision = 2e4 / Double(count)

        // K = AᵀA of second differences with fixed ends
        var metric = Matrix(rowCount: count, columnCount: count)
        for t in -1...count {
            let entries = [(t - 1, 1.0), (t, -2.0), (t + 1, 1.0)].filter { 0..<count ~= $0.0 }
            for (i, a) in entries { for (j, b) in entries { metric[i, j] += a * b } }
        }
        inverseMetric = metric.inverse!
    }

    /// The straight line through a point in its middle, or none.
    func line(via: [Double]? = nil) -> [Double] {
        (1...count).flatMap { t -> [Double] in
            let share = Double(t) / Double(count + 1)
            return (0..<n).map { i -> Double in
                guard let via else { return start[i] + share * (goal[i] - start[i]) }
                if share < 0.5 { return start[i] + 2 * share * (via[i] - start[i]) }
                return via[i] + (2 * share - 1) * (goal[i] - via[i])
            }
        }
    }

    func waypoints(_ x: [Double]) -> [[Double]] {
        [start] + (0..<count).map { Array(x[$0 * n..<($0 + 1) * n]) } + [goal]
    }

    /// Multiplies by the inverse of the smoothness term's Hessian.
    func inverse(_ g: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: g.count)
        for r in 0..<count {
            for c in 0..<count {
                let factor = inverseMetric[r, c] / smoothness
                for i in 0..<n { result[r * n + i] += factor * g[c * n + i] }
            }
        }
        return result
    }

    func evaluate(_ x: [Double], _ gradient: inout [Double]) -> Double {
        for i in gradient.indices { gradient[i] = 0 }
        func position(_ t: Int, _ i: Int) -> Double {
            t < 0 ? start[i] : t >= count ? goal[i] : x[t * n + i]
        }
        var cost = 0.0
        for t in -1...count {
            for i in 0..<n {
                let bend = position(t + 1, i) - 2 * position(t, i) + position(t - 1, i)
                cost += smoothness * bend * bend / 2
                for (k, factor) in [(t - 1, 1.0), (t, -2.0), (t + 1, 1.0)] where 0..<count ~= k {
                    gradient[k * n + i] += smoothness * factor * bend
                }
            }
        }

        // waypoints, and middles that push both their neighbours
        var force = [Double](repeating: 0, count: n)
        var q = force
        for half in 0...2 * count {
            let (t, isMiddle) = ((half - 1) / 2, half % 2 == 0)
            let (before, after) = isMiddle ? (half / 2 - 1, half / 2) : (t, t)
            for i in 0..<n { q[i] = 0.5 * (position(before, i) + position(after, i)) }
            let value = collisionCost(q, &force)
            guard value > 0 else { continue }
            cost += value
            for k in isMiddle ? [before, after] : [t] where 0..<count ~= k {
                for i in 0..<n { gradient[k * n + i] += (isMiddle ? 0.5 : 1) * force[i] }
            }
        }
        return cost
    }

    private func collisionCost(_ q: [Double], _ force: inout [Double]) -> Double {
        state.update(q)
        checker.update(state)
        checker.findViolations()
        guard !checker.violations.isEmpty else { return 0 }
        for i in 0..<n { force[i] = 0 }
        var cost = 0.0
        for violation in checker.violations {
            cost += collision * violation.deficit * violation.deficit / 2
            let push = -collision * violation.deficit * violation.normal
            state.addMotion(of: violation.bodyA, at: violation.pointA, along: push, to: &force)
            state.addMotion(of: violation.bodyB, at: violation.pointB, along: -push, to: &force)
        }
        return cost
    }
}
