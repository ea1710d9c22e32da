/// A curve through joint positions: a cubic spline over a parameter, with continuous second derivative.
public struct JointPath: Sendable {
    /// What the curve does at its ends.
    public enum EndCondition: String, Sendable {
        /// The first two pieces are one cubic, and the last two.
        case notAKnot = "not-a-knot"
        /// The first derivative is zero.
        case clamped
        /// The second derivative is zero.
        case natural
    }

    /// Rising.
    public let knots: [Double]
    public let waypoints: [[Double]]
    /// At the knots.
    private let second: [[Double]]

    /// - Parameters:
    ///   - waypoints: At least two, all of one length.
    ///   - knots: Their parameters, rising; evenly over 0…1 when nil.
    ///   - ends: What holds at the first and last waypoint.
    public init(_ waypoints: [[Double]], knots: [Double]? = nil, ends: EndCondition = .natural) {
        let count = waypoints.count
        precondition(count >= 2, "JointPath: \(count) waypoints")
        let knots = knots ?? (0..<count).map { Double($0) / Double(count - 1) }
        precondition(
            knots.count == count && zip(knots, knots.dropFirst()).allSatisfy { $0 < $1 },
            "JointPath: the knots have to rise, one for each of \(count) waypoints")
        precondition(waypoints.allSatisfy { $0.count == waypoints[0].count }, "JointPath: waypoints of several lengths")
        self.knots = knots
        self.waypoints = waypoints
        let columns = waypoints[0].indices.map { i in
            Self.secondDerivatives(waypoints.map { $0[i] }, knots, ends)
        }
        second = (0..<count).map { k in columns.map { $0[k] } }
    }

    public var dimension: Int { waypoints[0].count }

    /// Solves the tridiagonal system for the second derivatives at the knots.
    private static func secondDerivatives(_ y: [Double], _ x: [Double], _ ends: EndCondition) -> [Double] {
        let n = y.count
        let h = zip(x, x.dropFirst()).map { $1 - $0 }
        let slope = (0..<n - 1).map { (y[$0 + 1] - y[$0]) / h[$0] }
        if n == 2 {
            return ends == .clamped ? [6 * slope[0] / h[0], -6 * slope[0] / h[0]] : [0, 0]
        }
        if n == 3 && ends == .notAKnot {
            // one parabola
            let value = 2 * (slope[1] - slope[0]) / (h[0] + h[1])
            return [value, value, value]
        }
        var (lower, diagonal) = ([Double](repeating: 0, count: n), [Double](repeating: 1, count: n))
        var (upper, right) = (lower, lower)
        for i in 1..<n - 1 {
            lower[i] = h[i - 1]
            diagonal[i] = 2 * (h[i - 1] + h[i])
            upper[i] = h[i]
            right[i] = 6 * (slope[i] - slope[i - 1])
        }
        switch ends {
        case .natural: break
        case .clamped:
            (diagonal[0], upper[0], right[0]) = (2 * h[0], h[0], 6 * slope[0])
            (lower[n - 1], diagonal[n - 1], right[n - 1]) = (h[n - 2], 2 * h[n - 2], -6 * slope[n - 2])
        case .notAKnot:
            // M₀ = (1 + r) M₁ − r M₂ with r = h₀ / h₁, put into the second row; likewise at the end
            let (r, s) = (h[0] / h[1], h[n - 2] / h[n - 3])
            diagonal[1] += h[0] * (1 + r)
            upper[1] -= h[0] * r
            lower[1] = 0
            diagonal[n - 2] += h[n - 2] * (1 + s)
            lower[n - 2] -= h[n - 2] * s
            upper[n - 2] = 0
        }
        for i in 1..<n {
            let factor = lower[i] / diagonal[i - 1]
            diagonal[i] -= factor * upper[i - 1]
            right[i] -= factor * right[i - 1]
        }
        var m = [Double](repeating: 0, count: n)
        m[n - 1] = right[n - 1] / diagonal[n - 1]
        for i in stride(from: n - 2, through: 0, by: -1) { m[i] = (right[i] - upper[i] * m[i + 1]) / diagonal[i] }
        if ends == .notAKnot {
            let (r, s) = (h[0] / h[1], h[n - 2] / h[n - 3])
            m[0] = (1 + r) * m[1] - r * m[2]
            m[n - 1] = (1 + s) * m[n - 2] - s * m[n - 3]
        }
        return m
    }

    /// The positions and their derivatives by the parameter; beyond the ends the last cubic goes on.
    public func values(at parameter: Double) -> (positions: [Double], first: [Double], second: [Double]) {
        var (low, high) = (0, knots.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if knots[middle] <= parameter { low = middle } else { high = middle }
        }
        let h = knots[low + 1] - knots[low]
        let (a, b) = ((knots[low + 1] - parameter) / h, (parameter - knots[low]) / h)
        var (q, d, dd) = ([Double](), [Double](), [Double]())
        for i in waypoints[low].indices {
            let (y0, y1) = (waypoints[low][i], waypoints[low + 1][i])
            let (m0, m1) = (second[low][i], second[low + 1][i])
            q.append(a * y0 + b * y1 + ((a * a * a - a) * m0 + (b * b * b - b) * m1) * h * h / 6)
            d.append((y1 - y0) / h + ((1 - 3 * a * a) * m0 + (3 * b * b - 1) * m1) * h / 6)
            dd.append(a * m0 + b * m1)
        }
        return (q, d, dd)
    }

    public var parameterRange: ClosedRange<Double> { knots[0]...knots[knots.count - 1] }
}
