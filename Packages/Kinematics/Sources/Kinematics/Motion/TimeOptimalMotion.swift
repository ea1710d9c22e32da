/// A path at the highest speed that the limits of velocity and acceleration let it have.
///
/// Reachability analysis: with `u = s̈` and `x = ṡ²`, every limit is a line in the plane of `u` and `x`. Backwards over
/// a grid, the largest `x` is found from which the end can still be reached; forwards, the largest `u` is taken that
/// stays below. Limits hold at both ends of every step. Source: Pham & Pham 2018, IEEE Transactions on Robotics 34(3).
public struct TimeOptimalMotion: JointMotion {
    public let path: JointPath
    public let duration: Double
    /// The grid of the path's parameter.
    public let parameters: [Double]
    /// The parameter's speed at the grid.
    public let speeds: [Double]
    private let times: [Double]

    /// A line in the plane: `a u + b x ≤ c`.
    private struct Line {
        var a: Double
        var b: Double
        var c: Double
    }

    /// From rest to rest; nil when no speed fulfils the limits.
    ///
    /// - Parameters:
    ///   - path: The path to drive along.
    ///   - limits: Of velocity and acceleration.
    ///   - gridCount: Points of the grid, evenly over the path.
    public init?(_ path: JointPath, limits: MotionLimits, gridCount: Int = 401) {
        precondition(gridCount >= 2, "TimeOptimalMotion: a grid of \(gridCount)")
        precondition(
            limits.velocities.count == path.dimension, "TimeOptimalMotion: limits of \(limits.velocities.count) joints")
        let range = path.parameterRange
        let step = (range.upperBound - range.lowerBound) / Double(gridCount - 1)
        let parameters = (0..<gridCount).map {
            $0 == gridCount - 1 ? range.upperBound : range.lowerBound + step * Double($0)
        }
        let samples = parameters.map { path.values(at: $0) }

        // the velocity bounds x, the acceleration two lines for each joint and side
        func largest(_ i: Int) -> Double {
            var bound = 1e8
            for j in 0..<path.dimension where abs(samples[i].first[j]) > 1e-12 {
                let ratio = limits.velocities[j] / abs(samples[i].first[j])
                bound = min(bound, ratio * ratio)
            }
            return bound
        }
        func lines(_ i: Int) -> [Line] {
            var result: [Line] = []
            for j in 0..<path.dimension where limits.accelerations[j].isFinite {
                let (d, dd, limit) = (samples[i].first[j], samples[i].second[j], limits.accelerations[j])
                result.append(Line(a: d, b: dd, c: limit))
                result.append(Line(a: -d, b: -dd, c: limit))
                guard i + 1 < gridCount else { continue }
                let (e, ee) = (samples[i + 1].first[j], samples[i + 1].second[j])
                result.append(Line(a: e + 2 * step * ee, b: ee, c: limit))
                result.append(Line(a: -e - 2 * step * ee, b: -ee, c: limit))
            }
            return result
        }

        // backwards: the largest x from which the end is reached
        var reachable = [Double](repeating: 0, count: gridCount)
        var all: [[Line]] = []
        all.reserveCapacity(gridCount)
        for i in 0..<gridCount { all.append(lines(i)) }
        for i in stride(from: gridCount - 2, through: 0, by: -1) {
            let next = [Line(a: 2 * step, b: 1, c: reachable[i + 1]), Line(a: -2 * step, b: -1, c: 0)]
            guard let x = Self.largest(all[i] + next, below: largest(i)) else { return nil }
            reachable[i] = x
        }

        // forwards: as fast as stays below
        var squares = [0.0]
        for i in 0..<gridCount - 1 {
            let x = squares[i]
            guard let u = Self.upper(all[i] + [Line(a: 2 * step, b: 1, c: reachable[i + 1])], at: x) else { return nil }
            squares.append(min(max(x + 2 * step * u, 0), reachable[i + 1]))
        }
        self.path = path
        self.parameters = parameters
        speeds = squares.map { $0.squareRoot() }
        var (time, times) = (0.0, [0.0])
        for i in 0..<gridCount - 1 {
            let sum = speeds[i] + speeds[i + 1]
            guard sum > 0 else { return nil }
            time += 2 * (parameters[i + 1] - parameters[i]) / sum
            times.append(time)
        }
        self.times = times
        duration = time
    }

    /// The range of `u` that the lines leave at `x`, and which lines bound it.
    private static func range(_ lines: [Line], at x: Double) -> (low: (Double, Line?), high: (Double, Line?))? {
        var (low, high): ((Double, Line?), (Double, Line?)) = ((-.infinity, nil), (.infinity, nil))
        for line in lines {
            let rest = line.c - line.b * x
            if line.a > 1e-12 {
                if rest / line.a < high.0 { high = (rest / line.a, line) }
            } else if line.a < -1e-12 {
                if rest / line.a > low.0 { low = (rest / line.a, line) }
            }
        }
        return (low, high)
    }

    private static func upper(_ lines: [Line], at x: Double) -> Double? {
        guard let range = range(lines, at: x) else { return nil }
        // rounding can leave the range empty by a hair
        return range.high.0 >= range.low.0 - 1e-7 * max(1, abs(range.low.0)) ? range.high.0 : nil
    }

    /// The largest `x` for which some `u` is left: from above, along the two lines that leave none.
    private static func largest(_ lines: [Line], below bound: Double) -> Double? {
        var x = bound
        // lines without u bound x alone
        for line in lines where abs(line.a) <= 1e-12 && line.b > 0 { x = min(x, line.c / line.b) }
        for _ in 0..<200 {
            guard x >= 0, let range = range(lines, at: x) else { return nil }
            let gap = range.high.0 - range.low.0
            if gap >= -1e-12 * max(1, abs(range.high.0)) { return x }
            guard let high = range.high.1, let low = range.low.1 else { return nil }
            // where the two lines meet
            let slope = -high.b / high.a + low.b / low.a
            let next = x - gap / slope
            guard next < x else { return nil }
            x = max(next, 0)
            if next < 0 { return next > -1e-9 ? 0 : nil }
        }
        return nil
    }

    public func state(at time: Double) -> MotionState {
        let time = min(max(time, 0), duration)
        var (low, high) = (0, times.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle } else { high = middle }
        }
        // constant acceleration of the parameter within a step
        let span = times[low + 1] - times[low]
        let u = (speeds[low + 1] - speeds[low]) / span
        let t = time - times[low]
        let speed = speeds[low] + u * t
        let s = parameters[low] + t * (speeds[low] + u * t / 2)
        let (q, d, dd) = path.values(at: min(s, parameters[parameters.count - 1]))
        return MotionState(
            positions: q, velocities: d.map { speed * $0 },
            accelerations: zip(d, dd).map { u * $0 + speed * speed * $1 })
    }
}
