import Foundation

func cubeRoot(_ x: Double) -> Double { cbrt(x) }

/// One joint from a state to another as phases of constant jerk, within limits of velocity, acceleration and jerk.
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
