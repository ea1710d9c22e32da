import Foundation

/// The shortest profile between two states, and those of a given duration.
///
/// Most profiles go from the first velocity to a cruising one, rest there without acceleration, and go on to the last
/// velocity; each change of velocity is as fast as jerk and acceleration let it be. For a given cruising velocity the way
/// without rest is known in closed form; a shortest motion is a root of it, or cruises at a limit. For a given duration
/// the way grows with the cruising velocity, so that there is one profile or none. The others are swings: the
/// acceleration goes to and fro without passing zero, and the velocity changes steadily.
struct JerkLimitedProblem {
    private let start: JerkLimitedProfile.Boundary
    /// After the first acceleration is within its limit.
    private let entry: JerkLimitedProfile.Boundary
    private let lead: (duration: Double, jerk: Double)?
    private let endVelocity: Double
    private let endAcceleration: Double
    private let way: Double
    private let limits: JerkLimitedProfile.Limits

    /// A change of velocity: durations of three phases and the sign of the first jerk.
    private struct Change {
        var sign: Double
        var t1: Double
        var t2: Double
        var t3: Double
        /// The way it takes.
        var distance: Double
        var duration: Double { t1 + t2 + t3 }
    }

    /// A profile without rest, one that rests at a limit of the velocity, or a swing.
    struct Candidate {
        var duration: Double
        var cruise = 0.0
        var rest = 0.0
        var swing: Swing?
    }

    /// Acceleration from the first to `top`, to `bottom`, to the last, each with the full jerk; times `sign`.
    struct Swing {
        var sign: Double
        var top: Double
        /// Rest at the top, which is the limit then.
        var topRest = 0.0
        var bottom: Double
        var bottomRest = 0.0
    }

    init(
        from start: JerkLimitedProfile.Boundary, to end: JerkLimitedProfile.Boundary, limits: JerkLimitedProfile.Limits
    ) {
        self.start = start
        self.limits = limits
        (endVelocity, endAcceleration) = (end.velocity, end.acceleration)
        if abs(start.acceleration) > limits.acceleration {
            let jerk = start.acceleration > 0 ? -limits.jerk : limits.jerk
            let t = (abs(start.acceleration) - limits.acceleration) / limits.jerk
            lead = (t, jerk)
            entry = JerkLimitedProfile.advanced(start, jerk: jerk, by: t)
        } else {
            lead = nil
            entry = start
        }
        way = end.position - entry.position
    }

    /// The fastest change from velocity `v` and acceleration `a` to velocity `target` without acceleration.
    private func change(from v: Double, _ a: Double, to target: Double) -> Change {
        let (j, limit) = (limits.jerk, limits.acceleration)
        let sign = target >= v + a * abs(a) / (2 * j) ? 1.0 : -1.0
        // mirrored so that the first jerk is positive
        let (a0, difference) = (sign * a, sign * (target - v))
        var peak = max(j * difference + a0 * a0 / 2, 0).squareRoot()
        var t2 = 0.0
        if peak > limit {
            peak = limit
            t2 = (difference - (2 * limit * limit - a0 * a0) / (2 * j)) / limit
        }
        let (t1, t3) = (max((peak - a0) / j, 0), peak / j)
        var state = JerkLimitedProfile.Boundary(position: 0, velocity: v, acceleration: a)
        state = JerkLimitedProfile.advanced(state, jerk: sign * j, by: t1)
        state = JerkLimitedProfile.advanced(state, jerk: 0, by: t2)
        state = JerkLimitedProfile.advanced(state, jerk: -sign * j, by: t3)
        return Change(sign: sign, t1: t1, t2: t2, t3: t3, distance: state.position)
    }

    /// From the first velocity to the cruising one, and on to the last: a change to zero acceleration backwards in time.
    private func changes(_ cruise: Double) -> (first: Change, second: Change) {
        let first = change(from: entry.velocity, entry.acceleration, to: cruise)
        var second = change(from: -endVelocity, endAcceleration, to: -cruise)
        (second.t1, second.t3, second.distance) = (second.t3, second.t1, -second.distance)
        return (first, second)
    }

    /// The way without rest, less the way there is, and the time.
    private func unrested(_ cruise: Double) -> (excess: Double, duration: Double) {
        let (first, second) = changes(cruise)
        return (first.distance + second.distance - way, first.duration + second.duration)
    }

    /// Every profile at which the set of possible durations can begin or end, the shortest first.
    func candidates() -> [Candidate] {
        let (v, a, j) = (limits.velocity, limits.acceleration, limits.jerk)
        var found: [Candidate] = []
        for cruise in [v, -v] {
            let (excess, duration) = unrested(cruise)
            let rest = -excess / cruise
            if rest >= 0 { found.append(Candidate(duration: duration + rest, cruise: cruise, rest: rest)) }
        }

        // between the cruising velocities at which a phase appears
        let (a0, v0) = (entry.acceleration, entry.velocity)
        let (a1, v1) = (endAcceleration, endVelocity)
        let borders = [
            -v, v, v0, v0 + a0 * abs(a0) / (2 * j), v0 + (a * a - a0 * a0 / 2) / j, v0 - (a * a - a0 * a0 / 2) / j,
            v1, v1 - a1 * abs(a1) / (2 * j), v1 + (a * a - a1 * a1 / 2) / j, v1 - (a * a - a1 * a1 / 2) / j,
        ].filter { abs($0) <= v }
        for cruise in roots(between: borders, of: { unrested($0).excess }) {
            found.append(Candidate(duration: unrested(cruise).duration, cruise: cruise))
        }
        found += swings(1) + swings(-1)
        return found.sorted { $0.duration < $1.duration }.map {
            var candidate = $0
            candidate.duration += lead?.duration ?? 0
            return candidate
        }
    }

    /// The swings of one sign that have the change of velocity and the way.
    ///
    ///     top² − bottom² = j Δv + (a₀² − a₁²)/2        without rest; all times the sign
    private func swings(_ sign: Double) -> [Candidate] {
        let (limit, j) = (limits.acceleration, limits.jerk)
        let (a0, a1) = (sign * entry.acceleration, sign * endAcceleration)
        let change = sign * (endVelocity - entry.velocity)
        let k = j * change + (a0 * a0 - a1 * a1) / 2
        var found: [Candidate] = []
        func add(_ swings: (Double) -> Swing?, _ borders: [Double]) {
            func excess(_ x: Double) -> Double {
                guard let swing = swings(x) else { return .nan }
                return distance(swing) - way
            }
            for x in roots(between: borders, of: excess) {
                if let swing = swings(x) { found.append(Candidate(duration: duration(swing), swing: swing)) }
            }
        }
        func within(_ low: Double, _ high: Double, _ values: Double...) -> [Double] {
            low < high ? [low, high] + values.filter { low < $0 && $0 < high } : []
        }
        func root(_ square: Double) -> Double { max(square, 0).squareRoot() }

        // both accelerations above zero, or both below
        if a1 > 0 {
            let tops = within(max(a0, root(k), 0), min(limit, root(k + a1 * a1)))
            if k >= 0 { add({ Swing(sign: sign, top: $0, bottom: root($0 * $0 - k)) }, tops) }
            add(
                { bottom in
                    let rest =
                        (change - (2 * limit * limit - 2 * bottom * bottom - a0 * a0 + a1 * a1) / (2 * j)) / limit
                    return rest < 0 ? nil : Swing(sign: sign, top: limit, topRest: rest, bottom: bottom)
                }, within(max(0, root(limit * limit - k)), min(a1, limit)))
        }
        if a0 < 0 {
            let bottoms = within(max(-limit, -root(a0 * a0 - k)), min(-root(-k), a1, 0))
            if k <= 0 { add({ Swing(sign: sign, top: -root($0 * $0 + k), bottom: $0) }, bottoms) }
            add(
                { top in
                    let rest = ((2 * top * top - 2 * limit * limit - a0 * a0 + a1 * a1) / (2 * j) - change) / limit
                    return rest < 0 ? nil : Swing(sign: sign, top: top, bottom: -limit, bottomRest: rest)
                }, within(max(a0, -limit), -root(limit * limit + k)) + within(max(a0, -limit), 0))
        }
        return found
    }

    private func phases(_ swing: Swing) -> [(duration: Double, jerk: Double)] {
        let j = limits.jerk
        return [
            (max(swing.top - swing.sign * entry.acceleration, 0) / j, swing.sign * j), (swing.topRest, 0),
            (max(swing.top - swing.bottom, 0) / j, -swing.sign * j), (swing.bottomRest, 0),
            (max(swing.sign * endAcceleration - swing.bottom, 0) / j, swing.sign * j),
        ]
    }

    private func duration(_ swing: Swing) -> Double { phases(swing).reduce(0) { $0 + $1.duration } }

    private func distance(_ swing: Swing) -> Double {
        var state = entry
        state.position = 0
        for phase in phases(swing) {
            state = JerkLimitedProfile.advanced(state, jerk: phase.jerk, by: phase.duration)
        }
        return state.position
    }

    /// The roots of a function that is smooth between borders, two that lie close together as well; where it is not a
    /// number, there is none.
    private func roots(between borders: [Double], of function: (Double) -> Double) -> [Double] {
        let borders = Set(borders).sorted()
        let pieces = 16
        var found: [Double] = []
        func differ(_ f: Double, _ g: Double) -> Bool { f.isFinite && g.isFinite && (f < 0) != (g < 0) }
        for (low, high) in zip(borders, borders.dropFirst()) {
            let xs = (0...pieces).map { $0 == pieces ? high : low + (high - low) * Double($0) / Double(pieces) }
            let fs = xs.map(function)
            for k in 0...pieces {
                if fs[k] == 0 { found.append(xs[k]) }
                if k < pieces, fs[k] != 0, fs[k + 1] != 0, differ(fs[k], fs[k + 1]) {
                    found.append(bisect(xs[k], xs[k + 1], fs[k], function))
                }
                // nearer to zero than its neighbours: it may cross and come back
                guard 0 < k, k < pieces, fs[k] != 0, !differ(fs[k - 1], fs[k]), !differ(fs[k], fs[k + 1]),
                    abs(fs[k]) <= abs(fs[k - 1]), abs(fs[k]) <= abs(fs[k + 1])
                else { continue }
                let x = nearestToZero(xs[k - 1], xs[k + 1], function)
                let f = function(x)
                guard differ(f, fs[k]) else { continue }
                found.append(bisect(xs[k - 1], x, fs[k - 1], function))
                found.append(bisect(x, xs[k + 1], f, function))
            }
        }
        return found
    }

    /// Where a function without a second extremum comes nearest to zero, or beyond it.
    private func nearestToZero(_ low: Double, _ high: Double, _ function: (Double) -> Double) -> Double {
        let sign = function(low) < 0 ? -1.0 : 1
        var (low, high) = (low, high)
        for _ in 0..<60 {
            let third = (high - low) / 3
            let (x, y) = (low + third, high - third)
            let (f, g) = (sign * function(x), sign * function(y))
            if f < 0 { return x }
            if g < 0 { return y }
            if f <= g { high = y } else { low = x }
        }
        return (low + high) / 2
    }

    private func bisect(_ low: Double, _ high: Double, _ value: Double, _ function: (Double) -> Double) -> Double {
        var (low, high) = (low, high)
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if middle == low || middle == high { break }
            if (function(middle) < 0) == (value < 0) { low = middle } else { high = middle }
        }
        return abs(function(low)) < abs(function(high)) ? low : high
    }

    /// The profile of a duration; nil when there is none.
    func profile(duration: Double) -> JerkLimitedProfile? {
        let time = duration - (lead?.duration ?? 0)
        let tolerance = 1e-9 * max(1, time)
        func slack(_ cruise: Double) -> Double { time - unrested(cruise).duration }

        // a change takes the least time to the velocity that its acceleration comes to rest at, and grows ever more slowly
        // away from it: what fits into the time are intervals around these two
        let v = limits.velocity
        func clipped(_ cruise: Double) -> Double { min(max(cruise, -v), v) }
        let (a0, a1) = (entry.acceleration, endAcceleration)
        let turns = [
            clipped(entry.velocity + a0 * abs(a0) / (2 * limits.jerk)),
            clipped(endVelocity - a1 * abs(a1) / (2 * limits.jerk)),
        ].sorted()
        /// The last velocity that fits on the way from one that does to another.
        func border(from inside: Double, towards limit: Double) -> Double {
            guard slack(limit) < 0 else { return limit }
            var (inside, outside) = (inside, limit)
            for _ in 0..<80 {
                let middle = (inside + outside) / 2
                if slack(middle) >= 0 { inside = middle } else { outside = middle }
            }
            return inside
        }
        let fits = turns.map { slack($0) >= -tolerance }
        var intervals: [(low: Double, high: Double)] = []
        if fits[0] && fits[1] {
            let (low, high) = (border(from: turns[0], towards: -v), border(from: turns[1], towards: v))
            let worst = slowest(between: turns[0], and: turns[1])
            if slack(worst) >= 0 {
                intervals = [(low, high)]
            } else {
                intervals = [
                    (low, border(from: turns[0], towards: worst)), (border(from: turns[1], towards: worst), high),
                ]
            }
        } else {
            for k in 0..<2 where fits[k] {
                let other = turns[1 - k]
                let (low, high) = k == 0 ? (-v, other) : (other, v)
                intervals.append((border(from: turns[k], towards: low), border(from: turns[k], towards: high)))
            }
        }

        // within each the way in the given time grows with the cruising velocity
        func excess(_ cruise: Double) -> Double {
            let (excess, needed) = unrested(cruise)
            return excess + cruise * max(time - needed, 0)
        }
        for (first, last) in intervals {
            var (low, high) = (first, last)
            let (below, above) = (excess(low), excess(high))
            let near = 1e-9 * max(1, abs(way))
            guard below <= near, above >= -near else { continue }
            var cruise = below > 0 ? low : above < 0 ? high : low
            if below < 0 && above > 0 {
                for _ in 0..<80 {
                    cruise = (low + high) / 2
                    if excess(cruise) < 0 { low = cruise } else { high = cruise }
                }
            }
            return profile(cruise: cruise, rest: max(slack(cruise), 0))
        }
        return nil
    }

    /// Where between two velocities the changes take the longest: their time is concave there.
    private func slowest(between low: Double, and high: Double) -> Double {
        var (low, high) = (low, high)
        for _ in 0..<100 where high > low {
            let third = (high - low) / 3
            let (x, y) = (low + third, high - third)
            if unrested(x).duration >= unrested(y).duration { high = y } else { low = x }
        }
        return (low + high) / 2
    }

    func profile(_ candidate: Candidate) -> JerkLimitedProfile {
        guard let swing = candidate.swing else { return profile(cruise: candidate.cruise, rest: candidate.rest) }
        return JerkLimitedProfile(phases: (lead.map { [$0] } ?? []) + phases(swing), start: start)
    }

    private func profile(cruise: Double, rest: Double) -> JerkLimitedProfile {
        let (first, second) = changes(cruise)
        let j = limits.jerk
        var phases: [(duration: Double, jerk: Double)] = lead.map { [$0] } ?? []
        phases += [(first.t1, first.sign * j), (first.t2, 0), (first.t3, -first.sign * j), (rest, 0)]
        phases += [(second.t1, second.sign * j), (second.t2, 0), (second.t3, -second.sign * j)]
        return JerkLimitedProfile(phases: phases, start: start)
    }
}
