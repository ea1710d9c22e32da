import Foundation

func cubeRoot(_ x: Double) -> Double { cbrt(x) }

/// One joint from a state to another as phases of constant jerk, within limits of velocity, acceleration and jerk.
///
/// Every profile here goes from the first velocity to a cruising one, rests there without acceleration, and goes on to
/// the last velocity; each change of velocity is as fast as jerk and acceleration let it be. For a given cruising
/// velocity the way without rest is known in closed form; a shortest motion is a root of it, or cruises at a limit. For
/// a given duration the way grows with the cruising velocity, so that there is one profile or none.
struct JerkLimitedProfile {
    struct Boundary: Equatable {
        var position: Double
        var velocity: Double
        var acceleration: Double
    }

    struct Limits: Equatable {
        var velocity: Double
        var acceleration: Double
        var jerk: Double
    }

    /// Up to seven phases, and one before them when the first acceleration is beyond its limit.
    let phases: [(duration: Double, jerk: Double)]
    let start: Boundary

    var duration: Double { phases.reduce(0) { $0 + $1.duration } }

    func state(at time: Double) -> Boundary {
        var (state, left) = (start, time)
        for phase in phases where left > 0 {
            let t = min(left, phase.duration)
            state = Self.advanced(state, jerk: phase.jerk, by: t)
            left -= t
        }
        if left > 0 { state.position += left * state.velocity }
        return state
    }

    static func advanced(_ s: Boundary, jerk: Double, by t: Double) -> Boundary {
        Boundary(
            position: s.position + t * (s.velocity + t * (s.acceleration / 2 + t * jerk / 6)),
            velocity: s.velocity + t * (s.acceleration + t * jerk / 2), acceleration: s.acceleration + t * jerk)
    }
}

/// All profiles between two states, by their cruising velocity.
struct JerkLimitedProblem {
    private let start: JerkLimitedProfile.Boundary
    /// After the first acceleration is within its limit.
    private let entry: JerkLimitedProfile.Boundary
    private let lead: (duration: Double, jerk: Double)?
    private let endVelocity: Double
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

    /// A profile without rest, or one that rests at a limit of the velocity.
    struct Candidate {
        var duration: Double
        var cruise: Double
        var rest: Double
    }

    init(
        from start: JerkLimitedProfile.Boundary, to end: (position: Double, velocity: Double),
        limits: JerkLimitedProfile.Limits
    ) {
        self.start = start
        self.limits = limits
        endVelocity = end.velocity
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

    private func changes(_ cruise: Double) -> (first: Change, second: Change) {
        (change(from: entry.velocity, entry.acceleration, to: cruise), change(from: cruise, 0, to: endVelocity))
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

        // pieces between the cruising velocities at which a phase appears
        let (a0, v0) = (entry.acceleration, entry.velocity)
        let turning = v0 + a0 * abs(a0) / (2 * j)
        var borders = [
            -v, v, v0, turning, endVelocity, endVelocity + a * a / j, endVelocity - a * a / j,
            v0 + (a * a - a0 * a0 / 2) / j, v0 - (a * a - a0 * a0 / 2) / j,
        ].filter { abs($0) <= v }.sorted()
        borders = borders.enumerated().filter { $0 == 0 || borders[$0 - 1] < $1 }.map(\.element)
        let pieces = 16
        for (low, high) in zip(borders, borders.dropFirst()) where high > low {
            var (x, f) = (low, unrested(low).excess)
            for k in 1...pieces {
                let next = k == pieces ? high : low + (high - low) * Double(k) / Double(pieces)
                let g = unrested(next).excess
                if f == 0 || (f < 0) != (g < 0) {
                    let root = f == 0 ? x : bisect(x, next, f)
                    found.append(Candidate(duration: unrested(root).duration, cruise: root, rest: 0))
                }
                (x, f) = (next, g)
            }
            if f == 0 { found.append(Candidate(duration: unrested(x).duration, cruise: x, rest: 0)) }
        }
        return found.sorted { $0.duration < $1.duration }.map {
            var candidate = $0
            candidate.duration += lead?.duration ?? 0
            return candidate
        }
    }

    private func bisect(_ low: Double, _ high: Double, _ value: Double) -> Double {
        var (low, high) = (low, high)
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if middle == low || middle == high { break }
            if (unrested(middle).excess < 0) == (value < 0) { low = middle } else { high = middle }
        }
        return abs(unrested(low).excess) < abs(unrested(high).excess) ? low : high
    }

    /// The profile of a duration; nil when there is none.
    func profile(duration: Double) -> JerkLimitedProfile? {
        let time = duration - (lead?.duration ?? 0)
        let tolerance = 1e-9 * max(1, time)
        func slack(_ cruise: Double) -> Double { time - unrested(cruise).duration }

        // where both changes fit into the time: an interval around the cruising velocity that takes the least
        var inner = (low: -limits.velocity, high: limits.velocity)
        for _ in 0..<100 {
            let third = (inner.high - inner.low) / 3
            let (x, y) = (inner.low + third, inner.high - third)
            if unrested(x).duration <= unrested(y).duration { inner.high = y } else { inner.low = x }
        }
        let quickest = (inner.low + inner.high) / 2
        guard slack(quickest) >= -tolerance else { return nil }
        func border(towards limit: Double) -> Double {
            guard slack(limit) < 0 else { return limit }
            var (inside, outside) = (quickest, limit)
            for _ in 0..<80 {
                let middle = (inside + outside) / 2
                if slack(middle) >= 0 { inside = middle } else { outside = middle }
            }
            return inside
        }

        // within it the way in the given time grows with the cruising velocity
        func excess(_ cruise: Double) -> Double {
            let (excess, needed) = unrested(cruise)
            return excess + cruise * max(time - needed, 0)
        }
        var (low, high) = (border(towards: -limits.velocity), border(towards: limits.velocity))
        let (below, above) = (excess(low), excess(high))
        let near = 1e-9 * max(1, abs(way))
        guard below <= near, above >= -near else { return nil }
        var cruise = below > 0 ? low : above < 0 ? high : low
        if below < 0 && above > 0 {
            for _ in 0..<80 {
                cruise = (low + high) / 2
                if excess(cruise) < 0 { low = cruise } else { high = cruise }
            }
        }
        return profile(cruise: cruise, rest: max(slack(cruise), 0))
    }

    func profile(_ candidate: Candidate) -> JerkLimitedProfile {
        profile(cruise: candidate.cruise, rest: candidate.rest)
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
